/* SPDX-License-Identifier: MIT
 * Blocks of pools against a plain list of the same. */
#include "recorder/pool_blocks.h"
#include "unit/check.h"

enum { ADDRESSES = 500, POOLS = 7, STEPS = 200000 };

static uint64_t owner_of[ADDRESSES]; /* the plain truth; 0: not there */

static void check_take_all(struct pool_blocks *b, uint64_t pool) {
    uint64_t address;
    while ((address = pool_blocks_take(b, pool)) != 0) {
        CHECK(address % 16 == 0 && address / 16 <= ADDRESSES);
        CHECK_EQ_U64(owner_of[address / 16 - 1], pool);
        owner_of[address / 16 - 1] = 0;
    }
    for (int i = 0; i < ADDRESSES; i++)
        CHECK(owner_of[i] != pool);
}

int main(void) {
    struct pool_blocks b = {0};
    unsigned seed = 1;
    CHECK_EQ_U64(pool_blocks_take(&b, 1), 0);
    CHECK_EQ_I64(pool_blocks_remove(&b, 16), 0);
    for (int step = 0; step < STEPS; step++) {
        seed = seed * 1103515245 + 12345;
        int i = (int)(seed >> 8) % ADDRESSES;
        uint64_t address = 16 * ((uint64_t)i + 1), pool = 1 + (seed >> 20) % POOLS;
        if (seed >> 30 != 0) {
            CHECK_EQ_I64(pool_blocks_add(&b, pool, address), owner_of[i] != 0);
            owner_of[i] = pool;
        } else {
            CHECK_EQ_I64(pool_blocks_remove(&b, address), owner_of[i] != 0);
            owner_of[i] = 0;
        }
        if (step % 5000 == 4999) check_take_all(&b, pool);
    }
    size_t left = 0;
    for (int i = 0; i < ADDRESSES; i++)
        left += owner_of[i] != 0;
    CHECK_EQ_U64(b.living, left);
    for (uint64_t pool = 1; pool <= POOLS; pool++)
        check_take_all(&b, pool);
    CHECK_EQ_U64(b.living, 0);
    pool_blocks_release(&b);
    return 0;
}
