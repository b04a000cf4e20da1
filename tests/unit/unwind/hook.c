/* SPDX-License-Identifier: MIT
 * What the unwinder's tests share (hook.h). */
#include "unit/unwind/hook.h"

#include "core/atomics.h"
#include "unit/check.h"
#include "unwind/verify.h"

#include <sched.h>

struct uw_counters hook_counters;
__thread struct uw_thread *hook_thread;
void (*volatile hook_in_resolver)(void);
uint64_t hook_resolved;

enum { PLACES = 1 << 20, NODES = 1 << 19 };
static struct {
    uint64_t hash[2];
    uint32_t node;
} tree[PLACES];
static uint64_t kept[NODES][4]; /* the innermost frames of a node's path, and its length */
static uint32_t nodes, lock;

static uint32_t resolve(void *context, struct uw_frame *frames, size_t count) {
    (void)context;
    add_relaxed(&hook_resolved, 1);
    if (hook_in_resolver != NULL) hook_in_resolver();
    uint64_t before = uw_verify_quiet();
    while (!swap_if_equal(&lock, 0u, 1u))
        sched_yield();
    const uint64_t *hash = frames[count - 1].hash;
    uint64_t i = hash[0] % PLACES;
    while (tree[i].node != 0 && (tree[i].hash[0] != hash[0] || tree[i].hash[1] != hash[1]))
        i = (i + 1) % PLACES;
    if (tree[i].node == 0) {
        CHECK(nodes + 1 < NODES);
        tree[i].hash[0] = hash[0], tree[i].hash[1] = hash[1];
        tree[i].node = ++nodes;
        for (uint32_t k = 0; k < 3 && k < count; k++)
            kept[nodes][k] = frames[count - 1 - k].pc;
        kept[nodes][3] = count;
    }
    uint32_t node = tree[i].node;
    store_release(&lock, 0u);
    uw_verify_unquiet(before);
    return node;
}

void hook_thread_start(void) {
    hook_thread = uw_thread_create(0);
    CHECK(hook_thread != NULL);
}

void hook_start(void) {
    CHECK_EQ_I64(uw_start(resolve, NULL, &hook_counters), 0);
    CHECK(uw_sees_unloads());
    hook_thread_start();
}

__attribute__((noinline)) uint32_t hook_capture(void) {
    uint32_t node = UW_CAPTURE(hook_thread);
    __asm__ volatile("" : "+r"(node) : : "memory"); /* not a tail call */
    return node;
}

uint32_t hook_path(uint32_t node, uint64_t *innermost, uint32_t room) {
    for (uint32_t i = 0; i < room && i < 3; i++)
        innermost[i] = kept[node][i];
    return (uint32_t)kept[node][3];
}

void hook_check(const char *what, uint64_t least) {
    static const char *const classes[] = {"rules",
                                          "machine",
                                          "node",
                                          "libunwind",
                                          "libunwind (guessed)",
                                          "libunwind shorter",
                                          "libunwind longer"};
    const struct uw_verify_counts *c = &uw_verify_counts;
    printf(
        "%-12s %8llu captures, %9llu frames, %7llu by machine, %7llu by libunwind, %llu guessed, "
        "%llu truncated, %llu slow\n",
        what, (unsigned long long)c->captures, (unsigned long long)c->frames,
        (unsigned long long)c->by_machine, (unsigned long long)c->by_libunwind,
        (unsigned long long)c->guessed, (unsigned long long)c->truncated,
        (unsigned long long)hook_counters.captures_slow);
    for (int i = 0; i < UW_VERIFY_CLASSES; i++) {
        if (c->differences[i] != 0)
            fprintf(stderr, "%s: %llu differences: %s\n", what,
                    (unsigned long long)c->differences[i], classes[i]);
    }
    CHECK(c->captures >= least);
    for (int i = 0; i < UW_VERIFY_CLASSES; i++)
        CHECK_EQ_U64(c->differences[i], 0);
    memset(&uw_verify_counts, 0, sizeof uw_verify_counts);
}
