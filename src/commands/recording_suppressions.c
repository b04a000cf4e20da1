/* SPDX-License-Identifier: MIT
 * Reads suppressions. See recording_suppressions.h. */
#include "commands/recording_suppressions.h"

int recording_suppressions_read(struct an_suppressions *s, const struct rec_file *r,
                                const struct question_options *o, struct failure *f) {
    for (size_t i = 0; i < o->suppression_count; i++)
        if (an_suppressions_add_file(s, o->suppressions[i], f) != 0) return -1;
    return o->no_suppressions ? 0 : an_suppressions_add_recorded(s, r, f);
}
