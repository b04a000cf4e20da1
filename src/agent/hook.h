/* SPDX-License-Identifier: MIT
 * What every hook does, as macros, because a hook must be the very function that the program
 * called: the stack is captured from its own frame.
 *
 *   HOOK_REAL(f)                the real f, which is looked up at its first call
 *   HOOK_ALLOCATED(block, size) after the real call: the birth of a block, or a failure when NULL
 *   HOOK_FREED(block)           before the real call, while the block cannot be handed out again
 *   HOOK_REALLOCATE(old, size, call)  the whole body of a hook like realloc; `call` makes the real
 * call
 *
 * realloc's outcomes:  old == NULL            an allocation
 *                      size == 0 and NULL     old was freed (glibc); not a failure
 *                      NULL otherwise         a failure; old lives on
 *                      a block                old ended and the block was born: one event */
#ifndef HEAPWISE_AGENT_HOOK_H
#define HEAPWISE_AGENT_HOOK_H

#include <stdint.h>

#include "agent/agent.h"
#include "agent/real.h"
#include "agent/ring_write.h"

#define HOOK __attribute__((visibility("default")))

#define HOOK_REAL(name) (real.name)

/* Behind a last call: keeps the compiler from making it a jump, so that the hook stays on the stack
 * and real_is_inner_code can tell who calls. */
#define HOOK_STAYS() __asm__ volatile("")

#define HOOK_ALLOCATED(block, size)                                                                \
    do {                                                                                           \
        struct agent_thread *t_ = agent_enter();                                                   \
        if (likely(t_ != NULL)) {                                                                  \
            uint32_t node_ = UW_CAPTURE(t_->unwinder);                                             \
            if (likely((block) != NULL))                                                           \
                ring_alloc(t_, (block), (size), node_);                                            \
            else                                                                                   \
                agent_ring_long(t_, WIRE_FAILED, NULL, (size), node_);                             \
        }                                                                                          \
    } while (0)

#define HOOK_FREED(block)                                                                          \
    do {                                                                                           \
        if ((block) == NULL) return;                                                               \
        if (unlikely(real_is_arena(block))) return;                                                \
        struct agent_thread *t_ = agent_enter();                                                   \
        if (likely(t_ != NULL)) ring_free(t_, (block));                                            \
    } while (0)

#define HOOK_REALLOCATE(old, size, call)                                                           \
    do {                                                                                           \
        if (unlikely(real_is_arena(old))) {                                                        \
            void *moved_ = real_arena_move((old), (size));                                         \
            HOOK_ALLOCATED(moved_, (size));                                                        \
            return moved_;                                                                         \
        }                                                                                          \
        struct agent_thread *t_ = agent_enter();                                                   \
        uint64_t before_ =                                                                         \
            t_ != NULL && (old) != NULL && ring_stamps(t_) ? ring_stamp_before() : 0;              \
        void *block_ = (call);                                                                     \
        t_ = agent_enter(); /* a handler may have forked meanwhile: this is then the child */      \
        if (unlikely(t_ == NULL)) return block_;                                                   \
        uint32_t node_ = UW_CAPTURE(t_->unwinder);                                                 \
        if ((old) == NULL) {                                                                       \
            if (likely(block_ != NULL))                                                            \
                ring_alloc(t_, block_, (size), node_);                                             \
            else                                                                                   \
                agent_ring_long(t_, WIRE_FAILED, NULL, (size), node_);                             \
        } else if (likely(block_ != NULL)) {                                                       \
            agent_ring_move(t_, (old), block_, (size), node_, before_);                            \
        } else if ((size) == 0) {                                                                  \
            agent_ring_free_at(t_, (old), before_);                                                \
        } else {                                                                                   \
            agent_ring_long(t_, WIRE_FAILED, NULL, (size), node_);                                 \
        }                                                                                          \
        return block_;                                                                             \
    } while (0)

#endif
