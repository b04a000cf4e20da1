/* SPDX-License-Identifier: MIT
 * The hooks of C++'s operator new and operator delete, under their mangled names.
 *
 * Those of libstdc++ and libc++ call malloc and free, whose hooks see the block; here they are only
 * passed on, by a jump, so that the stack is the one the program has alone. An allocator that
 * brings operators of its own (jemalloc, tcmalloc, mimalloc) serves them without malloc; then the
 * operator itself is the allocation. Which of the two it is: the next operator lies in the same
 * library as the next malloc. */
#include <stdlib.h>

#include "agent/find.h"
#include "agent/hook.h"

struct operator_next {
    void *function;
    uint32_t asked;
    uint32_t allocates; /* 1: it does not go through malloc */
};

static void operator_look_up(struct operator_next *o, const char *name) {
    real_resolve();
    o->function = find_early(name);
    o->allocates = real_is_inner_code(o->function);
    store_release(&o->asked, 1);
}

/* A C program has no operators of its own, but the C++ libraries that it opens have. Where nothing
 * at all defines one (a weak reference), it is what it is everywhere: malloc or free. */
static void *operator_of_library(const char *name, const void *caller, void *otherwise) {
    void *function = find_late(name, caller);
    return function != NULL ? function : otherwise;
}

/* Both ways out of an operator are jumps, so `name_allocates` has the operator's own caller. */
#define OPERATOR(result, name, parameters, arguments, otherwise, body)                             \
    static struct operator_next name##_next;                                                       \
    __attribute__((                                                                                \
        noinline)) static result name##_allocates parameters body HOOK result name parameters;     \
    result name parameters {                                                                       \
        if (unlikely(!load_acquire(&name##_next.asked))) operator_look_up(&name##_next, #name);    \
        if (unlikely(name##_next.allocates)) return name##_allocates arguments;                    \
        void *function_ = name##_next.function;                                                    \
        if (unlikely(function_ == NULL))                                                           \
            function_ = operator_of_library(#name, __builtin_return_address(0),                    \
                                            (void *)(uintptr_t)otherwise);                         \
        return ((result(*) parameters)function_)arguments;                                         \
    }

#define NEW(name, parameters, arguments)                                                           \
    OPERATOR(void *, name, parameters, arguments, malloc, {                                        \
        void *block = ((void *(*)parameters)name##_next.function)arguments;                        \
        HOOK_ALLOCATED(block, size);                                                               \
        return block;                                                                              \
    })
#define DELETE(name, parameters, arguments)                                                        \
    OPERATOR(void, name, parameters, arguments, free, {                                            \
        HOOK_FREED(block);                                                                         \
        ((void(*) parameters)name##_next.function) arguments;                                      \
        HOOK_STAYS();                                                                              \
    })

/* m: size_t; St11align_val_t: the alignment; RKSt9nothrow_t: a reference that says "do not throw".
 */
NEW(_Znwm, (size_t size), (size))
NEW(_Znam, (size_t size), (size))
NEW(_ZnwmRKSt9nothrow_t, (size_t size, const void *tag), (size, tag))
NEW(_ZnamRKSt9nothrow_t, (size_t size, const void *tag), (size, tag))
NEW(_ZnwmSt11align_val_t, (size_t size, size_t alignment), (size, alignment))
NEW(_ZnamSt11align_val_t, (size_t size, size_t alignment), (size, alignment))
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, (size_t size, size_t alignment, const void *tag),
    (size, alignment, tag))
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, (size_t size, size_t alignment, const void *tag),
    (size, alignment, tag))

DELETE(_ZdlPv, (void *block), (block))
DELETE(_ZdaPv, (void *block), (block))
DELETE(_ZdlPvRKSt9nothrow_t, (void *block, const void *tag), (block, tag))
DELETE(_ZdaPvRKSt9nothrow_t, (void *block, const void *tag), (block, tag))
DELETE(_ZdlPvm, (void *block, size_t size), (block, size))
DELETE(_ZdaPvm, (void *block, size_t size), (block, size))
DELETE(_ZdlPvSt11align_val_t, (void *block, size_t alignment), (block, alignment))
DELETE(_ZdaPvSt11align_val_t, (void *block, size_t alignment), (block, alignment))
DELETE(_ZdlPvmSt11align_val_t, (void *block, size_t size, size_t alignment),
       (block, size, alignment))
DELETE(_ZdaPvmSt11align_val_t, (void *block, size_t size, size_t alignment),
       (block, size, alignment))
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t alignment, const void *tag),
       (block, alignment, tag))
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, (void *block, size_t alignment, const void *tag),
       (block, alignment, tag))
