/* SPDX-License-Identifier: MIT
 * What a recording that was made from another tool's file can tell. What it cannot is shown as not
 * known, never as a number. */
#ifndef HEAPWISE_ANALYSIS_KNOWN_H
#define HEAPWISE_ANALYSIS_KNOWN_H

#include "analysis/cost.h"
#include "recording/reader.h"

/* Whether the main figure of a cost is known, respectively the second one. */
int an_cost_known(const struct rec_file *r, enum an_cost c);
int an_cost_second_known(const struct rec_file *r, enum an_cost c);

/* The words for the bits of enum rec_known, as machines read them ("leaked_blocks") and as people
 * do
 * ("number of leaked blocks"), by the number of the bit. */
extern const char *const an_known_names[REC_KNOWN_COUNT];
extern const char *const an_known_words[REC_KNOWN_COUNT];

/* Sets every total that is not known to AN_UNKNOWN (profile.h). */
void an_totals_forget(struct rec_totals *t, const struct rec_file *r);

#endif
