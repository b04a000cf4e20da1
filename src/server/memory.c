/* SPDX-License-Identifier: MIT
 * Keeps the answers that were asked for last. See memory.h. */
#include "server/memory.h"

#include <stdlib.h>
#include <string.h>

void memory_init(struct memory *m) {
    memset(m, 0, sizeof *m);
    pthread_mutex_init(&m->mutex, NULL);
}

static void forget(struct memory *m, size_t i) {
    m->bytes -= m->entries[i].answer->payload.size;
    answer_drop(m->entries[i].answer);
    free(m->entries[i].key);
    m->entries[i] = m->entries[--m->count];
}

void memory_release(struct memory *m) {
    while (m->count > 0)
        forget(m, m->count - 1);
    pthread_mutex_destroy(&m->mutex);
}

static size_t find(const struct memory *m, const char *key) {
    size_t i = 0;
    while (i < m->count && strcmp(m->entries[i].key, key) != 0)
        i++;
    return i;
}

struct answer *memory_recall(struct memory *m, const char *key) {
    struct answer *found = NULL;
    pthread_mutex_lock(&m->mutex);
    size_t i = find(m, key);
    if (i < m->count) {
        m->entries[i].used = ++m->clock;
        found = answer_hold(m->entries[i].answer);
    }
    pthread_mutex_unlock(&m->mutex);
    return found;
}

static void make_room(struct memory *m, size_t bytes) {
    while (m->count > 0 && (m->count == MEMORY_ANSWERS || m->bytes + bytes > MEMORY_BYTES)) {
        size_t oldest = 0;
        for (size_t i = 1; i < m->count; i++)
            if (m->entries[i].used < m->entries[oldest].used) oldest = i;
        forget(m, oldest);
    }
}

void memory_keep(struct memory *m, const char *key, struct answer *a) {
    char *own = strdup(key);
    if (own == NULL) return;
    pthread_mutex_lock(&m->mutex);
    if (find(m, key) < m->count) {
        free(own);
    } else {
        make_room(m, a->payload.size);
        m->entries[m->count].key = own;
        m->entries[m->count].used = ++m->clock;
        m->entries[m->count++].answer = answer_hold(a);
        m->bytes += a->payload.size;
    }
    pthread_mutex_unlock(&m->mutex);
}
