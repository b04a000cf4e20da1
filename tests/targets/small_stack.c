/* SPDX-License-Identifier: MIT
 * Allocates on the smallest stacks that there are: threads of PTHREAD_STACK_MIN and coroutines of 8 KiB,
 * each with a page behind it that must not be touched. What a profiler needs of the stack shows here. */
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "own.h"

enum { THREADS = 20, COROUTINE_STACK = 8192, PAGE = 4096 };

static struct own own;
static ucontext_t main_context, coroutine_context;

static void allocate(void) {
    for (int i = 0; i < 50; i++) {
        void *p = own_malloc(&own, 1009);
        p = own_realloc(&own, p, 1009, 2003);
        own_free(&own, p, 2003);
    }
}

static void *thread(void *unused) {
    (void)unused;
    allocate();
    return NULL;
}

static void coroutine(void) { allocate(); }

int main(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (pthread_attr_setstacksize(&attributes, (size_t)sysconf(_SC_THREAD_STACK_MIN)) != 0) return 3;
    for (int i = 0; i < THREADS; i++) {
        pthread_t t;
        if (pthread_create(&t, &attributes, thread, NULL) != 0) return 4;
        pthread_join(t, NULL);
    }
    char *room = mmap(NULL, PAGE + COROUTINE_STACK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mprotect(room + PAGE, COROUTINE_STACK, PROT_READ | PROT_WRITE) != 0) return 5;
    getcontext(&coroutine_context);
    coroutine_context.uc_stack.ss_sp = room + PAGE;
    coroutine_context.uc_stack.ss_size = COROUTINE_STACK;
    coroutine_context.uc_link = &main_context;
    makecontext(&coroutine_context, coroutine, 0);
    swapcontext(&main_context, &coroutine_context);
    own_print("small_stack", &own);
    return 0;
}
