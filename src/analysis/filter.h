/* SPDX-License-Identifier: MIT
 * Filters: which call stacks count. A filter is a POSIX extended regular expression on the
 * functions (demangled), files or modules of a stack's frames; one that begins with '!' is negated.
 */
#ifndef HEAPWISE_ANALYSIS_FILTER_H
#define HEAPWISE_ANALYSIS_FILTER_H

#include <regex.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/frames.h"
#include "analysis/profile.h"
#include "base/failure.h"

enum an_filter_subject {
    AN_FILTER_FUNCTION,
    AN_FILTER_FILE,
    AN_FILTER_MODULE,
    AN_FILTER_ANY, /* any of the three: what pprof calls focus, and negated, ignore */
};

struct an_filter {
    enum an_filter_subject subject;
    int negated;
    regex_t regex;
};

#define AN_FILTERS_MAX 32 /* filters of one question: one bit each */

int an_filter_init(struct an_filter *x, enum an_filter_subject subject, const char *pattern,
                   struct failure *f);
void an_filter_release(struct an_filter *x);

/* One byte for each function: whether the filter's expression matches it ('!' changes nothing
 * here). The caller frees it; NULL when memory is out. */
uint8_t *an_filter_functions(const struct an_filter *x, struct an_frames *frames);

enum an_hiding {
    AN_HIDE_MATCHES, /* pprof's hide: frames that match are left out */
    AN_SHOW_MATCHES, /* pprof's show: only frames that match are left */
};

/* Leaves frames out of the stack trees that are made of `frames` from now on. Of several calls each may
 * hide more. What a stack came to does not change; with all its frames hidden it stands at the root. */
int an_filter_hide(struct an_frames *frames, const struct an_filter *x, enum an_hiding hiding,
                   struct failure *f);

/* One byte for each node: 1 when its stack passes all filters. The caller frees it; NULL on
 * failure. */
uint8_t *an_filter_nodes(struct rec_file *r, struct an_frames *frames,
                         const struct an_filter *filters, size_t count, struct failure *f);
/* Clears the bytes of nodes of which any block was ever freed, or that never had one. */
int an_filter_nodes_leaked(uint8_t *pass, size_t node_count, struct rec_file *r, struct failure *f);
/* Removes the entries of a profile whose nodes do not pass, and makes its sum anew. */
void an_filter_profile(struct an_profile *p, const uint8_t *pass);

#endif
