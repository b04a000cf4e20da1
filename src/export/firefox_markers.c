/* SPDX-License-Identifier: MIT
 * The marks of a program as markers of a Firefox profile: a name with the moment and what was alive
 * then. See firefox_tables.h. */
#include "export/firefox_tables.h"

#include "recording/reader.h"

/* The type that all of them have, by which the schema is found. */
#define MARKER_TYPE "heapwise mark"

static size_t count_asked(const struct ex_export *e) {
    size_t count, asked = 0;
    const struct rec_mark *marks = rec_marks(e->file, &count);
    for (size_t i = 0; i < count; i++)
        asked += ex_mark_is_asked(e, &marks[i]) != 0;
    return asked;
}

/* A column with a number for each mark of the range. */
static void put_column(struct ex_json *j, const struct ex_export *e, const char *key,
                       int64_t (*number)(const struct ex_export *e, const struct rec_mark *m)) {
    size_t count, row = 0;
    const struct rec_mark *marks = rec_marks(e->file, &count);
    ex_json_open(j, key, '[');
    for (size_t i = 0; i < count; i++)
        if (ex_mark_is_asked(e, &marks[i])) ex_firefox_item(j, row++, number(e, &marks[i]));
    ex_json_close(j, ']');
}

static int64_t kind_of(const struct ex_export *e, const struct rec_mark *m) {
    size_t modules;
    rec_modules(e->file, &modules);
    return (int64_t)(e->frames->function_count + modules + (m->has_snapshot != 0));
}

static int64_t time_of(const struct ex_export *e, const struct rec_mark *m) {
    (void)e;
    return m->tick;
}

static void put_data(struct ex_json *j, const struct ex_export *e) {
    size_t count;
    const struct rec_mark *marks = rec_marks(e->file, &count);
    ex_json_open(j, "data", '[');
    for (size_t i = 0; i < count; i++) {
        if (!ex_mark_is_asked(e, &marks[i])) continue;
        ex_json_open(j, NULL, '{');
        ex_json_text(j, "type", MARKER_TYPE);
        ex_json_text(j, "name", marks[i].name);
        ex_json_number(j, "bytes", marks[i].live_bytes);
        ex_json_number(j, "blocks", marks[i].live_blocks);
        ex_json_close(j, '}');
    }
    ex_json_close(j, ']');
}

void ex_firefox_markers(struct ex_json *j, const struct ex_export *e) {
    size_t rows = count_asked(e);
    ex_json_open(j, "markers", '{');
    ex_json_number(j, "length", rows);
    put_data(j, e);
    put_column(j, e, "name", kind_of);
    put_column(j, e, "startTime", time_of);
    ex_firefox_constants(j, "endTime", "null", rows);
    ex_firefox_constants(j, "phase", "0", rows); /* an instant */
    ex_firefox_constants(j, "category", "0", rows);
    ex_json_close(j, '}');
}

void ex_firefox_marker_schema(struct ex_json *j) {
    ex_json_next(j, "markerSchema");
    fputs("[{\"name\":\"" MARKER_TYPE "\",\"display\":[\"marker-chart\",\"marker-table\","
          "\"timeline-overview\",\"timeline-memory\"],"
          "\"chartLabel\":\"{marker.data.name}\",\"tableLabel\":\"{marker.data.name}\","
          "\"tooltipLabel\":\"{marker.name}: {marker.data.name}\",\"data\":["
          "{\"key\":\"name\",\"label\":\"Mark\",\"format\":\"string\",\"searchable\":true},"
          "{\"key\":\"bytes\",\"label\":\"Alive\",\"format\":\"bytes\"},"
          "{\"key\":\"blocks\",\"label\":\"Blocks alive\",\"format\":\"integer\"}]}]",
          j->out);
}
