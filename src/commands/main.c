/* SPDX-License-Identifier: MIT
 * heapwise: finds the subcommand and runs it. A first word that is no subcommand is a program to
 * run. */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"

const struct command commands[] = {
    {"run", command_run, "record a program, then print where its memory went (the default)"},
    {"report", command_report, "print a recording: text or JSON"},
    {"view", command_view, "show a recording in the browser"},
    {"html", command_html, "write the same pages into one HTML file"},
    {"export", command_export, "write a recording in another program's format"},
    {"diff", command_diff, "what changed between two recordings"},
    {"check", command_check, "hold recordings against budgets"},
    {"import", command_import, "turn a file of another heap profiler into a recording"},
    {"fsck", command_fsck, "check a recording, or repair a damaged one"},
    {NULL, NULL, NULL},
};

static void help(FILE *to) {
    fputs("Usage: heapwise [run] [OPTION…] PROGRAM [ARGUMENT…]\n"
          "       heapwise COMMAND …\n"
          "\n"
          "Records every allocation of a program with its whole call stack, and shows where the "
          "memory\n"
          "went. The program needs no rebuild.\n"
          "\n"
          "Commands:\n",
          to);
    for (const struct command *c = commands; c->name != NULL; c++)
        fprintf(to, "  %-8s  %s\n", c->name, c->summary);
    fputs("\n"
          "Options:\n"
          "  --help      this text; heapwise COMMAND --help tells of one command\n"
          "  --version   the version\n"
          "\n"
          "Start with:  heapwise ./app\n",
          to);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("heapwise " HEAPWISE_VERSION);
        return 0;
    }
    for (const struct command *c = commands; c->name != NULL; c++)
        if (strcmp(argv[1], c->name) == 0) return c->run(argc - 1, argv + 1);
    argv[0] = (char[]){"run"};
    return command_run(argc, argv);
}
