/* SPDX-License-Identifier: MIT
 * Ends that are owed, against a plain list: many addresses, several debts at one, payments in any order. */
#include "recorder/owed_ends.h"
#include "unit/check.h"

enum { ADDRESSES = 500 };

static uint64_t random_next(void) {
    static uint64_t state = 6364136223846793005ull;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

static void only_older_ends_pay(void) {
    struct owed_ends o = {0};
    CHECK(!owed_ends_pay(&o, 0x1000, 5));
    CHECK_EQ_I64(owed_ends_add(&o, 0x1000, 100), 0);
    CHECK(!owed_ends_pay(&o, 0x1000, 100));
    CHECK(!owed_ends_pay(&o, 0x1010, 50));
    CHECK(owed_ends_pay(&o, 0x1000, 99));
    CHECK(!owed_ends_pay(&o, 0x1000, 50));
    CHECK_EQ_U64(o.used, 0);
    owed_ends_release(&o);
}

static void random_history(void) {
    struct owed_ends o = {0};
    uint64_t owed[ADDRESSES] = {0}, total = 0;
    for (uint64_t i = 1; i < 200000; i++) {
        uint64_t a = random_next() % ADDRESSES, address = 0x7f0000000000 + a * 48;
        if (random_next() % 2 == 0 && total < 4 * ADDRESSES) {
            CHECK_EQ_I64(owed_ends_add(&o, address, i), 0);
            owed[a]++;
            total++;
        } else {
            CHECK_EQ_I64(owed_ends_pay(&o, address, 0), owed[a] > 0);
            if (owed[a] > 0) owed[a]--, total--;
        }
    }
    for (uint64_t a = 0; a < ADDRESSES; a++)
        while (owed[a]-- > 0) CHECK(owed_ends_pay(&o, 0x7f0000000000 + a * 48, 0));
    CHECK_EQ_U64(o.used, 0);
    owed_ends_release(&o);
}

int main(void) {
    only_older_ends_pay();
    random_history();
    return 0;
}
