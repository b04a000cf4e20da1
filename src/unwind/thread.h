/* SPDX-License-Identifier: MIT
 * What a thread keeps between captures.
 *
 *   memo    the last walk that began on one stack, outermost frame first, and every word it read
 *   step    a frame of it: the state the frame was left in, and the rule that stepped out of it
 *   slot    a word that was read: if all slots of the frames 0 … i still hold their values, and the
 *           state of frame i is the same, then frames 0 … i are the same (docs/unwinding.md)
 *   stack   a range of memory known to be readable, and the memo of the walks that began in it
 *   leaf    an innermost path kept beside the memo: its slots down to a frame of the memo, its node
 *   path    the hash of a path that was lately resolved, and its node: what the memo and the leaves
 *           do not hold any more. Paths come again soon, and the call tree is as large as all that
 *           the program ever did, where a look is a miss of all caches
 *   level   all of that, once for ordinary captures and once for each capture that may interrupt
 *           another one from a signal handler
 *
 * Memory only grows: nothing is unmapped while the thread's block exists. */
#ifndef HEAPWISE_UNWIND_THREAD_H
#define HEAPWISE_UNWIND_THREAD_H

#include "unwind/cfi.h"
#include "unwind/loader.h"
#include "unwind/rule.h"

struct uw_slot {
    uint64_t address, value;
};

/* marks: what is true of the path from the outermost frame to this one. */
enum {
    UW_MARK_BP_LIVE = 1, /* the walk outwards uses the value that bp has in this frame */
    UW_MARK_GUESSED = 2,
    UW_MARK_TRUNCATED = 4,
    UW_MARK_BITS = 3
};

struct uw_step {
    uint64_t sp, bp; /* bp means something only if live */
    uint64_t rule;
    uint32_t uid;         /* unlike that of any other step that the thread made */
    uint32_t slots_marks; /* number of slots of frames 0 … this, and marks in the low bits */
};
_Static_assert(sizeof(struct uw_step) == 32, "two steps to a cache line");

enum { UW_STEPS_BEFORE = 4 };
struct uw_memo {
    uint32_t count, capacity; /* of frames and steps */
    uint32_t slot_capacity;
    struct uw_frame *frames;
    /* The steps before the first exist too: their sp is above all others, and they have no slots.
     */
    struct uw_step *steps;
    struct uw_slot *slots;
    const void *resolved_by; /* the resolver's context that the frames' nodes are of */
};

struct uw_stack {
    uint64_t low, span; /* a word at `address` may be read if address - low < span */
    struct uw_memo memo;
    uint64_t used; /* when this record was last taken, for choosing the one to give up */
};

/* A frame of the walk in progress, innermost first. */
struct uw_fresh {
    uint64_t pc, sp, bp, rule;
};

enum { UW_LEAF_SLOTS = 12, UW_LEAF_PATIENCE = 2 };
struct uw_leaf {
    uint64_t pc, sp, bp, bp_mask;
    uint32_t join, join_uid; /* the memo frame that the slots lead to */
    uint32_t node, slots, marks;
    uint32_t
        passed_over; /* times that the path began alike and was another, since it last was this */
    uint32_t reserved[2];
    struct uw_slot slot[UW_LEAF_SLOTS]; /* innermost last, as in a memo */
};
_Static_assert(sizeof(struct uw_leaf) == 256, "a leaf is four cache lines");

/* The name of a path that was asked for lately, and its node; of a node 0: nothing. Should a capture
 * that was judged dead go on in the middle of writing one (thread.c), its halves are of two paths and
 * belong to none. */
struct uw_path {
    uint64_t low;        /* hash[0] of its innermost frame */
    uint32_t high, node; /* the high half of hash[1] */
};

enum uw_end {
    UW_GOES_ON,
    UW_ENDS,      /* the outermost frame was reached */
    UW_TRUNCATED, /* there is more, and no way to it */
    UW_NEEDS_MACHINE
};

/* The words that made a walk end: they are slots of the last frame. */
struct uw_stop {
    enum uw_end end;
    uint32_t slots;
    int forgettable; /* the reason is not in state and words alone: must not be remembered */
    struct uw_slot slot[3];
};

enum { UW_LEVELS = 4, UW_STACKS = 8, UW_PAGES = 512, UW_FRESH_FIRST = 512, UW_MEMO_FIRST = 512 };

struct uw_level {
    uint64_t active;       /* the sp of the capture in progress, 0 = none */
    struct uw_stack *home; /* the stack of the last capture */
    struct uw_loader_view view;
    uint32_t uid;
    uint32_t leaf_mask;
    struct uw_leaf *leaves;       /* NULL in all but the first level */
    struct uw_leaf *leaf_to_make; /* of the capture in progress */
    struct uw_path *paths;        /* NULL in all but the first level */
    const void *paths_by;         /* the resolver's context that their nodes are of */
    uint64_t path_mask;
    struct uw_fresh *fresh;       /* and one more, for the memo's frame that they are put on */
    uint64_t fresh_capacity;
    uint64_t clock;
    struct uw_stop stop;
    struct uw_stack stacks[UW_STACKS];
    uint64_t pages[UW_PAGES]; /* pages that were readable when last asked, by page % UW_PAGES */
    struct uw_cfi_scratch scratch;
};

struct uw_thread {
    struct uw_level first;
    struct uw_level *above[UW_LEVELS - 1]; /* mapped when first needed */
};

extern uw_resolver *uw__resolver;
extern void *uw__resolver_context;
extern struct uw_counters *uw__counters;

/* Zeroed memory, or NULL; counted in private_bytes. */
void *uw__map(uint64_t bytes);

static inline uint32_t uw_step_slots(const struct uw_step *s) {
    return s->slots_marks >> UW_MARK_BITS;
}
static inline uint32_t uw_step_marks(const struct uw_step *s) {
    return s->slots_marks & ((1u << UW_MARK_BITS) - 1);
}

static inline int uw_stack_holds(const struct uw_stack *s, uint64_t address) {
    return address - s->low < s->span;
}

/* The stack in which the word at `address` may be read, found or made; NULL if it cannot be read. A
 * walk that goes on is on the same stack some way up; one that begins there may be on a
 * neighbouring stack, which shall have a memo of its own. */
enum uw_stack_use { UW_STACK_BEGINS, UW_STACK_GOES_ON };
struct uw_stack *uw__stack_find(struct uw_level *l, uint64_t address, enum uw_stack_use use);

/* Make room, keeping what is there. False when memory is out (the old memory stays good). */
int uw__memo_reserve(struct uw_memo *m, uint64_t frames, uint64_t slots);
int uw__fresh_grow(struct uw_level *l);
/* The level above the one that is busy with a capture, or NULL. `sp` is that of the new capture. */
struct uw_level *uw__level_enter(struct uw_thread *t, uint64_t sp);
/* Forgets all walks. */
void uw__level_forget(struct uw_level *l);
/* Forgets everything, whatever state it was left in, and makes the level free. */
void uw__level_discard(struct uw_level *l);

#endif
