/* SPDX-License-Identifier: MIT
 * Signals to heapwise, which are meant for the program, and stops: what a shell and a terminal see
 * of heapwise is what they would see of the program alone.
 *
 * - One that somebody sent is passed on, unless the program or a child of it did: kill(0, …) has
 *   reached the program already.
 * - One of the terminal (Ctrl-C, Ctrl-Z) reaches all of the foreground group by itself. heapwise
 *   stops when, and only if, the program did.
 *
 * A program that is stopped by SIGSTOP stays so alone: whoever did that meant that process. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "recorder/lineage.h"
#include "recorder/recorder_state.h"

static const int passed_on[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};

static void set_of(sigset_t *set, const int *signals, size_t count) {
    sigemptyset(set);
    for (size_t i = 0; i < count; i++)
        sigaddset(set, signals[i]);
}

static bool is_stop(int number) {
    return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

int signals_take(struct recorder *r, sigset_t *before, struct failure *f) {
    sigset_t heard, blocked;
    set_of(&heard, passed_on, sizeof passed_on / sizeof *passed_on);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        sigaddset(&heard, stops[i]);
    sigaddset(&heard, SIGCHLD);
    blocked = heard;
    sigaddset(&blocked,
              SIGXFSZ); /* a file of ours is too large: the write fails, which is enough */
    sigprocmask(SIG_BLOCK, &blocked, before);
    r->signal_fd = signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
    return r->signal_fd < 0 ? failure_set_errno(f, errno, "cannot watch for signals") : 0;
}

void signals_let_stop(void) {
    sigset_t set;
    set_of(&set, stops, sizeof stops / sizeof *stops);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* Stops this process as the signal would, if its group can be stopped at all. Returns when it has
 * been continued. */
static void stop_here(int number) {
    sigset_t one, mask;
    set_of(&one, &number, 1);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &one, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
}

static bool program_is_stopped(const struct recorder *r) {
    siginfo_t s = {0};
    return waitid(P_PID, (id_t)r->program, &s, WCONTINUED | WNOHANG | WNOWAIT) == 0 &&
           s.si_pid == 0;
}

/* The program has stopped, so we do. Whoever continues us alone means it. */
static void follow_stop(struct recorder *r) {
    siginfo_t s = {0};
    if (waitid(P_PID, (id_t)r->program, &s, WSTOPPED | WNOHANG) != 0 || s.si_pid == 0) return;
    if (!is_stop(s.si_status)) return;
    stop_here(s.si_status);
    /* A shell continues the whole group, the program a moment after us. */
    for (int look = 0; look < 20 && program_is_stopped(r); look++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    if (program_is_stopped(r)) kill(r->program, SIGCONT);
    waitid(P_PID, (id_t)r->program, &s, WCONTINUED | WNOHANG);
}

static bool nobody(void *context, pid_t pid) {
    (void)context, (void)pid;
    return false;
}

static void hear_one(struct recorder *r, const struct signalfd_siginfo *s) {
    int number = (int)s->ssi_signo;
    bool was_sent = s->ssi_code <= 0;
    if (number == SIGCHLD) {
        if (!r->program_ended) follow_stop(r);
    } else if (r->program_ended) {
        /* Of what is left of the run: it is to be recorded no longer. */
        if (is_stop(number))
            stop_here(number);
        else
            r->letting_go = true;
    } else if (was_sent && !lineage_descends((pid_t)s->ssi_pid, r->program, nobody, NULL)) {
        kill(r->program, number);
    }
}

void signals_hear(struct recorder *r) {
    struct signalfd_siginfo s;
    while (read(r->signal_fd, &s, sizeof s) == (ssize_t)sizeof s)
        hear_one(r, &s);
}
