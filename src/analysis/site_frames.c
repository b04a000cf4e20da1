/* SPDX-License-Identifier: MIT
 * Finds the sites of call stacks, parents before children. See site_frames.h. */
#include "analysis/site_frames.h"

#include <stdlib.h>

static int is_hidden(const struct an_frames *t, uint32_t function) {
    return t->hidden != NULL && t->hidden[function];
}

/* The innermost frame of an address that is shown and, if `plumbing` is given, no plumbing. */
static uint32_t innermost(const struct an_frames *t, uint32_t address, const uint8_t *plumbing) {
    size_t count;
    if (address >= t->address_count) return (uint32_t)t->frame_count;
    const uint32_t *ids = an_frames_of(t, address, &count);
    for (size_t i = 0; i < count; i++) {
        uint32_t function = t->frames[ids[i]].function;
        if (!is_hidden(t, function) && (plumbing == NULL || !plumbing[function])) return ids[i];
    }
    return (uint32_t)t->frame_count;
}

uint32_t *an_site_frames(struct rec_file *r, const struct an_frames *frames, const uint8_t *plumbing,
                         struct failure *f) {
    size_t node_count;
    uint32_t none = (uint32_t)frames->frame_count;
    const struct rec_node *nodes = rec_nodes(r, &node_count, f);
    if (nodes == NULL) return NULL;
    uint32_t *sites = malloc((node_count + 1) * sizeof *sites);
    uint32_t *inner = malloc((node_count + 1) * sizeof *inner); /* plumbing or not */
    if (sites == NULL || inner == NULL) {
        free(sites);
        free(inner);
        failure_set(f, "cannot find the sites of %zu call stacks: out of memory", node_count);
        return NULL;
    }
    for (size_t n = 0; n < node_count; n++) {
        uint32_t parent = nodes[n].parent;
        int has_parent = n > 0 && parent < n;
        sites[n] = n > 0 ? innermost(frames, nodes[n].address, plumbing) : none;
        if (sites[n] == none && has_parent) sites[n] = sites[parent];
        inner[n] = n > 0 ? innermost(frames, nodes[n].address, NULL) : none;
        if (inner[n] == none && has_parent) inner[n] = inner[parent];
    }
    for (size_t n = 0; n < node_count; n++)
        if (sites[n] == none) sites[n] = inner[n];
    free(inner);
    return sites;
}
