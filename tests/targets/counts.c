/* SPDX-License-Identifier: MIT
 * A long reproducible mixture of malloc, calloc, realloc and free with sizes that cannot happen by
 * accident, known peak and known leaks. Prints its own counts. */
#include "own.h"

enum { SLOTS = 997, STEPS = 200000 };

static struct slot {
    void *p;
    size_t size;
} slots[SLOTS];

static struct own own;

__attribute__((noinline)) static void fill(struct slot *s, uint64_t r) {
    s->size = (r >> 20) % 5003;
    if ((r & 3) == 0) {
        s->size = s->size / 7 * 7;
        s->p = own_calloc(&own, s->size / 7, 7);
    } else {
        s->p = own_malloc(&own, s->size);
    }
}

__attribute__((noinline)) static void resize(struct slot *s, uint64_t r) {
    size_t size = 1 + (r >> 24) % 9001;
    s->p = own_realloc(&own, s->p, s->size, size);
    s->size = size;
}

__attribute__((noinline)) static void clear(struct slot *s) {
    own_free(&own, s->p, s->size);
    s->p = NULL;
}

int main(void) {
    uint64_t state = 0x68656170;
    for (int i = 0; i < STEPS; i++) {
        uint64_t r = own_random(&state);
        struct slot *s = &slots[(r >> 40) % SLOTS];
        if (s->p == NULL) fill(s, r);
        else if ((r & 7) < 3) resize(s, r);
        else clear(s);
    }
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].p != NULL && i % 13 != 0) clear(&slots[i]);
    own_free(&own, NULL, 0);
    own_print("counts", &own);
    return 0;
}
