/* SPDX-License-Identifier: MIT
 * Puts the page together: what to keep first, then markup around it. See html_page.h. */
#include "export/page/html_page.h"

#include <stdlib.h>
#include <string.h>

#include "export/page/html_data.h"
#include "export/page/html_markup.h"

#define RECORDINGS_MAX 2

static int write_data(FILE *out, struct html_data *data, size_t count) {
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < data[i].part_count; k++)
            html_markup_data(out, data[i].parts[k].id, &data[i].parts[k].text);
    return 0;
}

static int write_page(FILE *out, const struct page_source *sources, struct html_data *data,
                      size_t count, struct failure *f) {
    struct payload payload, recordings;
    const char *limits[2 * RECORDINGS_MAX + 2];
    size_t limit_count = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < data[i].limit_count; k++)
            limits[limit_count++] = data[i].limits[k];
    limits[limit_count] = NULL;
    struct html_markup m;
    if (html_markup_begin(&m, out, f) != 0) return -1;
    if (page_recordings(sources, count, limits, &payload, f) != 0 ||
        embedded_text(&recordings, &payload, f) != 0)
        return -1;
    html_markup_data(out, "api/recordings", &recordings);
    payload_release(&recordings);
    write_data(out, data, count);
    html_markup_end(&m);
    return ferror(out)
               ? failure_set(f, "cannot write the page: the disk is full, or its output closed")
               : 0;
}

int html_page_write(FILE *out, const struct page_source *sources, size_t count,
                    const struct html_page_options *options, struct html_page_result *results,
                    struct failure *f) {
    struct html_data data[RECORDINGS_MAX] = {0};
    size_t most = options->most_bytes != 0 ? options->most_bytes : HTML_PAGE_BYTES;
    size_t around = html_markup_bytes();
    int failed = 0;
    for (size_t i = 0; !failed && i < count; i++)
        failed =
            html_data_init(&data[i], &sources[i], i, most > around ? (most - around) / count : 0,
                           options->watch, &results[i], f);
    if (!failed) failed = write_page(out, sources, data, count, f);
    for (size_t i = 0; i < count; i++)
        html_data_release(&data[i]);
    return failed ? -1 : 0;
}
