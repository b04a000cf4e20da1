/* SPDX-License-Identifier: MIT
 * The memory of answers keeps what was asked for last, and no more than its bounds. */
#include "../check.h"
#include "server/memory.h"

static struct answer *answer_of(size_t bytes) {
    struct payload p = {calloc(bytes + 1, 1), bytes};
    CHECK(p.bytes != NULL);
    return answer_new(ANSWER_OK, ANSWER_JSON, p);
}

static void keep(struct memory *m, const char *key, size_t bytes) {
    struct answer *a = answer_of(bytes);
    memory_keep(m, key, a);
    answer_drop(a);
}

static int knows(struct memory *m, const char *key) {
    struct answer *a = memory_recall(m, key);
    answer_drop(a);
    return a != NULL;
}

int main(void) {
    struct memory m;
    char key[32];
    memory_init(&m);
    CHECK(!knows(&m, "a"));
    keep(&m, "a", 10);
    keep(&m, "a", 20); /* the first one stays */
    struct answer *held = memory_recall(&m, "a");
    CHECK(held != NULL && held->payload.size == 10);
    for (int i = 0; i < MEMORY_ANSWERS * 3; i++) {
        snprintf(key, sizeof key, "n%d", i);
        keep(&m, key, 100);
        CHECK(m.count <= MEMORY_ANSWERS);
        if (i % 10 == 0 && i < MEMORY_ANSWERS) CHECK(knows(&m, "a")); /* asked for, so it stays */
    }
    CHECK(!knows(&m, "a") && knows(&m, key) && !knows(&m, "n0"));
    CHECK(held->payload.size == 10); /* who holds one keeps it */
    answer_drop(held);
    keep(&m, "large", MEMORY_BYTES / 2);
    keep(&m, "large too", MEMORY_BYTES / 2);
    CHECK(m.bytes <= MEMORY_BYTES && knows(&m, "large") && knows(&m, "large too"));
    keep(&m, "small", 1);
    CHECK(m.bytes <= MEMORY_BYTES && !knows(&m, "large") && knows(&m, "large too"));
    keep(&m, "beyond", MEMORY_BYTES + 1);
    CHECK(m.count == 1 && knows(&m, "beyond"));
    keep(&m, "small", 1);
    CHECK(m.count == 1 && knows(&m, "small"));
    memory_release(&m);
    return 0;
}
