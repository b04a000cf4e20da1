/* SPDX-License-Identifier: MIT
 * `heapwise fsck`: whether a recording is whole, and a whole one made from what is left of it. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "commands/progress.h"
#include "import/import.h"
#include "recording/reader.h"

int command_fsck(int argc, char **argv);

static const char help[] =
    "Usage: heapwise fsck [--repair OUT] FILE\n"
    "\n"
    "Checks everything in a recording: every checksum, every table, and whether its summary says\n"
    "what its events say. Of another tool's file the recording is checked that is made of it.\n"
    "\n"
    "  --repair OUT   write to OUT a whole recording of all that can be read of FILE; FILE itself\n"
    "                 is not changed\n"
    "  --help         this text\n"
    "\n"
    "Exit status: 0 FILE is whole (with --repair: OUT was written), 1 FILE is damaged or cannot be\n"
    "read, 2 wrong usage.\n";

static int usage_error(const char *what, const char *which) {
    fprintf(stderr, "heapwise: fsck: %s%s; see heapwise fsck --help\n", what, which);
    return 2;
}

static int repair(const char *path, const char *out) {
    struct failure f;
    struct rec_file *r;
    if (rec_repair(path, out, &f) < 0 || rec_open(&r, out, &f) < 0) {
        fprintf(stderr, "heapwise: fsck: cannot repair %s: %s\n", path, f.text);
        return 1;
    }
    const struct rec_totals *t = rec_totals(r);
    printf("%s: written, with %llu events of the first %llu.%03llu s\n", out,
           (unsigned long long)t->events, (unsigned long long)(t->duration_ms / 1000),
           (unsigned long long)(t->duration_ms % 1000));
    rec_close(r);
    return 0;
}

int command_fsck(int argc, char **argv) {
    static const struct option options[] = {{"repair", required_argument, NULL, 'r'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *out = NULL;
    opterr = 0;
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "+:h", options, NULL)) != -1;) {
        switch (option) {
        case 'r': out = optarg; break;
        case 'h': fputs(help, stdout); return 0;
        case ':': return usage_error("missing the name of the file to write after ", argv[optind - 1]);
        default: return usage_error("unknown option ", argv[optind - 1]);
        }
    }
    if (optind + 1 != argc)
        return usage_error(optind == argc ? "no file given" : "more than one file given: ",
                           optind == argc ? "" : argv[optind + 1]);
    const char *path = argv[optind];
    struct failure f;
    struct progress progress;
    progress_start(&progress, "checking");
    int result = im_check(path, &(struct im_progress){progress_tell, &progress}, &f);
    progress_end(&progress);
    if (result == 0)
        printf("%s: whole\n", path);
    else
        fprintf(stderr, "heapwise: %s: %s%s\n", path, result == 1 ? "damaged: " : "", f.text);
    if (out != NULL && result >= 0) return repair(path, out);
    return result == 0 ? 0 : 1;
}
