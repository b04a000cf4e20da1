/* SPDX-License-Identifier: MIT
 * Leaks that are known and not to be told of: rules in LeakSanitizer's syntax
 * (docs/suppressions.md).
 *
 *   rule     "leak:" PATTERN; lines that are empty or begin with # say nothing
 *   PATTERN  text that a function's readable or linkage name, its source file, or its module's path
 *            must hold; '*' stands for any characters, '^' at the start for the name's start, '$'
 * at the end for its end
 *
 * A rule suppresses the leaks of each call stack of which any frame matches. Of a stack that
 * several rules match, the one counts that matches the innermost frame; of several there, the
 * first.
 *
 * Use: add what there is, find the nodes, ask (question.h), an_suppress on the answer, release. */
#ifndef HEAPWISE_ANALYSIS_SUPPRESSIONS_H
#define HEAPWISE_ANALYSIS_SUPPRESSIONS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/frames.h"
#include "analysis/profile.h"
#include "base/failure.h"
#include "recording/reader.h"

struct an_suppression {
    char *pattern;
    char *from;                     /* the file that it stands in */
    uint64_t stacks, blocks, bytes; /* what an_suppress took off by it */
};

struct an_suppressions {
    struct an_suppression *list;
    size_t count, capacity;
    uint64_t blocks, bytes; /* the sums */
};

/* All zero is the empty list. */
void an_suppressions_release(struct an_suppressions *s);

/* Each returns -1 on a line that is no rule (the failure names it), or when memory is out. */
int an_suppressions_add_text(struct an_suppressions *s, const char *text, const char *from,
                             struct failure *f);
int an_suppressions_add_file(struct an_suppressions *s, const char *path, struct failure *f);
/* What the program itself declares by __lsan_default_suppressions, kept in the recording. Lines
 * that are no rules are passed over, for nobody can change them now. */
int an_suppressions_add_recorded(struct an_suppressions *s, const struct rec_file *r,
                                 struct failure *f);

/* The same rules as those of `from`, which have not counted anything. */
int an_suppressions_add_rules(struct an_suppressions *s, const struct an_suppressions *from,
                              struct failure *f);

/* By node: 0, or the number of the rule that suppresses its leaks (the first has 1). NULL in *out
 * when there are no rules. The caller frees it. */
int an_suppressed_nodes(uint32_t **out, const struct an_suppressions *s, struct rec_file *r,
                        struct an_frames *frames, struct failure *f);

/* Takes the leaks of suppressed stacks out of an answer: their leaked_blocks and leaked_bytes, in
 * the entries, in `sum` and in `all`, and counts them in the rules. `rule_of` is what
 * an_suppressed_nodes gave; `s` NULL: nothing is counted. */
void an_suppress(struct an_suppressions *s, const uint32_t *rule_of, struct an_profile *p);

/* Whether a pattern matches a text. */
int an_pattern_matches(const char *pattern, const char *text);

#endif
