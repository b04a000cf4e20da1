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
    size_t node_count;
};

/* Loads what all questions share; symbols must have been provided. */
int page_init(struct page *p, struct rec_file *r, const char *path, struct failure *f);
void page_release(struct page *p);

/* The payloads, each in its own file. */
int page_tables(const struct page *p, struct payload *out, struct failure *f);
/* `profile` is the answer to a question of this recording. */
int page_profile(const struct page *p, const struct an_profile *profile,
                 const struct an_question *question, struct payload *out, struct failure *f);

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

struct page_source {
    struct rec_file *file;
    const char *path;
};

/* These need no rows, so that they can be had while those are made. */
int page_facts(struct rec_file *r, const char *path, struct payload *out, struct failure *f);
/* `mode`: "server" or "file". */
int page_recordings(const struct page_source *sources, size_t count, const char *mode,
                    struct payload *out, struct failure *f);
/* At most `points` points of from <= t < to. */
int page_timeline(struct rec_file *r, uint64_t from, uint64_t to, size_t points,
                  struct payload *out, struct failure *f);

#endif
