/* SPDX-License-Identifier: MIT
 * Writes a frame. See json_frame.h. */
#include "export/json_frame.h"

#include <inttypes.h>

#include "analysis/names.h"

void ex_json_frame(struct ex_json *j, struct an_frames *t, uint32_t frame) {
    const struct an_frame *x = &t->frames[frame];
    const struct an_function *n = &t->functions[x->function];
    ex_json_text(j, "function", an_name_full(t, x->function));
    ex_json_text(j, "file", n->file);
    if (x->line > 0)
        ex_json_number(j, "line", x->line);
    else
        ex_json_null(j, "line");
    ex_json_text(j, "module", an_name_module(t, n->module));
    ex_json_bool(j, "inlined", x->inlined);
    if (n->name == NULL && !n->stopped) {
        ex_json_next(j, "address");
        fprintf(j->out, "\"0x%" PRIx64 "\"", n->offset);
    }
    if (n->stopped) ex_json_bool(j, "callers_unknown", 1);
}
