/* SPDX-License-Identifier: MIT
 * What the program told of itself, as JSON. See told.h. */
#include <inttypes.h>

#include "analysis/names.h"
#include "analysis/suppressions.h"
#include "export/told.h"

void ex_json_marks(struct ex_json *j, const struct ex_report *r, size_t most) {
    size_t count, thread_count;
    const struct rec_mark *marks = rec_marks(r->file, &count);
    const struct rec_thread *threads = rec_threads(r->file, &thread_count);
    ex_json_open(j, "marks", '[');
    for (size_t i = 0; i < count && i < most; i++) {
        const struct rec_mark *m = &marks[i];
        ex_json_open(j, NULL, '{');
        ex_json_text(j, "name", m->name);
        ex_json_number(j, "time_ms", m->tick);
        ex_json_number(j, "event", m->event);
        if (m->thread < thread_count)
            ex_json_number(j, "tid", threads[m->thread].tid);
        else
            ex_json_null(j, "tid");
        ex_json_number(j, "live_bytes", m->live_bytes);
        ex_json_number(j, "live_blocks", m->live_blocks);
        ex_json_number(j, "allocations", m->allocations);
        ex_json_number(j, "allocated_bytes", m->allocated_bytes);
        ex_json_bool(j, "snapshot", m->has_snapshot != 0);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

static void put_stack(struct ex_json *j, const struct ex_report *r, const struct rec_node *nodes,
                      uint32_t node) {
    ex_json_open(j, "stack", '[');
    for (; node != 0; node = nodes[node].parent) {
        size_t ids;
        const uint32_t *frames = an_frames_of(r->frames, nodes[node].address, &ids);
        for (size_t i = 0; i < ids; i++) {
            const struct an_frame *frame = &r->frames->frames[frames[i]];
            const struct an_function *function = &r->frames->functions[frame->function];
            ex_json_open(j, NULL, '{');
            ex_json_text(j, "function", an_name_full(r->frames, frame->function));
            ex_json_text(j, "file", function->file);
            if (frame->line > 0)
                ex_json_number(j, "line", frame->line);
            else
                ex_json_null(j, "line");
            ex_json_text(j, "module", an_name_module(r->frames, function->module));
            ex_json_bool(j, "inlined", frame->inlined);
            ex_json_close(j, '}');
        }
    }
    ex_json_close(j, ']');
}

static int put_forbidden(struct ex_json *j, const struct ex_report *r, struct failure *f) {
    size_t count, node_count;
    const struct rec_forbidden *list = rec_forbidden(r->file, &count, f);
    const struct rec_node *nodes = list == NULL ? NULL : rec_nodes(r->file, &node_count, f);
    if (nodes == NULL) return -1;
    ex_json_open(j, "forbidden", '[');
    for (size_t i = 0; i < count; i++) {
        ex_json_open(j, NULL, '{');
        ex_json_text(j, "inside", list[i].label);
        ex_json_number(j, "allocations", list[i].allocations);
        ex_json_number(j, "bytes", list[i].bytes);
        put_stack(j, r, nodes, list[i].node);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
    return 0;
}

void ex_json_suppressed(struct ex_json *j, const struct ex_report *r) {
    const struct an_suppressions *all = r->suppressions;
    const char *from;
    const char *embedded = rec_suppressions(r->file, &from);
    ex_json_open(j, "suppressed", '{');
    ex_json_number(j, "blocks", all != NULL ? all->blocks : 0);
    ex_json_number(j, "bytes", all != NULL ? all->bytes : 0);
    ex_json_text(j, "not_read", embedded != NULL && embedded[0] == '\0' ? from : NULL);
    ex_json_open(j, "rules", '[');
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        ex_json_open(j, NULL, '{');
        ex_json_text(j, "pattern", all->list[i].pattern);
        ex_json_text(j, "from", all->list[i].from);
        ex_json_number(j, "stacks", all->list[i].stacks);
        ex_json_number(j, "blocks", all->list[i].blocks);
        ex_json_number(j, "bytes", all->list[i].bytes);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
    ex_json_close(j, '}');
}

int ex_json_told(struct ex_json *j, const struct ex_report *r, struct failure *f) {
    ex_json_marks(j, r, SIZE_MAX);
    ex_json_suppressed(j, r);
    return put_forbidden(j, r, f);
}
