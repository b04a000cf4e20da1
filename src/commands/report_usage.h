/* SPDX-License-Identifier: MIT
 * The arguments of `heapwise report`, and its help. */
#ifndef HEAPWISE_COMMANDS_REPORT_USAGE_H
#define HEAPWISE_COMMANDS_REPORT_USAGE_H

#include "commands/report.h"

enum report_arguments {
    REPORT_ARGUMENTS_RUN,  /* go on */
    REPORT_ARGUMENTS_HELP, /* help was printed */
    REPORT_ARGUMENTS_BAD,  /* a usage error was printed */
};

enum report_arguments report_arguments_read(int argc, char **argv, struct report_options *o,
                                            const char **path);

#endif
