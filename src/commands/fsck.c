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
    struct rec_file *r;
    if (rec_open(&r, argv[1], &f) != 0) {
        fprintf(stderr, "heapwise: %s\n", f.text);
        return 1;
    }
    const char *damage = rec_damage(r);
    if (damage != NULL) fprintf(stderr, "heapwise: %s\n", damage);
    rec_close(r);
    return damage != NULL;
}
