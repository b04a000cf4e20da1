/* SPDX-License-Identifier: MIT
 * A thread's block: its levels, their memos and how they grow. */
#include "unwind/thread.h"

#include "core/syscall.h"
#ifdef UW_VERIFY
#include "unwind/verify.h"
#endif

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

uw_resolver *uw__resolver;
void *uw__resolver_context;
struct uw_counters *uw__counters;

enum { LEAVES = 256, LEAVES_SMALL = 32, PATHS = 8192, PATHS_SMALL = 256, PAGE = 4096 };

/* Arrays that are walked in step must not lie at the same place of their pages, or the processor
 * takes a store into one for a store into the other. */
enum { SKEW = 1024 };

void *uw__map(uint64_t bytes) {
    bytes = (bytes + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    void *p = sys_mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (SYS_FAILED(p)) return NULL;
    add_relaxed(&uw__counters->private_bytes, bytes);
    return p;
}

int uw_start(uw_resolver *resolver, void *resolver_context, struct uw_counters *counters) {
#ifdef UW_VERIFY
    uw__verified_resolver = resolver;
    resolver = uw__verify_resolver;
#endif
    uw__resolver = resolver;
    uw__resolver_context = resolver_context;
    uw__counters = counters;
    uw__loader_start();
    return uw__rules_start();
}

void uw_resolve_in(void *resolver_context, struct uw_counters *counters) {
    uw__counters = counters;
    store_release(&uw__resolver_context, resolver_context);
}

int uw__memo_reserve(struct uw_memo *m, uint64_t frames, uint64_t slots) {
    if (frames <= m->capacity && slots <= m->slot_capacity) return 1;
    uint64_t capacity = m->capacity ? m->capacity : UW_MEMO_FIRST;
    uint64_t slot_capacity = m->slot_capacity ? m->slot_capacity : 2 * UW_MEMO_FIRST;
    while (capacity < frames)
        capacity *= 2;
    while (slot_capacity < slots)
        slot_capacity *= 2;
    if (slot_capacity >= 1ull << (32 - UW_MARK_BITS)) return 0;
    uint64_t frame_bytes = capacity * sizeof(struct uw_frame);
    uint64_t step_bytes = (capacity + UW_STEPS_BEFORE) * sizeof(struct uw_step);
    char *p = uw__map(frame_bytes + step_bytes + slot_capacity * sizeof(struct uw_slot) + 2 * SKEW);
    if (p == NULL) return 0;
    struct uw_memo bigger = {m->count, (uint32_t)capacity, (uint32_t)slot_capacity, NULL, NULL,
                             NULL, m->resolved_by};
    bigger.frames = (struct uw_frame *)(void *)p;
    bigger.steps = (struct uw_step *)(void *)(p + frame_bytes + SKEW) + UW_STEPS_BEFORE;
    for (int i = 1; i <= UW_STEPS_BEFORE; i++)
        bigger.steps[-i].sp = UINT64_MAX;
    bigger.slots = (struct uw_slot *)(void *)(p + frame_bytes + step_bytes + 2 * SKEW);
    if (m->count > 0) {
        memcpy(bigger.frames, m->frames, m->count * sizeof *m->frames);
        memcpy(bigger.steps, m->steps, m->count * sizeof *m->steps);
        memcpy(bigger.slots, m->slots, uw_step_slots(&m->steps[m->count - 1]) * sizeof *m->slots);
    }
    *m = bigger;
    return 1;
}

int uw__fresh_grow(struct uw_level *l) {
    uint64_t capacity = l->fresh_capacity ? 2 * l->fresh_capacity : UW_FRESH_FIRST;
    struct uw_fresh *bigger = uw__map((capacity + 1) * sizeof *bigger);
    if (bigger == NULL) return 0;
    if (l->fresh_capacity > 0) memcpy(bigger, l->fresh, l->fresh_capacity * sizeof *bigger);
    l->fresh = bigger;
    l->fresh_capacity = capacity;
    return 1;
}

static int level_init(struct uw_level *l) {
    l->home = &l->stacks[0];
    l->uid = 1;
    uw__loader_look(&l->view);
    return uw__fresh_grow(l);
}

struct uw_thread *uw_thread_create(int small) {
    unsigned leaves = small ? LEAVES_SMALL : LEAVES, paths = small ? PATHS_SMALL : PATHS;
    struct uw_thread *t = uw__map(sizeof *t);
    struct uw_leaf *table = uw__map(leaves * sizeof *table);
    struct uw_path *path_table = uw__map(paths * sizeof *path_table);
    if (t == NULL || table == NULL || path_table == NULL || !level_init(&t->first) ||
        !uw__memo_reserve(&t->first.stacks[0].memo, 1, 1))
        return NULL;
    t->first.leaves = table;
    t->first.leaf_mask = leaves - 1;
    t->first.paths = path_table;
    t->first.paths_by = load_acquire(&uw__resolver_context);
    t->first.path_mask = paths - 1;
    return t;
}

void uw__level_forget(struct uw_level *l) {
    for (struct uw_stack *s = l->stacks; s < l->stacks + UW_STACKS; s++)
        s->memo.count = 0;
    memset(l->pages, 0, sizeof l->pages);
}

static void forget_leaves(struct uw_level *l) {
    if (l->leaves != NULL) memset(l->leaves, 0, (l->leaf_mask + 1) * sizeof *l->leaves);
}

void uw__level_discard(struct uw_level *l) {
    uw__level_forget(l);
    forget_leaves(l);
    l->active = 0;
}

void uw_thread_reset(struct uw_thread *t) {
    for (unsigned i = 0; i < UW_LEVELS; i++) {
        struct uw_level *l = i == 0 ? &t->first : t->above[i - 1];
        if (l == NULL) continue;
        uw__level_discard(l);
        for (struct uw_stack *s = l->stacks; s < l->stacks + UW_STACKS; s++)
            s->span = 0;
    }
}

/* A capture that is marked as in progress may in truth be dead: a handler interrupted it and left
 * by longjmp. If it was on the stack that we are on now and not further out than we are, its frame
 * does not exist any more. On an alternate signal stack only captures on that same stack can be
 * judged. */
static int is_dead(uint64_t active, uint64_t sp, const stack_t *alternate) {
    uint64_t low = (uint64_t)(uintptr_t)alternate->ss_sp;
    if (alternate->ss_flags & SS_ONSTACK && active - low >= alternate->ss_size) return 0;
    return active <= sp;
}

struct uw_level *uw__level_enter(struct uw_thread *t, uint64_t sp) {
    stack_t alternate = {0};
    sys_raw6(SYS_sigaltstack, 0, (long)&alternate, 0, 0, 0, 0);
    unsigned next = 0;
    for (unsigned i = 0; i < UW_LEVELS; i++) {
        struct uw_level *l = i == 0 ? &t->first : t->above[i - 1];
        if (l == NULL || l->active == 0) continue;
        if (is_dead(l->active, sp, &alternate))
            uw__level_discard(l); /* it may have been left in the middle of a change */
        else
            next = i + 1;
    }
    if (next == UW_LEVELS) return NULL;
    if (next == 0) return &t->first;
    struct uw_level **place = &t->above[next - 1];
    if (*place == NULL) {
        struct uw_level *l = uw__map(sizeof *l);
        if (l == NULL || !level_init(l)) return NULL;
        *place = l;
    }
    return *place;
}
