/* SPDX-License-Identifier: MIT
 * Stacks that never reach main: from a constructor, from a thread, and from code without any unwind
 * information that has called on a cleared frame pointer. */
#include <pthread.h>

#include "own.h"

static struct own own;

__attribute__((constructor)) static void early(void) { own_malloc(&own, 1009); }

static void *thread(void *unused) {
    (void)unused;
    own_malloc(&own, 2003);
    return NULL;
}

void blind_call(void (*f)(void));
__asm__(".text\n"
        ".type blind_call, @function\n"
        "blind_call:\n"
        "    push %rbp\n"
        "    xor %ebp, %ebp\n"
        "    call *%rdi\n"
        "    pop %rbp\n"
        "    ret\n"
        ".size blind_call, . - blind_call\n");

static void blindly(void) {
    own_malloc(&own, 3001);
    __asm__ volatile("" ::: "memory");
}

int main(void) {
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
    blind_call(blindly);
    own_print("without_main", &own);
    return 0;
}
