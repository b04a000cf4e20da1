/* SPDX-License-Identifier: MIT
 * speedscope's own format: one profile for each cost, written as a walk through its call tree.
 * Where other profiles have time there are bytes (or calls): a function is open for as long as it
 * and what it calls have amounts to tell. So the file grows with the tree and not with the stacks.
 */
#include <inttypes.h>

#include "export/export.h"
#include "export/json_text.h"
#include "export/row_walk.h"
#include "recording/reader.h"

static const char *const titles[AN_COSTS] = {
    [AN_PEAK] = "peak: bytes alive at the peak",
    [AN_LEAKED] = "leaked: bytes never freed",
    [AN_ALLOCATED] = "allocated: bytes",
    [AN_CALLS] = "calls: number of allocations",
    [AN_TEMPORARY] = "temporary: number of blocks",
    [AN_FAILED] = "failed: number of calls",
    [AN_ALIVE] = "alive: bytes",
    [AN_FREED] = "freed: bytes",
    [AN_LATER] = "later: bytes freed after the range",
};

static void put_frames(struct ex_json *j, struct ex_export *e) {
    const struct an_frames *t = e->frames;
    ex_json_open(j, "frames", '[');
    for (size_t i = 0; i < t->function_count; i++) {
        ex_json_open(j, NULL, '{');
        ex_json_text(j, "name", ex_function_label(e, (uint32_t)i));
        if (t->functions[i].file != NULL) ex_json_text(j, "file", t->functions[i].file);
        ex_json_close(j, '}');
    }
    ex_json_open(j, NULL, '{');
    ex_json_text(j, "name", ex_function_label(e, REC_NONE));
    ex_json_close(j, '}');
    ex_json_close(j, ']');
}

static void put_event(FILE *out, int *is_first, char type, size_t frame, uint64_t at) {
    fprintf(out, "%s{\"type\":\"%c\",\"frame\":%zu,\"at\":%" PRIu64 "}", *is_first ? "\n" : ",\n",
            type, frame, at);
    *is_first = 0;
}

static int put_profile(struct ex_json *j, struct ex_export *e, enum an_cost cost,
                       struct failure *f) {
    struct ex_row_walk walk;
    uint64_t at = 0;
    uint32_t row;
    int is_first = 1;
    if (ex_row_walk_init(&walk, &e->sites, cost, f) != 0) return -1;
    ex_json_open(j, NULL, '{');
    ex_json_text(j, "type", "evented");
    ex_json_text(j, "name", titles[cost]);
    ex_json_text(j, "unit", an_cost_unit(cost) == AN_UNIT_BYTES ? "bytes" : "none");
    ex_json_number(j, "startValue", 0);
    ex_json_number(j, "endValue", walk.total[0]);
    ex_json_open(j, "events", '[');
    for (enum ex_walk_step step; (step = ex_row_walk_next(&walk, &row)) != EX_WALK_DONE;) {
        put_event(j->out, &is_first, step == EX_WALK_ENTER ? 'O' : 'C', walk.rows[row].function,
                  at);
        if (step == EX_WALK_ENTER) at += walk.own[row];
    }
    if (walk.own[0] > 0) {
        put_event(j->out, &is_first, 'O', e->frames->function_count, at);
        put_event(j->out, &is_first, 'C', e->frames->function_count, at + walk.own[0]);
    }
    ex_json_close(j, ']');
    ex_json_close(j, '}');
    ex_row_walk_release(&walk);
    return 0;
}

int ex_speedscope(FILE *out, struct ex_export *e, struct failure *f) {
    struct ex_json j = {.out = out, .first = 1};
    ex_json_open(&j, NULL, '{');
    ex_json_text(&j, "$schema", "https://www.speedscope.app/file-format-schema.json");
    ex_json_text(&j, "exporter", "heapwise " HEAPWISE_VERSION);
    ex_json_text(&j, "name", e->path);
    ex_json_number(&j, "activeProfileIndex", 0);
    ex_json_open(&j, "shared", '{');
    put_frames(&j, e);
    ex_json_close(&j, '}');
    ex_json_open(&j, "profiles", '[');
    for (int cost = 0; cost < AN_COSTS; cost++)
        if (ex_cost_is_asked(e, (enum an_cost)cost) &&
            put_profile(&j, e, (enum an_cost)cost, f) != 0)
            return -1;
    ex_json_close(&j, ']');
    ex_json_close(&j, '}');
    fputc('\n', out);
    return 0;
}
