/* SPDX-License-Identifier: MIT
 * What other commands use of heapwise report. */
#ifndef HEAPWISE_COMMANDS_REPORT_H
#define HEAPWISE_COMMANDS_REPORT_H
#include <stdio.h>
int report_print_summary(const char *path, FILE *to);
#endif
