/* SPDX-License-Identifier: MIT
 * Allocates a known amount and ends at once in the way that the argument names (a number: by that
 * signal): nothing that was completed before may be lost. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "own.h"

static struct own own;
static volatile int zero;
static void *volatile twice;

/* The kernel takes some ten milliseconds to take this apart, in which the process is neither alive nor
 * reported as dead. */
static void fill_memory(void) {
    enum { BYTES = 192 << 20 };
    char *p = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) _exit(98);
    madvise(p, BYTES, MADV_NOHUGEPAGE);
    memset(p, 1, BYTES);
}

static void *end_process(void *unused) {
    (void)unused;
    _exit(21);
}

static void *idle(void *unused) {
    for (;;)
        pause();
    return unused;
}

/* What programs do wrong, and what the kernel or libc makes of it. */
static void end_by_mistake(const char *how) {
    if (strcmp(how, "abort") == 0) abort();
    if (strcmp(how, "null") == 0) *(volatile int *)8 = 1;
    if (strcmp(how, "divides") == 0) _exit(1234567 / zero);
    if (strcmp(how, "illegal") == 0) __asm__ volatile("ud2");
    if (strcmp(how, "breakpoint") == 0) __asm__ volatile("int3");
    if (strcmp(how, "beyond_file") == 0) {
        int fd = open("empty", O_RDWR | O_CREAT, 0600);
        volatile char *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
        _exit(p[0]);
    }
    if (strcmp(how, "runs_data") == 0) {
        void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ((void (*)(void))p)();
    }
    if (strcmp(how, "free_twice") == 0) {
        free(twice);
        free(twice);
    }
    if (strcmp(how, "free_of_none") == 0) free((char *)twice + 8);
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "return";
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (int i = 0; i < 1000; i++) {
        void *p = own_malloc(&own, 1009);
        if (i % 4 != 0) own_free(&own, p, 1009);
    }
    if (strncmp(how, "free_", 5) == 0) twice = own_malloc(&own, 211);
    own_print("ends", &own);
    if (strcmp(how, "return") == 0) return 23;
    if (strcmp(how, "exit") == 0) exit(24);
    if (strcmp(how, "_exit") == 0) _exit(25);
    if (strcmp(how, "quick_exit") == 0) quick_exit(26);
    if (strcmp(how, "exit_group") == 0) syscall(SYS_exit_group, 27);
    if (atoi(how) > 0) {
        /* By bare calls, since libc keeps two numbers to itself; make starts what it starts with
         * one of them ignored. */
        static const unsigned long default_action[4]; /* the kernel's struct sigaction */
        syscall(SYS_rt_sigaction, atoi(how), default_action, NULL, sizeof(unsigned long));
        syscall(SYS_kill, getpid(), atoi(how));
        pause();
    }
    end_by_mistake(how);
    if (strcmp(how, "exec") == 0) {
        char *const command[] = {(char *)"/bin/true", NULL};
        execv(command[0], command);
    }
    if (strcmp(how, "full_exit") == 0) {
        fill_memory();
        _exit(29);
    }
    if (strcmp(how, "full_kill") == 0) {
        fill_memory();
        kill(getpid(), SIGKILL);
    }
    if (strcmp(how, "thread_exit") == 0) {
        pthread_t t;
        pthread_create(&t, NULL, end_process, NULL);
        pthread_join(t, NULL);
    }
    if (strcmp(how, "return_with_threads") == 0) {
        pthread_t t;
        for (int i = 0; i < 4; i++)
            pthread_create(&t, NULL, idle, NULL);
        return 28;
    }
    return 99;
}
