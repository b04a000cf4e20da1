/* SPDX-License-Identifier: MIT
 * The agent's life in a process: waking up, meeting the recorder, forking, being turned off.
 * agent.h draws the states.
 *
 * A forked child is told from its parent by a page that the kernel wipes at fork (MADV_WIPEONFORK),
 * whatever way it forked; a child of vfork shares its parent's memory and is, rightly, the parent.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/mman.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "agent/agent.h"
#include "agent/find.h"
#include "agent/real.h"
#include "core/syscall.h"
#include "wire/handshake.h"

struct agent_process agent_process = {.state = AGENT_ASLEEP};
struct agent_guard_page agent_guard_page;

static char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
static size_t region_bytes;
static uint32_t has_sanitizer, own_allocator; /* of the program; see the constructor */

/* ---- the environment ---- */

static size_t text_length(const char *text) {
    size_t length = 0;
    for (; text[length] != '\0'; length++)
        __asm__ volatile("" : : : "memory");
    return length;
}

static void text_copy(char *to, const char *from, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) {
        to[i] = from[i];
        __asm__ volatile("" : : : "memory");
    }
}

static int starts_with(const char *text, const char *start) {
    while (*start != '\0' && *text == *start)
        text++, start++;
    return *start == '\0';
}

static int socket_path_take(const char *variable) {
    static const char name[] = WIRE_SOCKET_VARIABLE "=";
    if (!starts_with(variable, name)) return 0;
    const char *value = variable + sizeof name - 1;
    size_t length = text_length(value);
    if (length == 0 || length >= sizeof socket_path) return 0;
    text_copy(socket_path, value, length + 1);
    return 1;
}

/* For a hook that comes before the constructor: libc has no environment yet, the kernel has. */
static void socket_path_from_kernel(void) {
    int fd = sys_openat(AT_FDCWD, "/proc/self/environ", O_RDONLY | O_CLOEXEC);
    if (SYS_FAILED(fd)) return;
    enum { BYTES = 4 << 20 };
    char *text = sys_mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!SYS_FAILED(text)) {
        size_t used = 0;
        long n;
        while (used < BYTES - 1 && (n = sys_read(fd, text + used, BYTES - 1 - used)) > 0)
            used += (size_t)n;
        for (size_t at = 0; at < used && !socket_path_take(text + at);)
            at += strlen(text + at) + 1;
        sys_munmap(text, BYTES);
    }
    sys_close(fd);
}

/* ---- the handshake ---- */

static int recorder_connect(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = text_length(socket_path);
    int fd = sys_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (SYS_FAILED(fd)) return fd;
    text_copy(address.sun_path, socket_path, length + 1);
    uint32_t base = offsetof(struct sockaddr_un, sun_path);
    int error = sys_connect(fd, (struct sockaddr *)&address, base + (uint32_t)length + 1);
    if (SYS_FAILED(error)) { /* the abstract socket of the same name */
        address.sun_path[0] = '\0';
        text_copy(address.sun_path + 1, socket_path, length < 107 ? length : 107);
        error = sys_connect(fd, (struct sockaddr *)&address,
                            base + 1 + (uint32_t)(length < 107 ? length : 107));
    }
    if (SYS_FAILED(error)) {
        sys_close(fd);
        return error;
    }
    return fd;
}

/* Receives the recorder's answer. Gives the region's descriptor, or -errno. */
static int welcome_receive(int fd, struct wire_welcome *welcome) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec piece = {.iov_base = welcome, .iov_len = sizeof *welcome};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int polled;
    do
        polled = sys_poll(&ready, 1, WIRE_HELLO_TIMEOUT_MS);
    while (polled == -EINTR);
    if (polled <= 0) return polled < 0 ? polled : -ETIMEDOUT;
    long n = sys_recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    int region = -EPROTO;
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(&region, CMSG_DATA(c), sizeof region);
    if (region >= 0 && n == sizeof *welcome && welcome->magic == WIRE_MAGIC &&
        welcome->version == WIRE_VERSION && welcome->answer == WIRE_ANSWER_RECORD)
        return region;
    if (region >= 0) sys_close(region);
    return (message.msg_flags & MSG_CTRUNC) != 0 ? -EMFILE : -EPROTO;
}

/* Meets the recorder and maps a region. Returns 0 or -errno; keeps no descriptor. */
static int region_obtain(int forked) {
    int fd = recorder_connect();
    if (SYS_FAILED(fd)) return fd;
    int error = -ENOMEM;
    for (uint32_t attempt = 0; attempt < WIRE_ATTEMPTS && error == -ENOMEM; attempt++) {
        struct wire_hello hello = {.magic = WIRE_MAGIC,
                                   .version = WIRE_VERSION,
                                   .attempt = attempt,
                                   .pid = (uint32_t)sys_getpid(),
                                   .forked = (uint32_t)forked,
                                   .sanitizer = has_sanitizer};
        struct wire_welcome welcome;
        long sent = sys_sendto(fd, &hello, sizeof hello, MSG_NOSIGNAL);
        if (sent != sizeof hello) {
            error = sent < 0 ? (int)sent : -EPROTO;
            break;
        }
        int memory = welcome_receive(fd, &welcome);
        if (memory < 0) {
            error = memory;
            break;
        }
        struct wire_region *r = sys_mmap(NULL, welcome.bytes, PROT_READ | PROT_WRITE,
                                         MAP_SHARED | MAP_NORESERVE, memory, 0);
        sys_close(memory);
        if (SYS_FAILED(r)) continue;
        agent_process.region = r;
        region_bytes = welcome.bytes;
        r->agent_pid = hello.pid;
        r->own_allocator = own_allocator;
        store_release(&r->state, WIRE_RUNNING);
        sys_sendto(fd, "", 1, MSG_NOSIGNAL);
        error = 0;
    }
    sys_close(fd);
    return error;
}

/* The same; where the program has left no room for descriptors, the limit makes some for that long.
 */
int agent_region_obtain(int forked) {
    int error = region_obtain(forked);
    struct rlimit before;
    if (error != -EMFILE || sys_rlimit(RLIMIT_NOFILE, NULL, &before) < 0) return error;
    struct rlimit wide = {.rlim_cur = before.rlim_max, .rlim_max = before.rlim_max};
    if (wide.rlim_cur == before.rlim_cur) wide.rlim_cur = wide.rlim_max = before.rlim_max + 1024;
    if (sys_rlimit(RLIMIT_NOFILE, &wide, NULL) < 0) return error;
    error = region_obtain(forked);
    sys_rlimit(RLIMIT_NOFILE, &before, NULL);
    return error;
}

/* ---- states ---- */

static void stay_off(void) {
    store_relaxed(&agent_guard_page.state, GUARD_OFF);
    store_release(&agent_process.state, AGENT_OFF);
}

void agent_turn_off(void) {
    stay_off();
}

/* The unwinder's counters lie in the region; wire/ knows their layout, not their type. */
static struct uw_counters *unwind_counters(void) {
    _Static_assert(sizeof(struct uw_counters) == sizeof(struct wire_unwind_counters),
                   "same layout");
    _Static_assert(offsetof(struct uw_counters, private_bytes) ==
                       offsetof(struct wire_unwind_counters, private_bytes),
                   "same layout");
    return (struct uw_counters *)(void *)&agent_process.region->unwind;
}

/* The parent's region, in a forked child: only its header stays shared. */
static void region_leave(void) {
    struct wire_region *r = agent_process.region;
    uint64_t header = r->modules_offset;
    if (header < sizeof *r || header >= region_bytes) return;
    sys_mmap((char *)r + header, region_bytes - header, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

static int start(int forked) {
    if (socket_path[0] == '\0') socket_path_from_kernel();
    if (socket_path[0] == '\0') return -ENOENT;
    uint32_t parents_rings = forked ? load_relaxed(&agent_process.region->ring_count) : 0;
    if (forked) region_leave(); /* libc's fork has done so already, the bare system call has not */
    int error = sys_madvise(&agent_guard_page, sizeof agent_guard_page, MADV_WIPEONFORK);
    if (error == 0) error = agent_region_obtain(forked);
    if (error < 0) return error;
    error = agent_tree_start();
    if (error < 0) return error;
    if (forked) {
        agent_threads_forget(parents_rings);
        uw_resolve_in(agent_tree_present(), unwind_counters());
    } else {
        error = uw_start(agent_tree_resolve, agent_tree_present(), unwind_counters());
    }
    if (error == 0) agent_names_announce();
    return error;
}

static uint32_t starting_from; /* the state before STARTING */

/* One thread brings the process from `from` to ON; all its signals wait meanwhile, so that no
 * handler allocates in between. */
static void wake(uint32_t from) {
    uint64_t all = ~0ull, before = 0;
    sys_sigprocmask(SIG_SETMASK, &all, &before);
    if (swap_if_equal(&agent_process.state, from, AGENT_STARTING)) {
        store_relaxed(&starting_from, from);
        int error = start(from == AGENT_ON);
        if (error == 0) {
            store_relaxed(&agent_guard_page.state, GUARD_HERE);
            store_release(&agent_process.state, AGENT_ON);
        } else {
            if (from == AGENT_ON) { /* the parent's region tells of it */
                store_relaxed(&agent_process.region->children_error, (uint32_t)-error);
                add_relaxed(&agent_process.region->children_unrecorded, 1);
            }
            stay_off();
        }
    }
    sys_sigprocmask(SIG_SETMASK, &before, NULL);
}

struct agent_thread *agent_enter_slow(void) {
    uint32_t state = load_acquire(&agent_process.state);
    if (state == AGENT_OFF) {
        /* A forked child, whose page was wiped, is not what the recorder lacks. */
        struct wire_region *r = agent_process.region;
        if (r != NULL && agent_guard_page.state == GUARD_OFF && load_relaxed(&r->gave_up) != 0)
            add_relaxed(&r->events_unrecorded, 1);
        return NULL;
    }
    if (state == AGENT_ASLEEP) wake(AGENT_ASLEEP);
    /* Wiped by fork: this is a child, and what is known belongs to its parent. */
    if (state == AGENT_ON && agent_guard_page.state == GUARD_WIPED) {
        if (!agent_process.region->follow) {
            stay_off();
            return NULL;
        }
        wake(AGENT_ON);
    }
    if (load_acquire(&agent_process.state) != AGENT_ON) return NULL;
    if (agent_thread_current != NULL) return agent_thread_current;
    struct agent_thread *t = agent_thread_obtain();
    if (t == NULL) add_relaxed(&agent_process.region->events_unrecorded, 1);
    return t;
}

/* In the parent, so that the recorder knows of a child that has not yet run when its parent ends.
 */
static void fork_begins(void) {
    struct wire_region *r = agent_process.region;
    if (r != NULL && load_relaxed(&agent_process.state) == AGENT_ON) add_relaxed(&r->forks, 1);
}

/* A child that forked in the middle of a hook (from a signal handler) goes on writing where it was;
 * that place must no longer be its parent's. Only the header stays shared, for the line of forks.
 * Runs in the child before anything else of the program. */
static void child_detach(void) {
    /* Another thread of the parent was starting the agent. It does not exist here. */
    if (load_relaxed(&agent_process.state) == AGENT_STARTING)
        store_relaxed(&agent_process.state, load_relaxed(&starting_from));
    if (agent_process.region != NULL && load_relaxed(&agent_process.state) == AGENT_ON)
        region_leave();
}

/* --no-follow: the program's children shall see the environment that they would see without us. */
static void environment_restore(char **environment) {
    static const char preload[] = "LD_PRELOAD=";
    char **to = environment;
    for (char **from = environment; *from != NULL; from++) {
        if (starts_with(*from, "HEAPWISE_")) continue;
        if (starts_with(*from, preload)) {
            char *value = *from + sizeof preload - 1, *rest = value;
            while (*rest != '\0' && *rest != ':')
                rest++; /* ours comes first, the user's own follow */
            if (*rest == '\0') continue;
            do {
                *value = *++rest;
                __asm__ volatile(""
                                 :
                                 :
                                 : "memory"); /* no call of memmove: see sanitizer_is_loaded */
            } while (*value++ != '\0');
        }
        *to++ = *from;
    }
    *to = NULL;
}

/* Whether a sanitizer is loaded. Until it has started, its versions of libc's functions crash, so
 * that here and in step_aside nothing of libc is called but what only the loader has. */
static int sanitizer_is_loaded(void) {
    static const char *const names[] = {
        "/libasan.so",       "/libtsan.so",       "/liblsan.so",        "/libhwasan.so",
        "/libclang_rt.asan", "/libclang_rt.tsan", "/libclang_rt.hwasan"};
    struct dl_find_object ours;
    if (_dl_find_object((void *)(uintptr_t)child_detach, &ours) != 0) return 0;
    const struct link_map *file = ours.dlfo_link_map;
    while (file->l_prev != NULL)
        file = file->l_prev;
    for (; file != NULL; file = file->l_next)
        for (const char *at = file->l_name; at != NULL && *at != '\0'; at++)
            for (size_t i = 0; *at == '/' && i < sizeof names / sizeof *names; i++)
                if (starts_with(at, names[i])) return 1;
    return 0;
}

/* The sanitizers of compilers bring a malloc that must come first in the program: with an agent
 * before it, AddressSanitizer ends the program at once. So the same program is executed again
 * without us, before anything of it has run. */
static void step_aside(char **arguments, char **environment) {
    const char *path = (const char *)(uintptr_t)getauxval(AT_EXECFN);
    struct statx named, running;
    has_sanitizer = 1;
    for (char **e = environment; *e != NULL && socket_path[0] == '\0'; e++)
        socket_path_take(*e);
    if (socket_path[0] != '\0')
        (void)agent_region_obtain(0); /* tells the recorder, which refuses */
    environment_restore(environment);
    if (path == NULL || sys_statx(AT_FDCWD, path, &named) != 0 ||
        sys_statx(AT_FDCWD, "/proc/self/exe", &running) != 0 || named.stx_ino != running.stx_ino ||
        named.stx_dev_major != running.stx_dev_major ||
        named.stx_dev_minor != running.stx_dev_minor)
        path = "/proc/self/exe";
    sys_execve(path, arguments, environment);
}

/* Whether calls of malloc go elsewhere than to our hook: the program itself defines it. (One that
 * is not position-independent and takes malloc's address lends it that of a stub, which is no
 * definition.) */
static int malloc_is_not_ours(void) {
    struct dl_find_object first, ours;
    const ElfW(Sym) *symbol = NULL;
    Dl_info information;
    return _dl_find_object((void *)(uintptr_t)malloc, &first) == 0 &&
           _dl_find_object((void *)(uintptr_t)child_detach, &ours) == 0 &&
           first.dlfo_link_map != ours.dlfo_link_map &&
           dladdr1((void *)(uintptr_t)malloc, &information, (void **)(uintptr_t)&symbol,
                   RTLD_DL_SYMENT) != 0 &&
           symbol != NULL && symbol->st_shndx != SHN_UNDEF;
}

/* Linked with -z initfirst: runs before any other constructor. */
__attribute__((constructor)) static void agent_constructor(int argc, char **argv,
                                                           char **environment) {
    (void)argc;
    if (agent_process.state == AGENT_ASLEEP && sanitizer_is_loaded()) step_aside(argv, environment);
    find_start_is_over();
    for (char **e = environment; *e != NULL && socket_path[0] == '\0'; e++)
        socket_path_take(*e);
    if (socket_path[0] == '\0') {
        stay_off();
        return;
    }
    own_allocator = (uint32_t)malloc_is_not_ours();
    real_resolve(); /* a child of vfork can no longer */
    pthread_atfork(fork_begins, NULL, child_detach);
    (void)agent_enter();
    struct wire_region *r = agent_process.region;
    if (r != NULL) r->own_allocator = own_allocator;
    if (r != NULL && !r->follow) environment_restore(environment);
}
