/* SPDX-License-Identifier: MIT
 * Opens recordings named on the command line. See recording_argument.h. */
#include "commands/recording_argument.h"

#include "commands/progress.h"
#include "import/import.h"

int recording_argument_open(struct rec_file **out, const char *name, struct failure *f) {
    struct progress progress;
    progress_start(&progress, "reading the file");
    int failed = im_open(out, name, &(struct im_progress){progress_tell, &progress}, f);
    progress_end(&progress);
    return failed;
}

int recording_argument_open_difference(struct rec_file **before, struct rec_file **after,
                                       const char *name, struct failure *f) {
    struct progress progress;
    progress_start(&progress, "reading the file");
    int failed =
        im_open_difference(before, after, name, &(struct im_progress){progress_tell, &progress}, f);
    progress_end(&progress);
    return failed;
}
