/* SPDX-License-Identifier: MIT
 * A worker's frames. See frame_list.h. */
#include "symbols/frame_list.h"

#include <stdlib.h>
#include <string.h>

void sym_frame_list_push(struct sym_frame_list *list, const char *function, const char *file,
                         uint32_t line, uint32_t inlined) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4096 : list->capacity * 2;
        struct rec_frame *grown = NULL;
        if (capacity < UINT32_MAX) grown = realloc(list->frames, capacity * sizeof *grown);
        if (grown == NULL) {
            list->out_of_memory = 1;
            return;
        }
        list->frames = grown;
        list->capacity = capacity;
    }
    list->frames[list->count++] = (struct rec_frame){function, file, line, inlined};
}

const char *sym_frame_list_name(struct sym_frame_list *list, const char *name, size_t length) {
    if (name == NULL) return NULL;
    const char *kept = sym_name_pool_add(&list->names, name, length);
    if (kept == NULL) list->out_of_memory = 1;
    return kept;
}

void sym_frame_list_release(struct sym_frame_list *list) {
    free(list->frames);
    sym_name_pool_release(&list->names);
    memset(list, 0, sizeof *list);
}
