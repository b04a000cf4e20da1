/* SPDX-License-Identifier: MIT
 * The recordings that are served. Each is opened before the server starts; its page (rows, names)
 * is made by the first who needs it, while others wait, so that facts and timeline show at once. */
#ifndef HEAPWISE_SERVER_SHELF_H
#define HEAPWISE_SERVER_SHELF_H

#include <pthread.h>

#include "export/page/page.h"

#define SHELF_MAX 2 /* the recording, and the one that it is compared with */

enum shelf_state { SHELF_OPENED, SHELF_READY, SHELF_FAILED };

struct shelf_recording {
    struct rec_file *file; /* owned by whoever opened it */
    const char *path;
    pthread_mutex_t mutex; /* of the three below, while the state is SHELF_OPENED */
    enum shelf_state state;
    struct page page;
    struct failure why; /* SHELF_FAILED */
};

struct shelf {
    struct shelf_recording recordings[SHELF_MAX];
    size_t count;
};

void shelf_add(struct shelf *s, struct rec_file *file, const char *path);
void shelf_release(struct shelf *s);
/* The page, made when it has not been; it lives as long as the shelf. */
int shelf_page(struct shelf_recording *r, const struct page **page, struct failure *f);

#endif
