/* SPDX-License-Identifier: MIT
 * The recordings that are served. Each is opened before the server starts; its page (rows, names)
 * is made by the first who needs it, while others wait, so that facts and timeline show at once.
 *
 * A recording that is not too long has a table of all its blocks as well, which is made when there
 * is time for it; until then, and for longer recordings, questions decode the events they need. */
#ifndef HEAPWISE_SERVER_SHELF_H
#define HEAPWISE_SERVER_SHELF_H

#include <pthread.h>
#include <stdatomic.h>

#include "analysis/life_table.h"
#include "export/page/page.h"

#define SHELF_MAX 2 /* the recording, and the one that it is compared with */
/* For the tables of blocks, all together: so much, but no more than a share of the machine's
 * memory. */
#define SHELF_BLOCKS_BYTES ((size_t)1 << 30)
#define SHELF_BLOCKS_SHARE 8

enum shelf_state { SHELF_OPENED, SHELF_READY, SHELF_FAILED };

struct shelf_recording {
    struct page_source source; /* owned by whoever opened it, as are its rules */
    pthread_mutex_t mutex;     /* of the three below, while the state is SHELF_OPENED */
    enum shelf_state state;
    struct page page;
    struct failure why; /* SHELF_FAILED */
    struct an_life_table blocks;
    _Atomic(const struct an_life_table *) lives; /* &blocks, once it is made; NULL until then */
};

struct shelf {
    struct shelf_recording recordings[SHELF_MAX];
    size_t count;
};

void shelf_add(struct shelf *s, const struct page_source *source);
void shelf_release(struct shelf *s);
/* The page, made when it has not been; it lives as long as the shelf. */
int shelf_page(struct shelf_recording *r, const struct page **page, struct failure *f);
/* Makes the tables of blocks of those recordings for which `bytes` suffice, in the order of the
 * shelf; for one thread, while others may ask. A recording that has none is asked all the same. */
void shelf_keep_blocks(struct shelf *s, size_t bytes, const struct an_watch *watch);
/* What this machine gives for them. */
size_t shelf_blocks_bytes(void);

#endif
