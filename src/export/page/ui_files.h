/* SPDX-License-Identifier: MIT
 * The files of the browser's page, built in ui/ and embedded into the program. The list is made by
 * tools/embed-ui at build time. */
#ifndef HEAPWISE_EXPORT_PAGE_UI_FILES_H
#define HEAPWISE_EXPORT_PAGE_UI_FILES_H

#include <stddef.h>

struct ui_file {
    const char *name; /* "index.html", "app.js", "app.css"; no folders */
    const unsigned char *bytes, *end;
};

extern const struct ui_file ui_files[]; /* ends with a NULL name */

const struct ui_file *ui_file_named(const char *name);
/* The media type of a file by its suffix; NULL for one that no page needs. */
const char *ui_file_type(const char *name);

#endif
