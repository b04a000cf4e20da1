/* SPDX-License-Identifier: MIT
 * A call stack while a file's line or record is read: its locations, innermost first. */
#ifndef HEAPWISE_IMPORT_PATH_H
#define HEAPWISE_IMPORT_PATH_H

#include <stddef.h>
#include <stdint.h>

#include "import/target.h"

struct im_path {
    uint32_t *locations;
    size_t count, capacity;
};

void im_path_release(struct im_path *p);
/* 0, or -1 when memory is out. */
int im_path_push(struct im_path *p, uint32_t location);
/* The node of the whole path. */
uint32_t im_path_node(const struct im_path *p, struct im_target *t);

#endif
