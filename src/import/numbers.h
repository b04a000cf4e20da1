/* SPDX-License-Identifier: MIT
 * Numbers in the lines of text formats, read from a cursor that moves on. */
#ifndef HEAPWISE_IMPORT_NUMBERS_H
#define HEAPWISE_IMPORT_NUMBERS_H

#include <stdint.h>

/* Skips blanks, then reads digits; 0, or -1 when there is no number or it has more than 64 bits. */
int im_take_hex(const char **at, uint64_t *value);
int im_take_decimal(const char **at, uint64_t *value);
/* Skips blanks, then one text that must be there. 0 or -1. */
int im_take_text(const char **at, const char *text);

#endif
