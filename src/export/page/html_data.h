/* SPDX-License-Identifier: MIT
 * The data of one recording in an HTML file, cut down to what fits into a size. */
#ifndef HEAPWISE_EXPORT_PAGE_HTML_DATA_H
#define HEAPWISE_EXPORT_PAGE_HTML_DATA_H

#include "export/page/embedded.h"
#include "export/page/html_page.h"

#define HTML_DATA_PARTS_MAX 12

struct html_data {
    struct {
        char id[24]; /* "api/0/tables" */
        struct payload text;
    } parts[HTML_DATA_PARTS_MAX];
    size_t part_count, bytes;
    char *limits[2]; /* sentences: what cannot be asked, what was left out */
    size_t limit_count;
};

/* `number`: of the recording within the file. Keeps as many rows as fit into `most` bytes. */
int html_data_init(struct html_data *d, const struct page_source *source, size_t number,
                   size_t most, const struct an_watch *watch, struct html_page_result *result,
                   struct failure *f);
void html_data_release(struct html_data *d);

#endif
