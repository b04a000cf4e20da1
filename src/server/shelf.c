/* SPDX-License-Identifier: MIT
 * Keeps the recordings. See shelf.h. */
#include "server/shelf.h"

#include <unistd.h>

void shelf_add(struct shelf *s, const struct page_source *source) {
    struct shelf_recording *r = &s->recordings[s->count++];
    *r = (struct shelf_recording){.source = *source, .state = SHELF_OPENED};
    pthread_mutex_init(&r->mutex, NULL);
}

void shelf_release(struct shelf *s) {
    for (size_t i = 0; i < s->count; i++) {
        if (s->recordings[i].state == SHELF_READY) page_release(&s->recordings[i].page);
        an_life_table_release(&s->recordings[i].blocks);
        pthread_mutex_destroy(&s->recordings[i].mutex);
    }
    s->count = 0;
}

int shelf_page(struct shelf_recording *r, const struct page **page, struct failure *f) {
    pthread_mutex_lock(&r->mutex);
    if (r->state == SHELF_OPENED)
        r->state = page_init(&r->page, &r->source, &r->why) == 0 ? SHELF_READY : SHELF_FAILED;
    pthread_mutex_unlock(&r->mutex);
    *page = &r->page;
    return r->state == SHELF_READY ? 0 : failure_set(f, "%s", r->why.text);
}

void shelf_keep_blocks(struct shelf *s, size_t bytes, const struct an_watch *watch) {
    for (size_t i = 0; i < s->count; i++) {
        struct shelf_recording *r = &s->recordings[i];
        size_t needed = an_life_table_bytes(r->source.file);
        if (needed > bytes || an_life_table_make(&r->blocks, r->source.file, watch, NULL) != 0)
            continue;
        bytes -= needed;
        atomic_store_explicit(&r->lives, &r->blocks, memory_order_release);
    }
}

size_t shelf_blocks_bytes(void) {
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page <= 0) return SHELF_BLOCKS_BYTES / SHELF_BLOCKS_SHARE;
    size_t share = (size_t)pages / SHELF_BLOCKS_SHARE * (size_t)page;
    return share < SHELF_BLOCKS_BYTES ? share : SHELF_BLOCKS_BYTES;
}
