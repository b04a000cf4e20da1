/* SPDX-License-Identifier: MIT
 * What each thread's blocks came to. */
#include "export/page/page.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/thread_table.h"
#include "export/page/payload_text.h"

static void put_figure(struct ex_json *j, const struct page *p, uint32_t needs, const char *key,
                       uint64_t n) {
    if (rec_knows(p->file, needs))
        ex_json_number(j, key, n);
    else
        ex_json_null(j, key);
}

static void put_thread(struct ex_json *j, const struct page *p, const struct rec_thread *thread,
                       const struct an_thread_row *row) {
    const struct an_costs *c = &row->costs;
    char name[sizeof thread->name + 1] = "";
    memcpy(name, thread->name, sizeof thread->name);
    ex_json_open(j, NULL, '{');
    ex_json_number(j, "tid", thread->tid);
    ex_json_text(j, "name", name);
    put_figure(j, p, REC_KNOWS_CALLS, "allocations", c->allocations);
    put_figure(j, p, REC_KNOWS_ALLOCATED, "allocated_bytes", c->allocated_bytes);
    put_figure(j, p, REC_KNOWS_TEMPORARY, "temporary", c->temporary);
    put_figure(j, p, REC_KNOWS_TEMPORARY, "temporary_bytes", c->temporary_bytes);
    put_figure(j, p, REC_KNOWS_FAILED, "failed", c->failed);
    put_figure(j, p, REC_KNOWS_PEAK_BLOCKS, "peak_blocks", c->peak_blocks);
    put_figure(j, p, REC_KNOWS_PEAK, "peak_bytes", c->peak_bytes);
    put_figure(j, p, REC_KNOWS_LEAKED_BLOCKS, "leaked_blocks", c->leaked_blocks);
    put_figure(j, p, REC_KNOWS_LEAKED, "leaked_bytes", c->leaked_bytes);
    put_figure(j, p, REC_KNOWS_LEAKED_BLOCKS, "alive_blocks", c->alive_blocks);
    put_figure(j, p, REC_KNOWS_LEAKED, "alive_bytes", c->alive_bytes);
    put_figure(j, p, REC_KNOWS_FREES, "freed_blocks", row->ended_blocks);
    put_figure(j, p, REC_KNOWS_FREES, "freed_bytes", row->ended_bytes);
    ex_json_close(j, '}');
}

int page_threads(const struct page *p, const struct an_question *question, struct payload *out,
                 struct failure *f) {
    size_t count, thread_count;
    struct an_thread_row *rows;
    struct payload_text text;
    struct an_frames *frames = (struct an_frames *)&p->frames; /* all names are made */
    const struct rec_thread *threads = rec_threads(p->file, &thread_count);
    if (an_thread_table_ask(&rows, &count, p->file, question, p->suppressed, frames, f) != 0)
        return -1;
    if (payload_text_begin(&text) != 0) {
        free(rows);
        return failure_set(f, "cannot list the threads: out of memory");
    }
    ex_json_open(&text.json, NULL, '[');
    for (size_t i = 0; i < count && i < thread_count; i++)
        put_thread(&text.json, p, &threads[i], &rows[i]);
    ex_json_close(&text.json, ']');
    free(rows);
    return payload_text_finish(&text, out, f);
}
