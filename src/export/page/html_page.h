/* SPDX-License-Identifier: MIT
 * The page as one HTML file that needs nothing else: the browser's page from ui/, and the data of
 * one or two recordings, cut down to what fits into a size. docs/http-api.md, "HTML files",
 * specifies it.
 */
#ifndef HEAPWISE_EXPORT_PAGE_HTML_PAGE_H
#define HEAPWISE_EXPORT_PAGE_HTML_PAGE_H

#include <stdio.h>

#include "analysis/chunk_stream.h"
#include "base/failure.h"
#include "export/page/page.h"

#define HTML_PAGE_BYTES 4800000 /* usual size at most */
#define HTML_PAGE_SLICES 32

struct html_page_options {
    size_t most_bytes;            /* of the file; 0: HTML_PAGE_BYTES */
    const struct an_watch *watch; /* or NULL */
};

/* What became of it, for each recording. */
struct html_page_result {
    size_t rows, all_rows; /* kept, and before */
    uint32_t least;        /* parts of PAGE_WHOLE that a stack must come to */
    size_t slices;         /* 0: no range can be asked about */
    uint64_t slice_ms;     /* length of one, about */
};

/* Writes the page of `count` recordings, the second of which the first is compared with. */
int html_page_write(FILE *out, const struct page_source *sources, size_t count,
                    const struct html_page_options *options, struct html_page_result *results,
                    struct failure *f);

#endif
