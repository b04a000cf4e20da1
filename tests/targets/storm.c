/* SPDX-License-Identifier: MIT
 * A timer of 10 kHz whose handler allocates and frees while the program does (argument 1), anywhere in the
 * middle of it; meant for the allocator of slots_preload.c, which permits that.
 *
 *   plain      on the program's stack
 *   alternate  on an alternate signal stack
 *   jumps      the handler leaves by siglongjmp every time, out of whatever it interrupted
 *   dies       threads allocate, and their handler ends them by a bare SYS_exit in the middle of it */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "own.h"

static struct own in_handler, in_main; /* each counted where no handler can interrupt the count */
static volatile sig_atomic_t storms, can_jump;
static sigjmp_buf back;
static atomic_int left;

__attribute__((noinline)) static void allocate_in_handler(void) {
    for (int i = 0; i < 3; i++) {
        void *p = own_malloc(&in_handler, 101);
        own_free(&in_handler, p, 101);
    }
    if (storms % 16 == 0) own_malloc(&in_handler, 31);
}

static void on_alarm(int s) {
    (void)s;
    storms++;
    allocate_in_handler();
}

static void on_alarm_jump(int s) {
    (void)s;
    storms++;
    if (!can_jump) return;
    can_jump = 0;
    siglongjmp(back, 1);
}

static void on_alarm_die(int s) {
    (void)s;
    atomic_fetch_add(&left, 1);
    syscall(SYS_exit, 0);
}

static void start(void (*handler)(int), int flags, int period) {
    struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART | flags};
    sigemptyset(&a.sa_mask);
    sigaction(SIGALRM, &a, NULL);
    struct itimerval t = {{0, period}, {0, period}};
    setitimer(ITIMER_REAL, &t, NULL);
}

static void stop(void) {
    struct itimerval none = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &none, NULL);
    signal(SIGALRM, SIG_IGN);
}

__attribute__((noinline)) static void allocate_in_main(int depth) {
    char room[48];
    __asm__ volatile("" : : "r"(room) : "memory");
    if (depth > 0) {
        allocate_in_main(depth - 1);
        __asm__ volatile("" ::: "memory");
        return;
    }
    void *p[8];
    for (int i = 0; i < 8; i++) p[i] = own_malloc(&in_main, 61 + i);
    for (int i = 0; i < 8; i++) own_free(&in_main, p[i], 61 + i);
}

static atomic_int tid;

static atomic_ullong completed; /* calls of malloc that came back, where a jump or a death may lose one */

__attribute__((noinline)) static void jumped_over(void) {
    void *p = malloc(83);
    atomic_fetch_add(&completed, 1);
    free(p);
}

static void *until_dead(void *unused) {
    (void)unused;
    jumped_over();
    atomic_store(&tid, (int)syscall(SYS_gettid));
    for (;;) jumped_over();
    return NULL;
}

static void die_many(void) {
    struct sigaction a = {.sa_handler = on_alarm_die};
    sigaction(SIGALRM, &a, NULL);
    for (int i = 0; i < 300; i++) {
        pthread_t t;
        pthread_create(&t, NULL, until_dead, NULL);
        pthread_detach(t);
        while (atomic_load(&tid) == 0) usleep(20);
        usleep(150 + i);
        syscall(SYS_tgkill, getpid(), atomic_exchange(&tid, 0), SIGALRM);
        while (atomic_load(&left) <= i) usleep(50);
        own_free(&in_main, own_malloc(&in_main, 127), 127);
    }
}

static void print_completed(void) {
    char line[64];
    snprintf(line, sizeof line, "completed %llu\n", (unsigned long long)completed);
    own_write(line);
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "plain";
    int wanted = argc > 2 ? atoi(argv[2]) : 5000;
    if (strcmp(how, "alternate") == 0) {
        stack_t s = {.ss_size = 64 << 10};
        s.ss_sp = mmap(NULL, s.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        sigaltstack(&s, NULL);
        start(on_alarm, SA_ONSTACK, 100);
    } else if (strcmp(how, "jumps") == 0) {
        start(on_alarm_jump, 0, 100);
    } else if (strcmp(how, "dies") == 0) {
        die_many();
        print_completed();
        own_print("storm", &in_main);
        return 0;
    } else {
        start(on_alarm, 0, 100);
    }
    if (strcmp(how, "jumps") == 0) {
        while (storms < wanted)
            if (sigsetjmp(back, 1) == 0) {
                can_jump = 1;
                for (int n = 0; n < 10000; n++) jumped_over();
            }
        stop();
        for (int n = 0; n < 1000; n++) allocate_in_main(n % 20);
        print_completed();
        own_print("storm", &in_main);
        return 0;
    }
    for (int n = 0; storms < wanted; n++) allocate_in_main(n % 50);
    stop();
    own_add(&in_main, &in_handler);
    own_print("storm", &in_main);
    return 0;
}
