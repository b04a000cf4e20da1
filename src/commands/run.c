/* SPDX-License-Identifier: MIT
 * heapwise run: records a program and what it starts, names the recordings, prints the summary. All
 * that heapwise itself prints goes to standard error; the exit status is the program's. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sizes.h"
#include "commands/check_recording.h"
#include "commands/commands.h"
#include "commands/report.h"
#include "commands/run_processes.h"
#include "commands/run_usage.h"
#include "recorder/recorder.h"

/* Holds every recording of the run against the budgets. */
static int recordings_check(const struct recorder_result *r, struct run_options *o) {
    const char **paths = calloc(r->count + 1, sizeof *paths);
    size_t count = 0;
    if (paths == NULL) {
        fprintf(stderr, "heapwise: cannot check the recordings: out of memory\n");
        return 1;
    }
    for (size_t i = 0; i < r->count; i++)
        if (r->processes[i].path != NULL) paths[count++] = r->processes[i].path;
    struct check_request request = {.budgets = &o->budgets,
                                    .top = CHECK_STACKS_USUAL,
                                    .options = o->summary.question,
                                    .junit = o->junit,
                                    .markdown = o->markdown,
                                    .is_quiet = o->quiet};
    int status = check_recordings(&request, paths, count, stderr);
    free(paths);
    return status;
}

/* The agent lies beside the program that is running, or where it is installed. */
static int agent_find(char *path, size_t bytes) {
    static const char *const places[] = {"libheapwise.so", "src/agent/libheapwise.so",
                                         "../lib/heapwise/libheapwise.so",
                                         "../" HEAPWISE_LIBDIR "/heapwise/libheapwise.so"};
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0) return -1;
    self[n] = '\0';
    *(strrchr(self, '/') + 1) = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char candidate[2 * PATH_MAX], whole[PATH_MAX];
        snprintf(candidate, sizeof candidate, "%s%s", self, places[i]);
        if (realpath(candidate, whole) == NULL || access(whole, R_OK) != 0) continue;
        return snprintf(path, bytes, "%s", whole) < (int)bytes ? 0 : -1;
    }
    return -1;
}

/* Symbols of large programs take seconds: say so on a terminal. */
static void progress_show(void *context, const char *what, size_t done, size_t total) {
    static struct timespec start, last;
    struct timespec now;
    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (done == 0 || start.tv_sec == 0) start = last = now;
    if (now.tv_sec - start.tv_sec < 1 || total == 0) return;
    if (done < total && now.tv_sec == last.tv_sec && now.tv_nsec - last.tv_nsec < 100000000) return;
    last = now;
    fprintf(stderr, "\rheapwise: %s %3zu %%%s", what, 100 * done / total,
            done == total ? "\r\033[K" : "");
}

static int by_peak(const void *a, const void *b) {
    const struct recorded_process *p = a, *q = b;
    return (p->totals.peak_bytes < q->totals.peak_bytes) -
           (p->totals.peak_bytes > q->totals.peak_bytes);
}

/* The largest process is the one a person asks about: a wrapper script's own heap seldom is. */
static void result_print(struct recorder_result *r, const struct run_options *o) {
    if (r->count == 0) return;
    qsort(r->processes, r->count, sizeof *r->processes, by_peak);
    for (size_t i = 0; i < r->count; i++) {
        const struct recorded_process *p = &r->processes[i];
        if (p->failure.text[0] != '\0')
            fprintf(stderr, "heapwise: %s: %s\n", p->path, p->failure.text);
    }
    if (o->quiet) return;
    char bytes[32];
    size_text(bytes, sizeof bytes, r->processes[0].file_bytes);
    if (r->count == 1) {
        fprintf(stderr, "heapwise: recorded to %s (%s)\n", r->processes[0].path, bytes);
    } else {
        fprintf(stderr, "heapwise: recorded %zu processes; the largest to %s (%s)\n", r->count,
                r->processes[0].path, bytes);
        run_processes_print(r, &o->summary.question);
    }
    report_print_summary(r->processes[0].path, &o->summary, stderr);
}

/* Ends as the program ended, by the same signal if it was one. */
static int end_like(int wait_status) {
    if (!WIFSIGNALED(wait_status)) return WEXITSTATUS(wait_status);
    int number = WTERMSIG(wait_status);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* the program's own core dump is enough */
    fflush(NULL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, number);
    /* By bare calls: libc keeps two numbers to itself, which signal() and raise() refuse. */
    static const uint64_t default_action[4]; /* the kernel's struct sigaction */
    syscall(SYS_rt_sigaction, number, default_action, NULL, sizeof(uint64_t));
    syscall(SYS_kill, getpid(), number);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    return 128 + number;
}

int command_run(int argc, char **argv) {
    struct run_options o = {0};
    char agent[PATH_MAX];
    int exit_status = run_options_read(&o, argc, argv);
    if (exit_status >= 0) {
        run_options_release(&o);
        return exit_status;
    }
    if (agent_find(agent, sizeof agent) < 0) {
        fprintf(stderr, "heapwise: the agent, libheapwise.so, is not beside heapwise: build or "
                        "install both together\n");
        return 1;
    }
    o.recorder.agent_path = agent;
    if (!o.quiet && isatty(STDERR_FILENO)) o.recorder.progress = progress_show;
    struct recorder_result result;
    struct failure f;
    if (recorder_run(&o.recorder, &result, &exit_status, &f) < 0) {
        fprintf(stderr, "heapwise: %s\n", f.text);
        return exit_status;
    }
    result_print(&result, &o);
    int status = result.wait_status;
    int failed = run_is_checked(&o) && recordings_check(&result, &o) != 0;
    recorder_result_release(&result);
    run_options_release(&o);
    if (failed && WIFEXITED(status) && WEXITSTATUS(status) == 0) return 1;
    return end_like(status);
}
