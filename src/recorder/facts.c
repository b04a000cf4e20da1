/* SPDX-License-Identifier: MIT
 * Reads what /proc says of a process. See facts.h. */
#include "recorder/facts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

enum { EXECUTABLE, DIRECTORY, COMMAND, ENVIRONMENT, SYSTEM };

static char *link_read(pid_t pid, const char *what) {
    char path[64], target[PATH_MAX];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    ssize_t n = readlink(path, target, sizeof target - 1);
    target[n < 0 ? 0 : n] = '\0';
    return strdup(target);
}

/* A whole file of /proc, with two NULs behind it; its length in *length. */
static char *file_read(pid_t pid, const char *what, size_t *length) {
    char path[64];
    size_t used = 0, capacity = 4096;
    char *text = malloc(capacity);
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (text != NULL && fd >= 0) {
        ssize_t n = read(fd, text + used, capacity - used - 2);
        if (n <= 0) break;
        used += (size_t)n;
        if (capacity - used > 1024) continue;
        char *more = realloc(text, capacity *= 2);
        if (more == NULL) free(text);
        text = more;
    }
    if (fd >= 0) close(fd);
    if (text == NULL) return NULL;
    text[used] = text[used + 1] = '\0';
    *length = used;
    return text;
}

/* The NUL-separated strings of a text as a vector; with `names_only` each is cut at its '='. */
static const char **vector_of(char *text, size_t length, bool names_only) {
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += text[i] == '\0';
    const char **vector = calloc(count + 2, sizeof *vector);
    if (vector == NULL) return NULL;
    size_t n = 0;
    for (size_t at = 0; at < length; n++) {
        size_t end = at + strlen(text + at);
        vector[n] = text + at;
        if (names_only) text[at + strcspn(text + at, "=")] = '\0';
        at = end + 1;
    }
    return vector;
}

struct process_facts *process_facts_read(pid_t pid, bool forked) {
    struct process_facts *f = calloc(1, sizeof *f);
    struct utsname system;
    struct timespec now;
    size_t length = 0;
    if (f == NULL) return NULL;
    struct rec_process *p = &f->process;
    p->pid = (uint32_t)pid;
    p->forked = forked;
    p->page_size = (uint32_t)sysconf(_SC_PAGESIZE);
    clock_gettime(CLOCK_REALTIME, &now);
    p->start_unix_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;

    p->executable = f->texts[EXECUTABLE] = link_read(pid, "exe");
    p->working_directory = f->texts[DIRECTORY] = link_read(pid, "cwd");
    f->texts[COMMAND] = file_read(pid, "cmdline", &length);
    if (f->texts[COMMAND] != NULL) p->command = vector_of(f->texts[COMMAND], length, false);
    f->texts[ENVIRONMENT] = file_read(pid, "environ", &length);
    if (f->texts[ENVIRONMENT] != NULL)
        p->environment_names = vector_of(f->texts[ENVIRONMENT], length, true);
    if (uname(&system) == 0 && asprintf(&f->texts[SYSTEM], "%s%c%s %s", system.nodename, 0,
                                        system.sysname, system.release) > 0) {
        p->host = f->texts[SYSTEM];
        p->kernel = f->texts[SYSTEM] + strlen(f->texts[SYSTEM]) + 1;
    }
    char *status = file_read(pid, "status", &length);
    const char *parent = status != NULL ? strstr(status, "\nPPid:") : NULL;
    if (parent != NULL) p->parent_pid = (uint32_t)strtoul(parent + 6, NULL, 10);
    free(status);
    if (p->executable == NULL || p->working_directory == NULL || p->command == NULL ||
        p->environment_names == NULL || p->host == NULL) {
        process_facts_free(f);
        return NULL;
    }
    const char *slash = strrchr(p->executable, '/');
    f->name = slash != NULL ? slash + 1 : p->executable;
    return f;
}

void process_facts_free(struct process_facts *f) {
    if (f == NULL) return;
    for (size_t i = 0; i < sizeof f->texts / sizeof f->texts[0]; i++)
        free(f->texts[i]);
    free((void *)(uintptr_t)f->process.command);
    free((void *)(uintptr_t)f->process.environment_names);
    free(f);
}

char *process_facts_command(const struct process_facts *f) {
    size_t bytes = 1;
    for (const char *const *a = f->process.command; *a != NULL; a++)
        bytes += strlen(*a) + 1;
    char *text = malloc(bytes), *to = text;
    if (text == NULL) return NULL;
    *to = '\0';
    for (const char *const *a = f->process.command; *a != NULL; a++) {
        if (a != f->process.command) *to++ = ' ';
        to = stpcpy(to, *a);
    }
    return text;
}
