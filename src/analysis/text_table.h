/* SPDX-License-Identifier: MIT
 * Texts by number: equal texts have one number, whatever recording they come from. */
#ifndef HEAPWISE_ANALYSIS_TEXT_TABLE_H
#define HEAPWISE_ANALYSIS_TEXT_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct an_text_table {
    char **texts;
    size_t count, capacity;
    uint32_t *slots; /* open addressing; number + 1, 0 is free */
    size_t slot_count;
};

void an_text_table_release(struct an_text_table *t);
/* The number of a text, new or known; UINT32_MAX when memory is out. */
uint32_t an_text_table_number(struct an_text_table *t, const char *text);

#endif
