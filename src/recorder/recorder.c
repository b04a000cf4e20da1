/* SPDX-License-Identifier: MIT
 * The recorder's main loop: one thread that keeps the clock, drains the rings of all processes,
 * lets new ones in (knock.c), and sees processes end (roster.c). It sleeps a millisecond at most
 * while anything is recorded. */
#include "recorder/recorder_state.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/arch/x86_64/cpu.h"
#include "core/atomics.h"
#include "recorder/clock_source.h"
#include "recorder/launch.h"
#include "recorder/lineage.h"
#include "recorder/told.h"

enum {
    RSS_EVERY_MS = 10,
    WRITER_EVERY_MS = 100,
    NAMES_EVERY_MS = 1000,
    SILENT_EVERY_MS = 200,
    EXEC_MS = 30, /* no exec is in its first moment for so long */
    RING_BEHIND = 128, /* in 256ths: from here on there is no rest until more has been taken */
    EVENTS_MAX = 64
};

static uint64_t monotonic_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void program_reap(struct recorder *r) {
    int status;
    if (waitpid(r->program, &status, WNOHANG) != r->program) return;
    r->program_ended = true;
    r->program_ended_ms = r->now_ms;
    r->result->wait_status = status;
    enum rec_end how = WIFSIGNALED(status) ? REC_END_SIGNAL : REC_END_EXIT;
    uint64_t what = (uint64_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    if (r->dying != NULL) {
        finisher_tell_end(r->finisher, r->dying, how, what);
        r->dying = NULL;
    }
    for (struct tracee *t = r->live; t != NULL; t = t->next) {
        if (t->pid != r->program) continue;
        roster_end(r, t, how, what);
        return;
    }
}

static void hear(struct recorder *r, struct source *s) {
    switch (s->kind) {
    case SOURCE_LISTENER:
        knock_accept(r, s->fd);
        break;
    case SOURCE_KNOCK:
        knock_hear(r, s);
        break;
    case SOURCE_TRACEE:
        if (s->pid == r->program)
            program_reap(r); /* ends it with its status */
        else
            roster_end(r, s->tracee, REC_END_UNKNOWN, 0);
        break;
    case SOURCE_PROGRAM:
        program_reap(r);
        if (r->program_ended) epoll_ctl(r->epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
        break;
    case SOURCE_SIGNALS:
        signals_hear(r);
        break;
    }
}

/* ---- the loop ---- */

static void housekeep(struct recorder *r, uint32_t last_ms) {
    for (struct tracee *t = r->live; t != NULL; t = t->next) {
        if (tracee_is_dying(t)) r->somebody_dies = t->dying = true;
        if (r->now_ms / RSS_EVERY_MS != last_ms / RSS_EVERY_MS) {
            tracee_sample_rss(t);
            unentered_look_at_executable(t, r->listener.path);
        }
        if (r->now_ms / WRITER_EVERY_MS != last_ms / WRITER_EVERY_MS) {
            account_tick(t, r->now_ms);
            told_flush(t);
            rec_writer_tick(t->writer);
        }
        if (r->now_ms / NAMES_EVERY_MS != last_ms / NAMES_EVERY_MS) tracee_learn_names(t);
    }
}

/* Ends those that were seen dying. Nothing may be left to be heard that they said before, such as the
 * hello of another program that one of them became. */
static void let_die(struct recorder *r) {
    r->somebody_dies = false;
    for (struct tracee *t = r->live, *next; t != NULL; t = next) {
        next = t->next;
        if (t->dying) roster_dying(r, t);
    }
}

/* How long to sleep after a round in which the fullest ring was so full (in 256ths). Long enough
 * for a good batch: what is taken seldom is taken cheaply. A ring that filled by a fifth in a
 * millisecond will have room for the next one. */
static struct timespec nap(uint32_t fullest) {
    long ns = fullest >= RING_BEHIND ? 0 : fullest >= 48 ? 200000 : 1000000;
    return (struct timespec){.tv_nsec = ns};
}

static void tell_waiting(struct recorder *r) {
    size_t count = r->silent;
    if (r->told_waiting || r->now_ms - r->program_ended_ms < 2000) return;
    r->told_waiting = true;
    for (struct tracee *t = r->live; t != NULL; t = t->next)
        count++;
    fprintf(stderr,
            "heapwise: the program has ended; %zu process%s that it started still run%s and %s "
            "recorded (Ctrl-C ends the recording, not %s)\n",
            count, count == 1 ? "" : "es", count == 1 ? "s" : "", count == 1 ? "is" : "are",
            count == 1 ? "it" : "them");
}

/* Whether there is anybody left who is recorded, or would be at his next allocation. */
static bool anybody_left(struct recorder *r) {
    if (!r->program_ended || r->live != NULL || r->knocks > 0) {
        r->silent = 0; /* whoever it was may have come */
        r->beginning = false;
        return true;
    }
    if (r->options->no_follow) return false;
    if (r->silent_seen_ms == 0 || r->now_ms - r->silent_seen_ms >= SILENT_EVERY_MS ||
        r->beginning) {
        /* A fork is known of, a vfork is not: without the one the look is at younger ones. */
        struct lineage_silent s =
            lineage_silent(r->listener.path, r->program, r->forks != 0, roster_has, r);
        r->silent = s.count;
        r->beginning = s.beginning > 0 && r->now_ms - r->program_ended_ms < EXEC_MS;
        r->silent_seen_ms = r->now_ms;
    }
    return r->silent > 0 || r->beginning;
}

static void loop(struct recorder *r) {
    struct epoll_event events[EVENTS_MAX];
    while (anybody_left(r)) {
        uint32_t last_ms = r->now_ms, fullest = 0;
        r->now_ms = (uint32_t)((monotonic_ns() - r->start_ns) / 1000000);
        if (r->takes_turns && r->live != NULL) rec_encoder_hold(r->encoder);
        for (struct tracee *t = r->live; t != NULL; t = t->next) {
            store_relaxed(&t->region->clock_ms, r->now_ms);
            uint32_t full = tracee_drain(t, DRAIN_RUNNING);
            if (full > fullest) fullest = full;
            tracee_snapshot_if_due(t);
        }
        if (r->takes_turns && fullest < RING_BEHIND) rec_encoder_let_go(r->encoder);
        if (r->now_ms != last_ms) housekeep(r, last_ms);
        /* Giving memory back takes a while, and a dying program takes longer. */
        if (r->live == NULL && r->dying != NULL) rec_encoder_shrink(r->encoder);
        if (r->program_unwatched && !r->program_ended) program_reap(r);
        struct timespec sleep = nap(r->somebody_dies ? RING_BEHIND : fullest);
        int count =
            (int)syscall(SYS_epoll_pwait2, r->epoll_fd, events, EVENTS_MAX, &sleep, NULL, 0);
        if (count < 0 && errno == ENOSYS)
            count = epoll_wait(r->epoll_fd, events, EVENTS_MAX, sleep.tv_nsec > 0);
        /* One event at a time: handling one may drop the source of another. */
        if (count > 0) hear(r, events[0].data.ptr);
        if (count == 0 && r->somebody_dies) let_die(r);
        if (r->program_ended && (r->live != NULL || r->silent > 0)) {
            tell_waiting(r);
            while (r->letting_go && r->live != NULL)
                roster_end(r, r->live, REC_END_DETACHED, 0);
        }
        if (r->program_ended && r->letting_go && r->live == NULL) break;
    }
    rec_encoder_let_go(r->encoder);
}

/* A program that computes and our two threads are three that want to run. On two processors one of ours would
 * now and then run in the program's place, though together they need less than one processor. So there they
 * take turns: what is taken is encoded while the drain naps, and not before a program that fills its ring
 * lets it nap; only when too much waits (rec_encoder_hold) do both run. */
static bool processors_are_few(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) <= 2;
}

static int prepare(struct recorder *r, struct failure *f) {
    bool tsc = r->options->clock == RECORDER_CLOCK_AUTO ? timestamp_counter_is_sound()
                                                        : r->options->clock == RECORDER_CLOCK_TSC;
    r->clock = tsc ? WIRE_CLOCK_TSC : WIRE_CLOCK_COUNTER;
    r->start_ns = monotonic_ns();
    r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (r->epoll_fd < 0) return failure_set_errno(f, errno, "cannot make an epoll");
    if (tsc && !cpu_has_stamps())
        return failure_set(f, "--clock tsc: this processor lacks the instruction rdtscp; leave the option out");
    prctl(PR_SET_TIMERSLACK, 1000ul);
    if (listener_open(&r->listener, f) < 0) return -1;
    r->finish = (struct finish_options){.debug_directories = r->options->debug_directories,
                                        .use_debuginfod = r->options->use_debuginfod,
                                        .c_library_lines = r->options->c_library_lines,
                                        .resolve_symbols = !r->options->no_symbols,
                                        .progress = r->options->progress,
                                        .progress_context = r->options->progress_context};
    if (rec_encoder_start(&r->encoder, f) < 0) return -1;
    r->takes_turns = processors_are_few();
    return finisher_start(&r->finisher, &r->finish, r->result, f);
}

/* Of a program, and of forked children, that could get no region. */
static void explain_unrecorded(struct recorder *r) {
    if (r->unmapped_pid != 0) recorder_complain(r, &r->unmapped);
    if (r->unrecorded == 0) return;
    fprintf(stderr, "heapwise: %llu child process%s could not be recorded: %s\n",
            (unsigned long long)r->unrecorded, r->unrecorded == 1 ? "" : "es",
            r->unrecorded_error < 4096 ? strerror((int)r->unrecorded_error) : "unknown error");
}

/* Why nothing was recorded, when nothing was. */
static void explain_nothing(const struct recorder *r) {
    char path[PATH_MAX];
    struct failure f;
    if (r->begun > 0 || r->first_failure.text[0] != '\0') return;
    launch_resolve(r->options->command[0], path, sizeof path);
    const char *why = launch_obstacle(path, &f);
    if (why == NULL) {
        failure_set(&f,
                    "%s ran, but the agent in it did not answer, so nothing was recorded (a static "
                    "program started by a script, or one that clears LD_PRELOAD?)",
                    r->options->command[0]);
        why = f.text;
    }
    fprintf(stderr, "heapwise: %s; it ran unrecorded\n", why);
}

int recorder_run(const struct recorder_options *options, struct recorder_result *result,
                 int *exit_status, struct failure *f) {
    struct recorder r = {.options = options,
                         .result = result,
                         .epoll_fd = -1,
                         .signal_fd = -1,
                         .listener = {.path_fd = -1, .abstract_fd = -1}};
    sigset_t before;
    int outcome = -1;
    *result = (struct recorder_result){0};
    *exit_status = 1;
    launch_lift_limits();
    if (signals_take(&r, &before, f) < 0 || prepare(&r, f) < 0) goto done;
    r.program =
        launch(options->command, options->agent_path, r.listener.path, &before, exit_status, f);
    if (r.program < 0) goto done;
    int program_fd = (int)syscall(SYS_pidfd_open, r.program, 0);
    /* Should the kernel have no room for one of them: see loop, which looks for the program's end. */
    r.program_unwatched = source_watch(&r, &r.fixed[3], SOURCE_PROGRAM, program_fd) < 0;
    (void)source_watch(&r, &r.fixed[0], SOURCE_LISTENER, r.listener.path_fd);
    (void)source_watch(&r, &r.fixed[1], SOURCE_LISTENER, r.listener.abstract_fd);
    (void)source_watch(&r, &r.fixed[2], SOURCE_SIGNALS, r.signal_fd);
    loop(&r);
    signals_let_stop();
    close(program_fd);
    rec_encoder_shrink(r.encoder); /* while the finisher works */
    outcome = 0;
    explain_unrecorded(&r);
    unentered_tell(&r.unentered);
    explain_nothing(&r);
done:
    while (r.sources != NULL)
        source_drop(&r, r.sources);
    if (r.finisher != NULL) finisher_stop(r.finisher);
    if (r.encoder != NULL) rec_encoder_stop(r.encoder);
    listener_close(&r.listener);
    if (r.epoll_fd >= 0) close(r.epoll_fd);
    if (r.signal_fd >= 0) close(r.signal_fd);
    for (size_t i = 0; i < r.begun; i++)
        free(r.past_paths[i]);
    free(r.past_paths);
    signal(SIGXFSZ, SIG_IGN); /* forgets those that wait */
    sigprocmask(SIG_SETMASK, &before, NULL);
    return outcome;
}

void recorder_result_release(struct recorder_result *result) {
    for (size_t i = 0; i < result->count; i++) {
        free(result->processes[i].command);
        free(result->processes[i].name);
        free(result->processes[i].path);
    }
    free(result->processes);
    *result = (struct recorder_result){0};
}
