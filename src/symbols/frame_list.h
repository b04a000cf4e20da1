/* SPDX-License-Identifier: MIT
 * What one worker has found: frames, and for each address asked for which of them are its own. */
#ifndef HEAPWISE_SYMBOLS_FRAME_LIST_H
#define HEAPWISE_SYMBOLS_FRAME_LIST_H

#include "recording/tables.h"
#include "symbols/name_pool.h"

/* One address to resolve. */
struct sym_lookup {
    uint64_t address; /* in the file's own terms, one less than a return address */
    uint32_t index;   /* in the table of all addresses */
    /* The answer: frames[first .. first + count) of the worker. */
    uint32_t first, count;
    /* 1: the symbol table may have a better name than the outermost frame's. */
    uint32_t prefers_symbol;
};

/* All zero is an empty list. */
struct sym_frame_list {
    struct rec_frame *frames;
    size_t count, capacity;
    struct sym_name_pool names;
    int out_of_memory; /* sticky: the caller looks once, at the end */
    /* Called after every unit of work, with how many addresses it answered; NULL: never. */
    void (*advanced)(void *context, size_t addresses);
    void *advanced_context;
};

/* Appends one frame; `function` and `file` must be in the list's pool or NULL. */
void sym_frame_list_push(struct sym_frame_list *list, const char *function, const char *file,
                         uint32_t line, uint32_t inlined);

/* A string of the list's pool; NULL for NULL or when memory is out. */
const char *sym_frame_list_name(struct sym_frame_list *list, const char *name, size_t length);

void sym_frame_list_release(struct sym_frame_list *list);

#endif
