/* SPDX-License-Identifier: MIT
 * Sizes for people: "0 B", "1023 B", "1.00 KiB", "34.5 MiB". */
#ifndef HEAPWISE_BASE_SIZES_H
#define HEAPWISE_BASE_SIZES_H

#include <stddef.h>
#include <stdint.h>

/* Writes `bytes` with three significant digits and a binary unit; `text` needs 16 bytes. */
void size_text(char *text, size_t text_bytes, uint64_t bytes);

#endif
