/* SPDX-License-Identifier: MIT
 * Processes that come about in unusual ways (argument 1); each leaks a number of blocks of a size
 * of its own, so that its recording can be told from the others.
 *
 * - returns: a timer's handler forks in the middle of allocations; the child returns from it and
 *   finishes the parent's work
 * - execs: the same, and the child executes /bin/true
 * - daemon: a daemon, which starts to allocate when all that started it have gone (argument 2: a
 *   file that it makes at its end)
 * - libc: the same by libc's daemon(), which also leaves the directory and the descriptors 0 to 2
 * - clone: the bare system call, which no library function sees
 * - inherits: a child of a process with threads frees, and reallocates, what its parent allocated,
 *   and allocates again at the same addresses
 * - clears: clearenv, then a child
 * - drops: becomes another user, then a child (root only)
 * - chroots: into argument 2, then a child (root only)
 * - unshares: new user, net, mount, and process namespaces as far as they are permitted, then a
 *   child
 * - few: RLIMIT_NOFILE 3 for good, then a child
 * - soft: RLIMIT_NOFILE 3, which may be raised again, then a child
 * - storm: argument 2 children that all run at once and die without being waited for until the end
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "own.h"

static struct own own;
static volatile sig_atomic_t forks, is_child, failed, armed;
static int execs;

static void leak(size_t size, int count) {
    for (int i = 0; i < count; i++)
        own_malloc(&own, size);
}

static void wait_for(pid_t pid) {
    int status = -1;
    if (pid <= 0 || waitpid(pid, &status, 0) != pid || status != 0) failed++;
}

static void child_and_wait(size_t size) {
    pid_t pid = fork();
    if (pid == 0) {
        leak(size, 100);
        _exit(0);
    }
    wait_for(pid);
}

/* Once: a handler takes longer than any period, and the program shall get on between two of them.
 */
static void timer(long microseconds) {
    struct itimerval t = {{0, 0}, {0, microseconds}};
    setitimer(ITIMER_REAL, &t, NULL);
}

static void handler(int s) {
    (void)s;
    if (is_child) return;
    int error = errno;
    pid_t pid = fork();
    if (pid == 0 && execs) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(127);
    }
    armed = 0;
    if (pid == 0) {
        is_child = 1;
    } else {
        forks++;
        wait_for(pid);
    }
    errno = error;
}

/* The children return from the handler into whatever was interrupted, and must find all as it was.
 */
static int interrupted(void) {
    struct sigaction a = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &a, NULL);
    for (int n = 0; is_child || (n < 400000 && forks < 40); n++) {
        if (!armed && !is_child) {
            armed = 1;
            timer(20 + n % 97);
        }
        unsigned char *p = own_malloc(&own, 64 + n % 512);
        memset(p, n & 255, 64);
        if (p[63] != (n & 255)) _exit(9);
        own_free(&own, p, 64 + n % 512);
        if (is_child && n % 1000 == 999) {
            leak(503, 100);
            _exit(0);
        }
    }
    timer(0);
    own_print("fork_odd", &own);
    return forks >= 10 && failed == 0 ? 0 : 3;
}

/* Allocates when all that started it have gone. */
static int live_on(pid_t first, const char *file) {
    while (kill(first, 0) == 0)
        usleep(2000);
    usleep(20000);
    leak(503, 100);
    int fd = open(file, O_CREAT | O_WRONLY, 0600);
    return fd < 0;
}

static int become_daemon(const char *file) {
    pid_t first = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        if (fork() != 0) _exit(0);
        _exit(live_on(first, file));
    }
    wait_for(pid);
    return failed;
}

static int become_daemon_of_libc(const char *file) {
    pid_t first = getpid();
    return daemon(0, 0) != 0 ? 7 : live_on(first, file);
}

static void *nothing(void *p) {
    return p;
}

/* Half of the parent's blocks are freed, half moved; each address is given out again at once. */
static int inherit(void) {
    enum { BLOCKS = 1000 };
    static void *blocks[BLOCKS];
    pthread_t thread;
    pthread_create(&thread, NULL, nothing, NULL);
    pthread_join(thread, NULL);
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = own_malloc(&own, 307);
    pid_t pid = fork();
    if (pid == 0) {
        struct own mine = {0};
        for (int i = 0; i < BLOCKS; i++) {
            if (i % 2 == 0) {
                free(blocks[i]);
            } else {
                void *moved = realloc(blocks[i], 4001);
                own_born(&mine, 4001);
                own_free(&mine, moved, 4001);
            }
            void *again = own_malloc(&mine, 307);
            if (i % 4 < 2) own_free(&mine, again, 307);
        }
        own_print("child", &mine);
        _exit(0);
    }
    wait_for(pid);
    return failed;
}

static int storm(int count) {
    for (int i = 0; i < count; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            leak(503, 10);
            _exit(0);
        }
        if (pid < 0) return 4;
    }
    while (count > 0) {
        int status;
        if (wait(&status) < 0 || status != 0) return 5;
        count--;
    }
    return 0;
}

int main(int argc, char **argv) {
    const char *how = argc > 1 ? argv[1] : "", *more = argc > 2 ? argv[2] : "";
    leak(211, 7);
    if (strcmp(how, "returns") == 0) return interrupted();
    if (strcmp(how, "execs") == 0) return execs = 1, interrupted();
    if (strcmp(how, "daemon") == 0) return become_daemon(more);
    if (strcmp(how, "libc") == 0) return become_daemon_of_libc(more);
    if (strcmp(how, "storm") == 0) return storm(atoi(more));
    if (strcmp(how, "clone") == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, nothing, NULL);
        pthread_join(thread, NULL);
        pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid == 0) {
            leak(503, 100);
            _exit(0);
        }
        wait_for(pid);
        return failed;
    }
    if (strcmp(how, "inherits") == 0) return inherit();
    if (strcmp(how, "clears") == 0) clearenv();
    if (strcmp(how, "drops") == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 77;
    if (strcmp(how, "chroots") == 0 && (chroot(more) != 0 || chdir("/") != 0)) return 77;
    if (strcmp(how, "unshares") == 0) {
        if (unshare(CLONE_NEWUSER) != 0) return 77;
        if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID) != 0) return 77;
    }
    struct rlimit files = {3, 3};
    if (strcmp(how, "few") == 0) setrlimit(RLIMIT_NOFILE, &files);
    if (strcmp(how, "soft") == 0) {
        getrlimit(RLIMIT_NOFILE, &files);
        files.rlim_cur = 3;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    child_and_wait(503);
    struct rlimit after;
    getrlimit(RLIMIT_NOFILE, &after);
    if ((strcmp(how, "few") == 0 || strcmp(how, "soft") == 0) && after.rlim_cur != 3) return 6;
    return failed;
}
