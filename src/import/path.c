/* SPDX-License-Identifier: MIT
 * A call stack while it is read. See path.h. */
#include "import/path.h"

#include <stdlib.h>
#include <string.h>

void im_path_release(struct im_path *p) {
    free(p->locations);
    memset(p, 0, sizeof *p);
}

int im_path_push(struct im_path *p, uint32_t location) {
    if (p->count == p->capacity) {
        size_t capacity = p->capacity == 0 ? 64 : p->capacity * 2;
        uint32_t *locations = realloc(p->locations, capacity * sizeof *locations);
        if (locations == NULL) return -1;
        p->locations = locations;
        p->capacity = capacity;
    }
    p->locations[p->count++] = location;
    return 0;
}

uint32_t im_path_node(const struct im_path *p, struct im_target *t) {
    uint32_t node = 0;
    for (size_t i = p->count; i-- > 0;)
        node = im_target_child(t, node, p->locations[i]);
    return node;
}
