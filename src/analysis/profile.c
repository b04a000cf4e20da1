/* SPDX-License-Identifier: MIT
 * The life of a profile. See profile.h. */
#include "analysis/profile.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/cost.h"

void an_profile_release(struct an_profile *p) {
    free(p->owned);
    memset(p, 0, sizeof *p);
}

void an_profile_sum(struct an_profile *p) {
    memset(&p->sum, 0, sizeof p->sum);
    for (size_t i = 0; i < p->count; i++) an_totals_add(&p->sum, &p->entries[i]);
}
