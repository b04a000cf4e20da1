/* SPDX-License-Identifier: MIT
 * Signal handlers that allocate: on the normal stack and on an alternate one, raised between
 * allocations (so that malloc itself is never re-entered, which would be the program's own error),
 * and one that leaves by siglongjmp. */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "own.h"

static struct own own;
static sigjmp_buf back;

static void handler_normal(int s) {
    (void)s;
    own_free(&own, own_malloc(&own, 1009), 1009);
    own_malloc(&own, 31);
}

static void handler_alternate(int s) {
    (void)s;
    own_free(&own, own_malloc(&own, 2003), 2003);
    own_malloc(&own, 37);
}

static void handler_jumps(int s) {
    (void)s;
    own_malloc(&own, 41);
    siglongjmp(back, 1);
}

static void install(int s, void (*handler)(int), int flags) {
    struct sigaction a = {.sa_handler = handler, .sa_flags = flags};
    sigemptyset(&a.sa_mask);
    sigaction(s, &a, NULL);
}

int main(void) {
    stack_t alternate = {.ss_size = 256 << 10};
    alternate.ss_sp = mmap(NULL, alternate.ss_size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaltstack(&alternate, NULL);
    install(SIGUSR1, handler_normal, 0);
    install(SIGUSR2, handler_alternate, SA_ONSTACK);
    install(SIGURG, handler_jumps, SA_NODEFER);
    for (int i = 0; i < 1000; i++) {
        void *p = own_malloc(&own, 101);
        raise(SIGUSR1);
        raise(SIGUSR2);
        own_free(&own, p, 101);
        if (sigsetjmp(back, 1) == 0) raise(SIGURG);
    }
    own_print("signal_handler", &own);
    return 0;
}
