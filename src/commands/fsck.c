/* SPDX-License-Identifier: MIT
 * `heapwise fsck`: checks a recording. */
#include <stdio.h>

#include "commands/commands.h"
#include "recording/reader.h"

int command_fsck(int argc, char **argv) {
    struct failure f = {""};
    if (argc != 2) {
        fputs("heapwise: fsck: which recording? Give its file: heapwise fsck FILE.heapwise\n", stderr);
        return 2;
    }
    int damage = rec_check(argv[1], &f);
    if (damage != 0) fprintf(stderr, "heapwise: %s\n", f.text);
    return damage != 0;
}
