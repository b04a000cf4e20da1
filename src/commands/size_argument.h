/* SPDX-License-Identifier: MIT
 * Sizes on the command line: 100, 64K, 1.5M, 2G; B, KB and KiB and so on may follow. All units are
 * binary, as everywhere in heapwise. */
#ifndef HEAPWISE_COMMANDS_SIZE_ARGUMENT_H
#define HEAPWISE_COMMANDS_SIZE_ARGUMENT_H

#include <stdint.h>

/* Returns 0, or -1 when `text` is no size. */
int size_argument_parse(const char *text, uint64_t *bytes);

#endif
