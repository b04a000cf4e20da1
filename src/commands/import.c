/* SPDX-License-Identifier: MIT
 * `heapwise import`: another tool's file as a recording that is kept. Every other command reads such
 * files as they are; a large one that is asked often opens faster as a recording. */
#include <getopt.h>
#include <stdio.h>
#include <sys/stat.h>

#include "commands/commands.h"
#include "commands/progress.h"
#include "import/import.h"

static const char help[] =
    "Usage: heapwise import -o OUT FILE\n"
    "\n"
    "Turns a file of another heap profiler into a recording. That is not needed to look at it: every\n"
    "command takes such files as they are. But a recording opens at once.\n"
    "\n"
    "FILE may be of heaptrack, massif, DHAT, pprof, jemalloc, gperftools, or collapsed stacks; plain\n"
    "or compressed by gzip or zstd; it is told by its content. FILE - is standard input.\n"
    "docs/import.md tells what each of them keeps.\n"
    "\n"
    "  -o, --output OUT   the recording to write\n"
    "      --help         this text\n";

static int usage_error(const char *what, const char *which) {
    fprintf(stderr, "heapwise: import: %s%s; see heapwise import --help\n", what, which);
    return 2;
}

static int same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int convert(const char *path, const char *out) {
    struct failure f = {""};
    struct progress progress;
    if (same_file(path, out)) return usage_error("OUT is FILE itself: ", out);
    progress_start(&progress, "reading the file");
    int result = im_convert(path, out, &(struct im_progress){progress_tell, &progress}, &f);
    progress_end(&progress);
    if (result == 0) return 0;
    if (result == 1) {
        fprintf(stderr, "heapwise: import: %s is a recording already\n", path);
        return 1;
    }
    fprintf(stderr, "heapwise: %s\n", f.text);
    return 1;
}

int command_import(int argc, char **argv) {
    static const struct option options[] = {{"output", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char *out = NULL;
    opterr = 0;
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, ":o:h", options, NULL)) != -1;) {
        switch (option) {
        case 'o': out = optarg; break;
        case 'h': fputs(help, stdout); return 0;
        case ':': return usage_error("a value is missing after ", argv[optind - 1]);
        default: return usage_error("unknown option ", argv[optind - 1]);
        }
    }
    if (optind + 1 != argc)
        return usage_error(optind == argc ? "no file given" : "one file at a time, not ",
                           optind == argc ? "" : argv[optind + 1]);
    if (out == NULL) return usage_error("where to? Name the recording to write: -o OUT", "");
    return convert(argv[optind], out);
}
