/* SPDX-License-Identifier: MIT
 * The life of a profile. See profile.h. */
#include "analysis/profile.h"

#include <stdlib.h>
#include <string.h>

void an_profile_release(struct an_profile *p) {
    free(p->entries);
    memset(p, 0, sizeof *p);
}

void an_profile_sum(struct an_profile *p) {
    p->sum = an_costs_none(0);
    for (size_t i = 0; i < p->count; i++)
        an_costs_add(&p->sum, &p->entries[i]);
}
