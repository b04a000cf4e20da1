/* SPDX-License-Identifier: MIT
 * The live heap against a plain list: random births and ends in several densities, odd addresses,
 * sizes beyond 4 GiB, replacement, and the order of a visit. */
#include <stdlib.h>

#include "recorder/live_heap.h"
#include "unit/check.h"

enum { BLOCKS = 20000 };

struct model {
    uint64_t address;
    struct live_block block;
    int alive;
};
static struct model model[BLOCKS];

static uint64_t random_next(void) {
    static uint64_t state = 88172645463325252ull;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

static void expect_taken(struct live_heap *h, struct model *m) {
    struct live_block got;
    CHECK_EQ_I64(live_heap_take(h, m->address, &got), m->alive);
    if (m->alive) {
        CHECK_EQ_U64(got.number, m->block.number);
        CHECK_EQ_U64(got.size, m->block.size);
        CHECK_EQ_U64(got.node, m->block.node);
    }
    m->alive = 0;
}

/* `step` is the distance of neighbouring blocks: 8 is the least between those of malloc. */
static void random_history(uint64_t base, uint64_t step) {
    struct live_heap *h = live_heap_create();
    uint64_t alive = 0, number = 0;
    for (int i = 0; i < BLOCKS; i++)
        model[i] = (struct model){.address = base + (uint64_t)i * step};
    for (int i = 0; i < 400000; i++) {
        struct model *m = &model[random_next() % BLOCKS];
        if (m->alive) {
            expect_taken(h, m);
            alive--;
        } else {
            struct live_block displaced;
            m->block = (struct live_block){number++, random_next() >> (random_next() % 60 + 4),
                                           (uint32_t)random_next()};
            CHECK_EQ_I64(live_heap_add(h, m->address, &m->block, &displaced), 0);
            m->alive = 1;
            alive++;
        }
        CHECK_EQ_U64(live_heap_count(h), alive);
    }
    for (int i = 0; i < BLOCKS; i++)
        expect_taken(h, &model[i]);
    CHECK_EQ_U64(live_heap_count(h), 0);
    live_heap_destroy(h);
}

static void replaced_block_is_given_back(void) {
    struct live_heap *h = live_heap_create();
    struct live_block first = {1, 8ull << 30, 7}, second = {2, 5, 8}, displaced;
    CHECK_EQ_I64(live_heap_add(h, 0x7f0000001000, &first, &displaced), 0);
    CHECK_EQ_I64(live_heap_add(h, 0x7f0000001000, &second, &displaced), 1);
    CHECK_EQ_U64(displaced.number, 1);
    CHECK_EQ_U64(displaced.size, 8ull << 30);
    CHECK_EQ_U64(live_heap_count(h), 1);
    CHECK_EQ_I64(live_heap_take(h, 0x7f0000001008, &displaced), 0);
    CHECK_EQ_I64(live_heap_take(h, 0x7f0000001000, &displaced), 1);
    CHECK_EQ_U64(displaced.size, 5);
    live_heap_destroy(h);
}

struct visited {
    uint64_t last, count, bytes;
};
static void visit(void *context, uint64_t address, const struct live_block *b) {
    struct visited *v = context;
    CHECK(address > v->last || v->count == 0);
    v->last = address;
    v->count++;
    v->bytes += b->size;
}

static void visit_sees_every_block_once(void) {
    struct live_heap *h = live_heap_create();
    struct live_block displaced;
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < 3000; i++) {
        struct live_block b = {i, i % 100 == 0 ? (5ull << 30) + i : i, 1};
        CHECK_EQ_I64(live_heap_add(h, 0x10000 + i * 4096 * 1021, &b, &displaced), 0);
        bytes += b.size;
    }
    struct visited v = {0};
    live_heap_visit(h, visit, &v);
    CHECK_EQ_U64(v.count, 3000);
    CHECK_EQ_U64(v.bytes, bytes);
    live_heap_destroy(h);
}

int main(void) {
    random_history(0x555555559000, 16);
    random_history(0x7f1234560008, 8);
    random_history(0x7ffff0000010, 32);
    random_history(0x1000, 48);
    random_history(0x5001, 1); /* of a pool: every byte of a page */
    random_history(0x7f0000000000, 4096);
    random_history(0x600000000000, 3ull << 29);
    replaced_block_is_given_back();
    visit_sees_every_block_once();
    return 0;
}
