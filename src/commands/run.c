/* SPDX-License-Identifier: MIT
 * heapwise run: records a program and what it starts, names the recordings, prints the summary. All
 * that heapwise itself prints goes to standard error; the exit status is the program's. */
#include <errno.h>
#include <getopt.h>
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
#include "commands/budget.h"
#include "commands/check_recording.h"
#include "commands/commands.h"
#include "commands/report.h"
#include "commands/run_processes.h"
#include "recorder/recorder.h"

static const char usage[] =
    "Usage: heapwise [run] [OPTION…] [--] PROGRAM [ARGUMENT…]\n"
    "\n"
    "Runs PROGRAM as ever, records each of its allocations with its whole call stack, and prints "
    "where\n"
    "the memory went. Programs that it starts are recorded too, each into a file of its own. The "
    "exit\n"
    "status is the program's.\n"
    "\n"
    "Options:\n"
    "  -o, --output FILE    name of the recording; %p stands for the pid, %n for the program's "
    "name.\n"
    "                       Children get FILE with .PID before the suffix. Default:\n"
    "                       heapwise.%n.%p.heapwise\n"
    "  -q, --quiet          print nothing of our own when all went well\n"
    "      --no-follow      record the first process only, not what it starts\n"
    "      --no-symbols     leave addresses unresolved (report resolves them when it is asked)\n"
    "      --debug-dir DIR  look for separate debug files in DIR first; may be given again\n"
    "      --debuginfod     ask the servers of DEBUGINFOD_URLS for debug files\n"
    "      --libc-lines     source lines of the C library too, if its debug files are there "
    "(slower)\n"
    "      --suppressions FILE  leaks that the summary is not to tell of (LeakSanitizer's syntax); may "
    "be\n"
    "                       given again\n"
    "      --abort-on-alloc abort the program at an allocation inside HEAPWISE_NO_ALLOC (C API)\n"
    "      --check BUDGETS  afterwards hold each recording against the budgets of this file "
    "(heapwise\n"
    "                       check --help); exit status 1 when one is exceeded and the program's was "
    "0\n"
    "      --clock CLOCK    what orders events between threads: tsc, counter, or auto (the "
    "default)\n"
    "      --help           this text\n"
    "\n"
    "Examples:\n"
    "  heapwise ./app --its-option\n"
    "  heapwise run -o app.heapwise ./app\n"
    "  heapwise run -o 'build-%n.%p.heapwise' make -j2\n";

enum { DEBUG_DIRECTORIES_MAX = 32 };

struct run_options {
    struct recorder_options recorder;
    bool quiet;
    struct report_options summary;
    struct budget_list budgets;
    const char *debug_directories[DEBUG_DIRECTORIES_MAX + 1];
};

static int clock_parse(const char *text, enum recorder_clock *clock) {
    if (strcmp(text, "auto") == 0)
        *clock = RECORDER_CLOCK_AUTO;
    else if (strcmp(text, "tsc") == 0)
        *clock = RECORDER_CLOCK_TSC;
    else if (strcmp(text, "counter") == 0)
        *clock = RECORDER_CLOCK_COUNTER;
    else
        return -1;
    return 0;
}

/* For tests, which cannot wait a minute (docs/testing.md). */
static int silence_read(uint32_t *milliseconds) {
    const char *text = getenv("HEAPWISE_SILENCE_MS");
    char *end;
    if (text == NULL) return 0;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || value == 0 || value > UINT32_MAX) {
        fprintf(stderr, "heapwise: HEAPWISE_SILENCE_MS=%s: not a number of milliseconds\n", text);
        return -1;
    }
    *milliseconds = (uint32_t)value;
    return 0;
}

static int budgets_read(struct run_options *o, const char *path) {
    struct failure f;
    if (budget_read(&o->budgets, path, &f) == 0) return 0;
    fprintf(stderr, "heapwise: %s\n", f.text);
    return -1;
}

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
                                    .is_quiet = o->quiet};
    int status = check_recordings(&request, paths, count, stderr);
    free(paths);
    return status;
}

/* Returns -1 to go on, or an exit status. */
static int options_parse(int argc, char **argv, struct run_options *o) {
    enum { NO_FOLLOW = 256, NO_SYMBOLS, DEBUG_DIR, DEBUGINFOD, LIBC_LINES, CLOCK, SUPPRESSIONS, ABORT_ON_ALLOC,
           CHECK, HELP };
    static const struct option known[] = {{"output", required_argument, NULL, 'o'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"no-follow", no_argument, NULL, NO_FOLLOW},
                                          {"no-symbols", no_argument, NULL, NO_SYMBOLS},
                                          {"debug-dir", required_argument, NULL, DEBUG_DIR},
                                          {"debuginfod", no_argument, NULL, DEBUGINFOD},
                                          {"libc-lines", no_argument, NULL, LIBC_LINES},
                                          {"suppressions", required_argument, NULL, SUPPRESSIONS},
                                          {"abort-on-alloc", no_argument, NULL, ABORT_ON_ALLOC},
                                          {"clock", required_argument, NULL, CLOCK},
                                          {"check", required_argument, NULL, CHECK},
                                          {"help", no_argument, NULL, HELP},
                                          {NULL, 0, NULL, 0}};
    size_t directories = 0;
    optind = 1;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, "+:o:qh", known, NULL)) != -1;) {
        switch (c) {
        case 'o':
            o->recorder.output = optarg;
            break;
        case 'q':
            o->quiet = true;
            break;
        case NO_FOLLOW:
            o->recorder.no_follow = true;
            break;
        case NO_SYMBOLS:
            o->recorder.no_symbols = true;
            break;
        case DEBUGINFOD:
            o->recorder.use_debuginfod = true;
            break;
        case ABORT_ON_ALLOC:
            o->recorder.abort_where_forbidden = true;
            break;
        case SUPPRESSIONS:
            if (access(optarg, R_OK) != 0) {
                fprintf(stderr, "heapwise: cannot read the suppressions in %s: %s\n", optarg,
                        strerror(errno));
                return 2;
            }
            if (o->summary.question.suppression_count == QUESTION_LIST_MAX) {
                fprintf(stderr, "heapwise: more than %d --suppressions\n", QUESTION_LIST_MAX);
                return 2;
            }
            o->summary.question.suppressions[o->summary.question.suppression_count++] = optarg;
            break;
        case LIBC_LINES:
            o->recorder.c_library_lines = true;
            break;
        case DEBUG_DIR:
            if (directories == DEBUG_DIRECTORIES_MAX) {
                fprintf(stderr, "heapwise: more than %d --debug-dir\n", DEBUG_DIRECTORIES_MAX);
                return 2;
            }
            o->debug_directories[directories++] = optarg;
            break;
        case CHECK:
            if (budgets_read(o, optarg) != 0) return 2;
            break;
        case CLOCK:
            if (clock_parse(optarg, &o->recorder.clock) == 0) break;
            fprintf(stderr, "heapwise: --clock %s: not a clock; choose auto, tsc or counter\n",
                    optarg);
            return 2;
        case 'h':
        case HELP:
            fputs(usage, stdout);
            return 0;
        case ':':
            fprintf(stderr, "heapwise: %s: needs a value (heapwise run --help)\n",
                    argv[optind - 1]);
            return 2;
        default:
            fprintf(stderr, "heapwise: %s: no such option or command (heapwise --help)\n",
                    argv[optind - 1]);
            return 2;
        }
    }
    if (optind == argc) {
        fprintf(stderr, "heapwise: no program to run: name one, as in heapwise ./app\n");
        return 2;
    }
    if (silence_read(&o->recorder.silence_ms) != 0) return 2;
    o->recorder.command = argv + optind;
    o->recorder.debug_directories = o->debug_directories;
    return -1;
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
    qsort(r->processes, r->count, sizeof *r->processes, by_peak);
    for (size_t i = 0; i < r->count; i++) {
        const struct recorded_process *p = &r->processes[i];
        if (p->failure.text[0] != '\0')
            fprintf(stderr, "heapwise: %s: %s\n", p->path, p->failure.text);
    }
    if (o->quiet || r->count == 0) return;
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
    int exit_status = options_parse(argc, argv, &o);
    if (exit_status >= 0) {
        budget_list_release(&o.budgets);
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
    int checked = o.budgets.count > 0 || o.budgets.baseline != NULL;
    int failed = checked && recordings_check(&result, &o) != 0;
    recorder_result_release(&result);
    budget_list_release(&o.budgets);
    if (failed && WIFEXITED(status) && WEXITSTATUS(status) == 0) return 1;
    return end_like(status);
}
