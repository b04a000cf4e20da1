/* SPDX-License-Identifier: MIT
 * The hooks of what starts programs. A program that the agent can be loaded into speaks for itself;
 * of any other a note is left in the region (wire_unentered), since nobody else would know of it.
 *
 * They pass each call on as it came, whatever the outcome of the look at the file. The caller may
 * be a child of vfork, which shares its parent's memory, or of fork, which shares only the region's
 * first page; a signal handler; or a thread on a small stack. So there is no lock, no allocation,
 * no state but that page.
 *
 * A note is written before an exec, because nobody returns from one, and is taken back when the
 * exec fails. system and popen start a shell: what matters is the environment that they give it.
 * They are passed on by a jump, so that their own allocations have the stack that they have alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/hook.h"
#include "core/obstacle.h"
#include "core/syscall.h"
#include "wire/handshake.h"

enum { PATH_BYTES = 1024 }; /* longer paths are not looked at */
#define OWN_DESCRIPTORS "/proc/self/fd/"

/* Where notes go; NULL: nobody wants them, or would read them. */
static struct wire_region *notes_region(void) {
    struct wire_region *r = agent_process.region;
    if (load_acquire(&agent_process.state) != AGENT_ON || r == NULL || !r->follow) return NULL;
    return agent_recorder_is_gone() ? NULL : r;
}

/* ---- the environment ---- */

/* What follows `start` in the text, or NULL if it does not begin so. */
static const char *behind(const char *text, const char *start) {
    while (*start != '\0' && *text == *start)
        text++, start++;
    return *start == '\0' ? text : NULL;
}

/* Whether a word can be read there. A call with a wrong address fails; it is not to end the
 * program. (No set of signals is so changed: the kernel reads the word, then finds that the first
 * argument is none.) */
static int is_readable(const void *address) {
    return sys_sigprocmask(-1, address, NULL) == -EINVAL;
}

/* Another heapwise's agent and socket will do: whoever put them there knows of the program. */
static int names_agent(char *const *environment) {
    int preload = 0, socket = 0;
    if (environment != NULL && !is_readable(environment)) return 1;
    for (; environment != NULL && *environment != NULL; environment++) {
        const char *value = behind(*environment, "LD_PRELOAD=");
        for (; value != NULL && *value != '\0' && !preload; value++)
            preload = behind(value, "/libheapwise.so") != NULL;
        socket |= behind(*environment, WIRE_SOCKET_VARIABLE "=") != NULL;
    }
    return preload && socket;
}

/* ---- the file ---- */

static int may_run(const char *path) {
    struct statx s;
    return sys_statx(AT_FDCWD, path, &s) == 0 && S_ISREG(s.stx_mode) && sys_access(path, X_OK) == 0;
}

/* The file that a search along PATH finds for `name`; NULL if none is found, or nobody asks. */
static const char *search(const char *name, char path[PATH_BYTES]) {
    const char *from = "/bin:/usr/bin";
    if (notes_region() == NULL || !is_readable(name)) return NULL;
    for (const char *at = name; *at != '\0'; at++)
        if (*at == '/') return name;
    for (char *const *e = environ; e != NULL && *e != NULL; e++) {
        const char *value = behind(*e, "PATH=");
        if (value == NULL) continue;
        from = value;
        break;
    }
    for (;;) {
        size_t length = 0;
        for (; *from != '\0' && *from != ':'; from++)
            if (length < PATH_BYTES) path[length++] = *from;
        if (length > 0 && length < PATH_BYTES) path[length++] = '/';
        for (const char *c = name; *c != '\0' && length < PATH_BYTES; c++)
            path[length++] = *c;
        if (length < PATH_BYTES) {
            path[length] = '\0';
            if (may_run(path)) return path;
        }
        if (*from++ == '\0') return NULL;
    }
}

static enum obstacle obstacle_of(int directory, const char *path, char *const *environment) {
    enum obstacle found = obstacle_of_file(directory, path);
    if (found == OBSTACLE_NO_PROGRAM) return OBSTACLE_NONE;
    return found == OBSTACLE_NONE && !names_agent(environment) ? OBSTACLE_ENVIRONMENT : found;
}

/* ---- notes ---- */

struct note {
    uint32_t *counted; /* what to set back: a note's state, or the counter */
    uint32_t went_on;  /* the process that the region belongs to becomes the program */
};

static struct note note_leave(enum obstacle why, const char *path) {
    struct wire_region *r = agent_process.region;
    for (int i = 0; i < WIRE_UNENTERED_MAX; i++) {
        struct wire_unentered *u = &r->unentered[i];
        size_t length = 0;
        if (!swap_if_equal(&u->state, WIRE_NOTE_FREE, WIRE_NOTE_TAKEN)) continue;
        for (; length < sizeof u->path - 1 && path[length] != '\0'; length++)
            store_relaxed(&u->path[length], path[length]);
        u->path[length] = '\0';
        u->why = why;
        store_release(&u->state, WIRE_NOTE_WHOLE); /* pairs with the recorder's acquire */
        return (struct note){&u->state, 0};
    }
    add_relaxed(&r->unentered_more, 1);
    return (struct note){&r->unentered_more, 0};
}

static void note_take_back(struct note n) {
    struct wire_region *r = agent_process.region;
    if (n.counted == &r->unentered_more)
        add_relaxed(n.counted, -1u);
    else if (n.counted != NULL)
        store_release(n.counted, WIRE_NOTE_FREE);
    if (n.went_on) store_relaxed(&r->went_on, 0);
}

/* Before an exec. */
static struct note note_exec(int directory, const char *path, char *const *environment) {
    struct wire_region *r = notes_region();
    char name[WIRE_UNENTERED_PATH];
    enum obstacle why =
        r != NULL && path != NULL ? obstacle_of(directory, path, environment) : OBSTACLE_NONE;
    if (why == OBSTACLE_NONE) return (struct note){NULL, 0};
    if (behind(path, OWN_DESCRIPTORS) != NULL) {
        long length = sys_readlink(path, name, sizeof name - 1);
        name[length > 0 ? length : 0] = '\0';
        if (length > 0) path = name;
    }
    struct note n = note_leave(why, path);
    n.went_on = (uint32_t)sys_getpid() == r->agent_pid;
    if (n.went_on) store_relaxed(&r->went_on, 1);
    return n;
}

static void note_shell(const char *command) {
    if (command != NULL && notes_region() != NULL && !names_agent(environ))
        (void)note_leave(OBSTACLE_ENVIRONMENT, "/bin/sh");
}

/* ---- the hooks ---- */

static int pass_execve(const char *path, char *const *arguments, char *const *environment) {
    struct note n = note_exec(AT_FDCWD, path, environment);
    int result = HOOK_REAL(execve)(path, arguments, environment);
    note_take_back(n);
    return result;
}

static int pass_execv(const char *path, char *const *arguments) {
    struct note n = note_exec(AT_FDCWD, path, environ);
    int result = HOOK_REAL(execv)(path, arguments);
    note_take_back(n);
    return result;
}

static int pass_execvp(const char *name, char *const *arguments) {
    char path[PATH_BYTES];
    struct note n = note_exec(AT_FDCWD, search(name, path), environ);
    int result = HOOK_REAL(execvp)(name, arguments);
    note_take_back(n);
    return result;
}

HOOK int execve(const char *path, char *const arguments[], char *const environment[]) {
    return pass_execve(path, arguments, environment);
}

HOOK int execv(const char *path, char *const arguments[]) {
    return pass_execv(path, arguments);
}

HOOK int execvp(const char *name, char *const arguments[]) {
    return pass_execvp(name, arguments);
}

HOOK int execvpe(const char *name, char *const arguments[], char *const environment[]) {
    char path[PATH_BYTES];
    struct note n = note_exec(AT_FDCWD, search(name, path), environment);
    int result = HOOK_REAL(execvpe)(name, arguments, environment);
    note_take_back(n);
    return result;
}

/* The path by which a program may open its own descriptor. */
static const char *path_of_descriptor(int fd, char path[32]) {
    static const char folder[] = OWN_DESCRIPTORS;
    char digits[12];
    size_t length = 0, count = 0;
    for (; folder[length] != '\0'; length++)
        path[length] = folder[length];
    for (unsigned left = (unsigned)fd; count == 0 || left != 0; left /= 10)
        digits[count++] = (char)('0' + left % 10);
    while (count > 0)
        path[length++] = digits[--count];
    path[length] = '\0';
    return path;
}

HOOK int fexecve(int fd, char *const arguments[], char *const environment[]) {
    char path[32];
    struct note n = note_exec(AT_FDCWD, path_of_descriptor(fd, path), environment);
    int result = HOOK_REAL(fexecve)(fd, arguments, environment);
    note_take_back(n);
    return result;
}

HOOK int execveat(int directory, const char *path, char *const arguments[],
                  char *const environment[], int flags) {
    char own[32];
    int is_descriptor = (flags & AT_EMPTY_PATH) != 0 && is_readable(path) && *path == '\0';
    struct note n = is_descriptor
                        ? note_exec(AT_FDCWD, path_of_descriptor(directory, own), environment)
                        : note_exec(directory, path, environment);
    int result = HOOK_REAL(execveat)(directory, path, arguments, environment, flags);
    note_take_back(n);
    return result;
}

/* Those with a list of arguments are those with an array of them: libc's make the one of the other
 * in the same way, on the stack. */
#define ARGUMENTS_OF(first, list, arguments)                                                       \
    do {                                                                                           \
        size_t count_ = 1;                                                                         \
        va_list counted_;                                                                          \
        va_copy(counted_, list);                                                                   \
        while (va_arg(counted_, char *) != NULL)                                                   \
            count_++;                                                                              \
        va_end(counted_);                                                                          \
        (arguments) = __builtin_alloca((count_ + 1) * sizeof *(arguments));                        \
        (arguments)[0] = (char *)(uintptr_t)(first);                                               \
        for (size_t i_ = 1; i_ <= count_; i_++)                                                    \
            (arguments)[i_] = va_arg(list, char *);                                                \
    } while (0)

HOOK int execl(const char *path, const char *first, ...) {
    va_list list;
    char **arguments;
    va_start(list, first);
    ARGUMENTS_OF(first, list, arguments);
    va_end(list);
    return pass_execv(path, arguments);
}

HOOK int execlp(const char *name, const char *first, ...) {
    va_list list;
    char **arguments;
    va_start(list, first);
    ARGUMENTS_OF(first, list, arguments);
    va_end(list);
    return pass_execvp(name, arguments);
}

HOOK int execle(const char *path, const char *first, ...) {
    va_list list;
    char **arguments;
    va_start(list, first);
    ARGUMENTS_OF(first, list, arguments);
    char *const *environment = va_arg(list, char *const *);
    va_end(list);
    return pass_execve(path, arguments, environment);
}

/* The note comes after the fact: until then nobody knows that the program runs. */
static int spawned(int error, enum obstacle why, const char *path) {
    if (error == 0 && why != OBSTACLE_NONE) (void)note_leave(why, path);
    return error;
}

HOOK int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                     const posix_spawnattr_t *attributes, char *const arguments[],
                     char *const environment[]) {
    enum obstacle why =
        notes_region() != NULL ? obstacle_of(AT_FDCWD, path, environment) : OBSTACLE_NONE;
    return spawned(HOOK_REAL(posix_spawn)(pid, path, actions, attributes, arguments, environment),
                   why, path);
}

HOOK int posix_spawnp(pid_t *pid, const char *name, const posix_spawn_file_actions_t *actions,
                      const posix_spawnattr_t *attributes, char *const arguments[],
                      char *const environment[]) {
    char path[PATH_BYTES];
    const char *file = search(name, path);
    enum obstacle why = file != NULL ? obstacle_of(AT_FDCWD, file, environment) : OBSTACLE_NONE;
    return spawned(HOOK_REAL(posix_spawnp)(pid, name, actions, attributes, arguments, environment),
                   why, file);
}

#define STARTS_A_SHELL(type, name, parameters, arguments)                                          \
    HOOK type name parameters;                                                                     \
    type name parameters {                                                                         \
        note_shell(command);                                                                       \
        return HOOK_REAL(name) arguments;                                                          \
    }

STARTS_A_SHELL(int, system, (const char *command), (command))
STARTS_A_SHELL(void *, popen, (const char *command, const char *mode), (command, mode))
