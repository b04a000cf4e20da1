/* SPDX-License-Identifier: MIT
 * What the pages of heapwise read: a recording's tables and the answers to questions, as payloads
 * that docs/http-api.md specifies. The server sends them, and an HTML file embeds them.
 *
 * Nouns:
 *   row     a path of source-level frames from the outermost in; row 0 is the root. The rows of a
 *           recording are those of all its call stacks that ever allocated, so that they are the
 * same in the answers to all questions page    a recording with its rows
 *
 * Invariants: row_of_node[n] < row_count for every node n; a row's parent has a smaller index. Once
 * made a page does not change but through page_release, so that threads may share it. */
#ifndef HEAPWISE_EXPORT_PAGE_PAGE_H
#define HEAPWISE_EXPORT_PAGE_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/frames.h"
#include "analysis/question.h"
#include "analysis/suppressions.h"
#include "base/failure.h"
#include "export/page/container.h"
#include "recording/reader.h"

struct page {
    struct rec_file *file;
    const char *path; /* of the recording, as it was named */
    struct an_frames frames;
    uint32_t *row_parent, *row_frame; /* REC_NONE: the root */
    size_t row_count;
    uint32_t *row_of_node;
    uint32_t *suppressed; /* by node: not 0 where a rule suppresses leaks; NULL: nowhere */
    size_t node_count;
    uint32_t pruned_function; /* stands for stacks that a file leaves out; REC_NONE: none */
    enum container_style style;
};

/* What a page is made of. */
struct page_source {
    struct rec_file *file;
    const char *path;
    const struct an_suppressions *rules; /* whose leaks are not told of; they count nothing here */
};

/* Loads what all questions share; symbols must have been provided. */
int page_init(struct page *p, const struct page_source *source, struct failure *f);
void page_release(struct page *p);

/* The same recording with fewer rows (page_prune.c): rows whose stacks come, with all below them,
 * to no more than `least` parts of PAGE_WHOLE of any cost are merged into a row "(pruned)" of their
 * parent. Sums stay exact. With 0 all rows stay. Packed, for a file. */
#define PAGE_WHOLE 1000000000u
int page_prune(struct page *out, const struct page *p, const struct an_profile *whole,
               uint32_t least, struct failure *f);

/* The payloads, each in its own file. */
int page_tables(const struct page *p, struct payload *out, struct failure *f);
/* `profile` is the answer to a question of this recording. */
int page_profile(const struct page *p, enum container_style style, const struct an_profile *profile,
                 const struct an_question *question, struct payload *out, struct failure *f);

/* The costs of a profile by row, ascending; `node` of each is its row. The caller frees them. */
struct an_costs *page_costs_by_row(const struct page *p, const struct an_profile *profile,
                                   size_t *count, struct failure *f);
/* At most PAGE_HISTORY_POINTS_MAX moments of the question's range. */
#define PAGE_HISTORY_POINTS_MAX 256
int page_history(const struct page *p, const struct an_question *question, size_t points,
                 struct payload *out, struct failure *f);
int page_histogram(const struct page *p, const struct an_question *question, struct payload *out,
                   struct failure *f);
int page_threads(const struct page *p, const struct an_question *question, struct payload *out,
                 struct failure *f);

/* A histogram as a member of an object; blocks that never ended are a bucket of their own. */
struct page_never {
    uint64_t count, bytes;
};
void page_put_histogram(struct ex_json *j, const char *key, const struct rec_histogram *h,
                        const struct page_never *never);

/* Consecutive stretches of the run, for ranges in a file (page_slices.c). */
struct page_slices {
    size_t count;
    uint64_t *borders; /* ms; count + 1 */
    uint64_t longest;  /* ms between two of them */
    struct an_profile *profiles;
};
/* So many stretches, and more where the program's first marks cut them. */
#define PAGE_MARK_BORDERS_MAX 64
/* Without slices (count 0) where the recording does not know its events. */
int page_slices_init(struct page_slices *s, const struct page *p, size_t wanted,
                     const struct an_watch *watch, struct failure *f);
void page_slices_release(struct page_slices *s);
int page_slices(const struct page *p, const struct page_slices *slices, struct payload *out,
                struct failure *f);

/* These need no rows, so that they can be had while those are made. */
int page_facts(const struct page_source *source, struct payload *out, struct failure *f);
/* `limits`: sentences on what a file cannot answer, NULL-terminated; NULL for a server. */
int page_recordings(const struct page_source *sources, size_t count, const char *const *limits,
                    struct payload *out, struct failure *f);
/* At most `points` points of from <= t < to. */
int page_timeline(struct rec_file *r, uint64_t from, uint64_t to, size_t points,
                  struct payload *out, struct failure *f);

#endif
