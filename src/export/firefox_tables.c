/* SPDX-License-Identifier: MIT
 * The tables of a Firefox profile that name things. See firefox_tables.h. */
#include "export/firefox_tables.h"

#include <inttypes.h>

#include "analysis/names.h"
#include "export/pair_table.h"
#include "recording/reader.h"

void ex_firefox_constants(struct ex_json *j, const char *key, const char *value, size_t count) {
    ex_json_open(j, key, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) putc_unlocked(',', j->out);
        fputs(value, j->out);
    }
    ex_json_close(j, ']');
}

void ex_firefox_item(struct ex_json *j, size_t i, int64_t n) {
    fprintf(j->out, "%s%" PRId64, i > 0 ? "," : "", n);
}

void ex_firefox_stacks(struct ex_json *j, const struct ex_export *e) {
    const struct an_stack_tree *t = &e->sites.stacks;
    size_t count = t->row_count - 1;
    ex_json_open(j, "stackTable", '{');
    ex_json_number(j, "length", count);
    ex_json_open(j, "frame", '[');
    for (size_t i = 0; i < count; i++)
        ex_firefox_item(j, i, t->rows[i + 1].frame);
    ex_json_close(j, ']');
    ex_json_open(j, "prefix", '[');
    for (size_t i = 0; i < count; i++) {
        uint32_t parent = t->rows[i + 1].parent;
        if (parent != 0)
            ex_firefox_item(j, i, (int64_t)parent - 1);
        else
            fputs(i > 0 ? ",null" : "null", j->out);
    }
    ex_json_close(j, ']');
    ex_firefox_constants(j, "category", "0", count);
    ex_firefox_constants(j, "subcategory", "0", count);
    ex_json_close(j, '}');
}

void ex_firefox_frames(struct ex_json *j, const struct ex_export *e) {
    const struct an_frames *t = e->frames;
    ex_json_open(j, "frameTable", '{');
    ex_json_number(j, "length", t->frame_count);
    ex_json_open(j, "func", '[');
    for (size_t i = 0; i < t->frame_count; i++)
        ex_firefox_item(j, i, t->frames[i].function);
    ex_json_close(j, ']');
    ex_json_open(j, "line", '[');
    for (size_t i = 0; i < t->frame_count; i++) {
        if (t->frames[i].line != 0)
            ex_firefox_item(j, i, t->frames[i].line);
        else
            fputs(i > 0 ? ",null" : "null", j->out);
    }
    ex_json_close(j, ']');
    ex_json_open(j, "inlineDepth", '[');
    for (size_t i = 0; i < t->frame_count; i++)
        ex_firefox_item(j, i, t->frames[i].inlined);
    ex_json_close(j, ']');
    ex_firefox_constants(j, "address", "-1", t->frame_count);
    ex_firefox_constants(j, "category", "0", t->frame_count);
    ex_firefox_constants(j, "subcategory", "0", t->frame_count);
    ex_firefox_constants(j, "nativeSymbol", "null", t->frame_count);
    ex_firefox_constants(j, "innerWindowID", "0", t->frame_count);
    ex_firefox_constants(j, "implementation", "null", t->frame_count);
    ex_firefox_constants(j, "column", "null", t->frame_count);
    ex_json_close(j, '}');
}

int ex_firefox_functions(struct ex_json *j, struct ex_export *e, struct failure *f) {
    const struct an_frames *t = e->frames;
    struct ex_pair_table files = {0};
    size_t modules, count = t->function_count;
    rec_modules(e->file, &modules);
    ex_json_open(j, "funcTable", '{');
    ex_json_number(j, "length", count);
    ex_json_open(j, "name", '[');
    for (size_t i = 0; i < count; i++)
        ex_firefox_item(j, i, (int64_t)i);
    ex_json_close(j, ']');
    ex_json_open(j, "resource", '[');
    for (size_t i = 0; i < count; i++)
        ex_firefox_item(j, i, (int64_t)t->functions[i].module - 1);
    ex_json_close(j, ']');
    ex_json_open(j, "fileName", '[');
    for (size_t i = 0; i < count; i++) {
        const char *file = t->functions[i].file;
        uint32_t number = file != NULL ? ex_pair_number(&files, (uintptr_t)file, 0) : EX_NO_PAIR;
        if (number != EX_NO_PAIR)
            ex_firefox_item(j, i, (int64_t)(count + modules + 2 + number));
        else
            fputs(i > 0 ? ",null" : "null", j->out);
    }
    ex_json_close(j, ']');
    ex_firefox_constants(j, "isJS", "false", count);
    ex_firefox_constants(j, "relevantForJS", "false", count);
    ex_firefox_constants(j, "lineNumber", "null", count);
    ex_firefox_constants(j, "columnNumber", "null", count);
    ex_json_close(j, '}');
    ex_json_open(j, "stringArray", '[');
    for (size_t i = 0; i < count; i++)
        ex_json_text(j, NULL, ex_function_label(e, (uint32_t)i));
    for (size_t i = 0; i < modules; i++) {
        const char *path = an_name_module(t, (uint32_t)i);
        ex_json_text(j, NULL, path != NULL ? an_name_base(path) : "");
    }
    ex_json_text(j, NULL, "mark");
    ex_json_text(j, NULL, "snapshot");
    for (size_t i = 0; i < files.count; i++)
        ex_json_text(j, NULL, (const char *)(uintptr_t)files.pairs[i].first);
    ex_json_close(j, ']');
    ex_pair_table_release(&files);
    return ferror(j->out) ? failure_set(f, "cannot write the profile") : 0;
}

void ex_firefox_resources(struct ex_json *j, const struct ex_export *e) {
    size_t modules;
    rec_modules(e->file, &modules);
    size_t count = modules > 0 ? modules - 1 : 0, first = e->frames->function_count + 1;
    ex_json_open(j, "resourceTable", '{');
    ex_json_number(j, "length", count);
    ex_json_open(j, "lib", '[');
    for (size_t i = 0; i < count; i++)
        ex_firefox_item(j, i, (int64_t)i);
    ex_json_close(j, ']');
    ex_json_open(j, "name", '[');
    for (size_t i = 0; i < count; i++)
        ex_firefox_item(j, i, (int64_t)(first + i));
    ex_json_close(j, ']');
    ex_firefox_constants(j, "host", "null", count);
    ex_firefox_constants(j, "type", "1", count);
    ex_json_close(j, '}');
}

void ex_firefox_libs(struct ex_json *j, const struct ex_export *e) {
    size_t count;
    const struct rec_module *modules = rec_modules(e->file, &count);
    ex_json_open(j, "libs", '[');
    for (size_t i = 1; i < count; i++) {
        const char *path = modules[i].path != NULL ? modules[i].path : "";
        char code_id[2 * REC_BUILD_ID_MAX + 1] = "";
        for (uint32_t k = 0; k < modules[i].build_id_length && k < REC_BUILD_ID_MAX; k++)
            snprintf(code_id + 2 * k, 3, "%02x", modules[i].build_id[k]);
        ex_json_open(j, NULL, '{');
        ex_json_text(j, "arch", "");
        ex_json_text(j, "name", an_name_base(path));
        ex_json_text(j, "path", path);
        ex_json_text(j, "debugName", an_name_base(path));
        ex_json_text(j, "debugPath", path);
        ex_json_text(j, "breakpadId", "");
        ex_json_text(j, "codeId", code_id[0] != '\0' ? code_id : NULL);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}
