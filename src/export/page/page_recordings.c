/* SPDX-License-Identifier: MIT
 * Which recordings a page is about, and where it runs. */
#include "export/page/page.h"

#include "analysis/names.h"
#include "export/page/payload_text.h"

int page_recordings(const struct page_source *sources, size_t count, const char *const *limits,
                    struct payload *out, struct failure *f) {
    struct payload_text text;
    if (payload_text_begin(&text) != 0)
        return failure_set(f, "cannot list the recordings: out of memory");
    ex_json_open(&text.json, NULL, '{');
    ex_json_number(&text.json, "schema", 1);
    ex_json_text(&text.json, "generator", "heapwise " HEAPWISE_VERSION);
    ex_json_text(&text.json, "mode", limits != NULL ? "file" : "server");
    ex_json_open(&text.json, "recordings", '[');
    for (size_t i = 0; i < count; i++) {
        const char *executable = rec_process(sources[i].file)->executable;
        ex_json_open(&text.json, NULL, '{');
        ex_json_number(&text.json, "id", i);
        ex_json_text(&text.json, "path", sources[i].path);
        ex_json_text(&text.json, "name", an_name_base(sources[i].path));
        ex_json_text(&text.json, "program", executable != NULL ? an_name_base(executable) : NULL);
        ex_json_close(&text.json, '}');
    }
    ex_json_close(&text.json, ']');
    ex_json_open(&text.json, "limits", '[');
    for (size_t i = 0; limits != NULL && limits[i] != NULL; i++)
        ex_json_text(&text.json, NULL, limits[i]);
    ex_json_close(&text.json, ']');
    ex_json_close(&text.json, '}');
    return payload_text_finish(&text, out, f);
}
