/* SPDX-License-Identifier: MIT
 * Coroutines (makecontext, swapcontext) on stacks from mmap and from malloc, which allocate in turn
 * with main and with each other. */
#include <sys/mman.h>
#include <ucontext.h>

#include "own.h"

enum { COROUTINES = 8, ROUNDS = 500, STACK = 64 << 10 };

static struct own own;
static ucontext_t main_context, contexts[COROUTINES];

__attribute__((noinline)) static void inner(int which, int depth) {
    if (depth > 0) {
        inner(which, depth - 1);
        __asm__ volatile("" ::: "memory");
        return;
    }
    void *p = own_malloc(&own, 1009 + (size_t)which);
    swapcontext(&contexts[which], &main_context);
    own_free(&own, p, 1009 + (size_t)which);
}

static void coroutine(int which) {
    for (int i = 0; i < ROUNDS; i++) inner(which, i % 7);
    own_malloc(&own, 29);
}

int main(void) {
    for (int i = 0; i < COROUTINES; i++) {
        getcontext(&contexts[i]);
        contexts[i].uc_stack.ss_size = STACK;
        contexts[i].uc_stack.ss_sp =
            i % 2 == 0 ? own_malloc(&own, STACK)
                       : mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        contexts[i].uc_link = &main_context;
        makecontext(&contexts[i], (void (*)(void))coroutine, 1, i);
    }
    for (int round = 0; round <= ROUNDS; round++)
        for (int i = 0; i < COROUTINES; i++) {
            swapcontext(&main_context, &contexts[i]);
            own_free(&own, own_malloc(&own, 53), 53);
        }
    own_print("coroutine", &own);
    return 0;
}
