/* SPDX-License-Identifier: MIT
 * The subcommands of heapwise: one file each, all of them in the list in main.c. */
#ifndef HEAPWISE_COMMANDS_COMMANDS_H
#define HEAPWISE_COMMANDS_COMMANDS_H

/* argv[0] is the command's own name. Each returns the exit status: 0, 1 (the operation or the check
 * failed), 2 (used wrongly). */
int command_run(int argc, char **argv);
int command_report(int argc, char **argv);
int command_view(int argc, char **argv);
int command_html(int argc, char **argv);
int command_export(int argc, char **argv);
int command_import(int argc, char **argv);
int command_check(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_fsck(int argc, char **argv);

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};
extern const struct command commands[]; /* ends with a NULL name */

#endif
