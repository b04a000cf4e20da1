/* SPDX-License-Identifier: MIT
 * Which memory may be read: ranges that the kernel said are readable, one for each stack. */
#include "unwind/thread.h"

#include "core/syscall.h"

#include <errno.h>

enum { PAGE = 4096, NEAR_BELOW = 8 * PAGE, NEAR_ABOVE = 64 * PAGE };

/* rt_sigprocmask reads the new mask before it refuses a `how` that does not exist: EFAULT if the
 * word cannot be read, EINVAL if it can, and nothing changes. Unlike process_vm_readv it is allowed
 * in every sandbox that threads work in. */
static int can_read(struct uw_level *l, uint64_t page) {
    uint64_t *known = &l->pages[page / PAGE % UW_PAGES];
    if (*known == page) return 1;
    if (page == 0 || page >= UW_ADDRESS_LIMIT) return 0;
    if (sys_sigprocmask(-1, (const uint64_t *)(uintptr_t)page, NULL) != -EINVAL) return 0;
    *known = page;
    return 1;
}

/* Extends a range up or down to `page`, if everything between is readable too. */
static int extend(struct uw_level *l, struct uw_stack *s, uint64_t page, enum uw_stack_use use) {
    uint64_t high = s->low + s->span + 7;
    if (use == UW_STACK_GOES_ON && page >= high && page - high < NEAR_ABOVE) {
        for (uint64_t p = high; p <= page; p += PAGE)
            if (!can_read(l, p)) return 0;
        s->span = page + PAGE - 7 - s->low;
        return 1;
    }
    if (page < s->low && s->low - page <= NEAR_BELOW) {
        for (uint64_t p = s->low - PAGE; p >= page; p -= PAGE)
            if (!can_read(l, p)) return 0;
        s->span += s->low - page;
        s->low = page;
        return 1;
    }
    return 0;
}

struct uw_stack *uw__stack_find(struct uw_level *l, uint64_t address, enum uw_stack_use use) {
    uint64_t page = address & ~(uint64_t)(PAGE - 1), last = (address + 7) & ~(uint64_t)(PAGE - 1);
    struct uw_stack *oldest = NULL;
    l->clock++;
    for (struct uw_stack *s = l->stacks; s < l->stacks + UW_STACKS; s++) {
        if (uw_stack_holds(s, address)) {
            s->used = l->clock;
            return s;
        }
        if (s != l->home && (oldest == NULL || s->used < oldest->used)) oldest = s;
    }
    if (!can_read(l, page) || (last != page && !can_read(l, last))) return NULL;
    for (struct uw_stack *s = l->stacks; s < l->stacks + UW_STACKS; s++)
        if (s->span != 0 && extend(l, s, page, use) && (last == page || extend(l, s, last, use))) {
            s->used = l->clock;
            return s;
        }
    oldest->low = page;
    oldest->span = last + PAGE - 7 - page;
    oldest->used = l->clock;
    return oldest;
}
