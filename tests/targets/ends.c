/* SPDX-License-Identifier: MIT
 * Allocates a known amount and ends at once in the way that the argument names: nothing that was
 * completed before may be lost. */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "own.h"

static struct own own;
static volatile int zero;

static void *end_process(void *unused) {
    (void)unused;
    _exit(21);
}

static void *idle(void *unused) {
    for (;;) pause();
    return unused;
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "return";
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (int i = 0; i < 1000; i++) {
        void *p = own_malloc(&own, 1009);
        if (i % 4 != 0) own_free(&own, p, 1009);
    }
    own_print("ends", &own);
    if (strcmp(how, "return") == 0) return 23;
    if (strcmp(how, "exit") == 0) exit(24);
    if (strcmp(how, "_exit") == 0) _exit(25);
    if (strcmp(how, "quick_exit") == 0) quick_exit(26);
    if (strcmp(how, "exit_group") == 0) syscall(SYS_exit_group, 27);
    if (strcmp(how, "abort") == 0) abort();
    if (strcmp(how, "kill") == 0) kill(getpid(), SIGKILL);
    if (strcmp(how, "term") == 0) kill(getpid(), SIGTERM);
    if (strcmp(how, "int") == 0) raise(SIGINT);
    if (strcmp(how, "hup") == 0) raise(SIGHUP);
    if (strcmp(how, "segv") == 0) *(volatile int *)8 = 1;
    if (strcmp(how, "fpe") == 0) return 1234567 / zero;
    if (strcmp(how, "ill") == 0) __builtin_trap();
    if (strcmp(how, "bus") == 0) raise(SIGBUS);
    if (strcmp(how, "pipe") == 0) raise(SIGPIPE);
    if (strcmp(how, "exec") == 0) {
        char *const command[] = {(char *)"/bin/true", NULL};
        execv(command[0], command);
    }
    if (strcmp(how, "thread_exit") == 0) {
        pthread_t t;
        pthread_create(&t, NULL, end_process, NULL);
        pthread_join(t, NULL);
    }
    if (strcmp(how, "return_with_threads") == 0) {
        pthread_t t;
        for (int i = 0; i < 4; i++) pthread_create(&t, NULL, idle, NULL);
        return 28;
    }
    return 99;
}
