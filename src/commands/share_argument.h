/* SPDX-License-Identifier: MIT
 * Shares on the command line: 5%, 0.5 %. */
#ifndef HEAPWISE_COMMANDS_SHARE_ARGUMENT_H
#define HEAPWISE_COMMANDS_SHARE_ARGUMENT_H

/* 5% is 0.05. Returns 0, or -1 when `text` is no share. */
int share_argument_parse(const char *text, double *share);

#endif
