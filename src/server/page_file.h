/* SPDX-License-Identifier: MIT
 * The files of the page: those embedded in the program, or, while the page is being developed,
 * those of one folder. */
#ifndef HEAPWISE_SERVER_PAGE_FILE_H
#define HEAPWISE_SERVER_PAGE_FILE_H

#include "server/answer.h"

/* `name` is one part of a path; "" is the page itself. `folder` is NULL for the embedded files. */
struct answer *page_file_answer(const char *name, const char *folder);

#endif
