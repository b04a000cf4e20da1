/* SPDX-License-Identifier: MIT
 * Living blocks by kind. See heaptrack_live.h. */
#include "import/heaptrack_live.h"

#include <stdlib.h>
#include <string.h>

void im_heaptrack_live_release(struct im_heaptrack_live *l) {
    free(l->kinds);
    free(l->links);
    memset(l, 0, sizeof *l);
}

static int grow(void **array, size_t *capacity, size_t count, size_t entry) {
    if (count < *capacity) return 0;
    size_t wanted = *capacity == 0 ? 1024 : *capacity + *capacity / 2;
    if (wanted >= UINT32_MAX) return -1;
    void *grown = realloc(*array, wanted * entry);
    if (grown == NULL) return -1;
    *array = grown;
    *capacity = wanted;
    return 0;
}

int im_heaptrack_live_kind(struct im_heaptrack_live *l, uint64_t size, uint32_t node) {
    if (grow((void **)&l->kinds, &l->kind_capacity, l->kind_count, sizeof *l->kinds) != 0)
        return -1;
    l->kinds[l->kind_count++] = (struct im_heaptrack_kind){.size = size, .node = node};
    return 0;
}

int im_heaptrack_live_birth(struct im_heaptrack_live *l, uint32_t kind, uint64_t block) {
    uint32_t link = l->free;
    if (link != 0) {
        l->free = l->links[link - 1].older;
    } else {
        if (grow((void **)&l->links, &l->link_capacity, l->link_count, sizeof *l->links) != 0)
            return -1;
        link = (uint32_t)++l->link_count;
    }
    l->links[link - 1] = (struct im_heaptrack_link){.block = block, .older = l->kinds[kind].newest};
    l->kinds[kind].newest = link;
    return 0;
}

int im_heaptrack_live_end(struct im_heaptrack_live *l, uint64_t kind, uint64_t *block) {
    if (kind >= l->kind_count || l->kinds[kind].newest == 0) return -1;
    uint32_t link = l->kinds[kind].newest;
    *block = l->links[link - 1].block;
    l->kinds[kind].newest = l->links[link - 1].older;
    l->links[link - 1].older = l->free;
    l->free = link;
    return 0;
}
