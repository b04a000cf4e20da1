/* SPDX-License-Identifier: MIT
 * Verification: walks every captured stack again in other ways and compares (verify.h). */
#define UNW_LOCAL_ONLY
#include "unwind/verify.h"

#include "core/syscall.h"
#include "unwind/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <libunwind.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FRAMES_MAX = 1 << 18,
    PRINTED_MAX = 8,
    PRINTED_FRAMES = 64,
    NODES_MAX = 1 << 24,
    STEPS_MAX = 1 << 26
};

struct uw_verify_counts uw_verify_counts;
uw_resolver *uw__verified_resolver;

static const char *const class_names[UW_VERIFY_CLASSES] = {
    "rules-differ",      "machine-differs",           "node-reused",
    "libunwind-differs", "libunwind-differs-guessed", "libunwind-shorter",
    "libunwind-longer"};

/* One thread verifies at a time, with its signals blocked: a handler's capture would wait for us.
 */
static uint32_t lock;
static struct uw_level *level; /* the other walks' own */
static int use_libunwind = -1;
static unsigned machine_every = 16;

enum { TRAP_FLAG = 1 << 8 }; /* in a signal mask this bit is SIGKILL, which is never blocked */

/* Sets the flags register and returns the old one. A function of its own, because what it pushes
 * must be in its unwind information. */
uint64_t uw__verify_flags(uint64_t clear, uint64_t set);
__asm__(".text\n"
        ".hidden uw__verify_flags\n"
        ".globl uw__verify_flags\n"
        ".type uw__verify_flags, @function\n"
        "uw__verify_flags:\n"
        "  .cfi_startproc\n"
        "  notq %rdi\n"
        "  pushfq\n"
        "  .cfi_def_cfa_offset 16\n"
        "  movq (%rsp), %rax\n"
        "  andq %rdi, (%rsp)\n"
        "  orq %rsi, (%rsp)\n"
        "  popfq\n"
        "  .cfi_def_cfa_offset 8\n"
        "  ret\n"
        "  .cfi_endproc\n"
        ".size uw__verify_flags, . - uw__verify_flags\n");

uint64_t uw_verify_quiet(void) {
    uint64_t all = ~0ull, old = 0, flags = uw__verify_flags(TRAP_FLAG, 0);
    sys_sigprocmask(SIG_BLOCK, &all, &old);
    return old | (flags & TRAP_FLAG);
}

void uw_verify_unquiet(uint64_t before) {
    uint64_t mask = before & ~(uint64_t)TRAP_FLAG;
    sys_sigprocmask(SIG_SETMASK, &mask, NULL);
    uw__verify_flags(0, before & TRAP_FLAG);
}

static uint64_t enter(void) {
    uint64_t before = uw_verify_quiet();
    while (!swap_if_equal(&lock, 0u, 1u))
        sys_raw6(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
    return before;
}

static void leave(uint64_t before) {
    store_release(&lock, 0u);
    uw_verify_unquiet(before);
}

/* Paths written down: a trie of (parent, pc), and the trie place of each node. */
static struct place {
    uint64_t pc;
    uint32_t parent, depth;
} * places;
static uint32_t *place_table, *node_places, place_count;

static void *map_sparse(uint64_t bytes) {
    void *p = sys_mmap(NULL, bytes, 3, 0x4022 /* private, anonymous, no reserve */, -1, 0);
    return SYS_FAILED(p) ? NULL : p;
}

static uint32_t place_of(uint32_t parent, uint64_t pc) {
    uint64_t hash = (pc ^ (uint64_t)parent << 32) * 0x9e3779b97f4a7c15ull;
    for (uint64_t i = hash >> 20;; i++) {
        uint32_t *entry = &place_table[i % STEPS_MAX];
        if (*entry == 0) {
            *entry = ++place_count;
            places[place_count] = (struct place){pc, parent, parent ? places[parent].depth + 1 : 1};
            return place_count;
        }
        if (places[*entry].pc == pc && places[*entry].parent == parent) return *entry;
    }
}

/* Writes to the report without anything that could allocate. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    const char *path = getenv("UW_VERIFY_REPORT");
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (path == NULL) return;
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) return;
    if (write(fd, text, (size_t)length) < 0) {
    }
    close(fd);
}

static void say_frame(const char *who, unsigned i, uint64_t pc) {
    say("  %-10s %3u %#llx%s%s\n", who, i, (unsigned long long)(pc & UW_PC_ADDRESS),
        pc & UW_PC_EXACT ? " exact" : "", pc & UW_PC_GUESSED ? " guessed" : "");
}

static void say_path(const char *what, uint32_t place) {
    say("%d %s at capture %llu\n", getpid(), what, (unsigned long long)uw_verify_counts.captures);
    unsigned i = 0;
    for (; place != 0 && i < PRINTED_FRAMES; place = places[place].parent)
        say_frame("heapwise", i++, places[place].pc);
}

static void differ(enum uw_verify_class class, uint32_t place, const uint64_t *other,
                   uint64_t other_count) {
    if (uw_verify_counts.differences[class]++ >= PRINTED_MAX) return;
    say_path(class_names[class], place);
    unsigned i;
    for (i = 0; i < other_count && i < PRINTED_FRAMES; i++)
        say_frame("other", i, other[i]);
}

static int start(void) {
    if (level != NULL) return 1;
    if (use_libunwind < 0) {
        const char *choice = getenv("UW_VERIFY_LIBUNWIND");
        use_libunwind = choice == NULL || *choice != '0';
    }
    struct uw_level *l = uw__map(sizeof *l);
    places = map_sparse(STEPS_MAX / 2 * sizeof *places);
    place_table = map_sparse(STEPS_MAX * sizeof *place_table);
    node_places = map_sparse(NODES_MAX * sizeof *node_places);
    if (l == NULL || places == NULL || place_table == NULL || node_places == NULL) return 0;
    l->home = &l->stacks[0];
    level = l;
    return 1;
}

void uw_verify_use_libunwind(int use) {
    use_libunwind = use;
}

void uw_verify_each_by_machine(void) {
    machine_every = 1;
}

uint32_t uw__verify_resolver(void *context, struct uw_frame *frames, size_t count) {
    uint32_t node = uw__verified_resolver(context, frames, count);
    frames[count - 1].node = node;
    uint64_t old = enter();
    if (start()) {
        uint32_t place = 0;
        for (size_t i = 0; i < count; i++) {
            place = place_of(place, frames[i].pc);
            uint32_t named = frames[i].node % NODES_MAX;
            if (named == 0) continue;
            if (node_places[named] == 0) node_places[named] = place;
            if (node_places[named] != place) differ(UW_VERIFY_NODE, place, NULL, 0);
        }
    }
    leave(old);
    return node;
}

static uint64_t walked[FRAMES_MAX];

/* Innermost first, with the frame that stands for a truncation; 0 if the machine is needed. */
static uint64_t walk_by_rules(uint64_t pc, uint64_t sp, uint64_t bp) {
    struct uw_state s = {pc, sp, bp};
    struct uw_stop stop;
    const struct uw_stack *range = level->home;
    for (uint64_t count = 0; count < FRAMES_MAX - 1;) {
        walked[count++] = s.pc;
        uint64_t rule = uw_rule_find(s.pc, &level->scratch);
        switch (uw__step_rare(level, &s, &rule, &range, &stop)) {
        case UW_GOES_ON:
            continue;
        case UW_TRUNCATED:
            walked[count++] = UW_PC_STOPPED;
            return count;
        case UW_ENDS:
            return count;
        case UW_NEEDS_MACHINE:
            return 0;
        }
    }
    return 0;
}

static uint64_t walk_by_machine(uint64_t pc, uint64_t sp) {
    struct uw_stop stop;
    uint64_t count = 0;
    if (level->fresh == NULL && !uw__fresh_grow(level)) return 0;
    if (!uw__machine_walk(level, pc, sp, &count, &stop) || count > FRAMES_MAX - 1) return 0;
    for (uint64_t i = 0; i < count; i++)
        walked[i] = level->fresh[i].pc;
    if (stop.end == UW_TRUNCATED) walked[count++] = UW_PC_STOPPED;
    return count;
}

static int same_path(uint32_t place, uint64_t count) {
    if (places[place].depth != count) return 0;
    for (uint64_t i = 0; i < count; i++, place = places[place].parent)
        if (places[place].pc != walked[i]) return 0;
    return 1;
}

static void compare_libunwind(uint32_t place, uint64_t pc, int guessed) {
    static void *raw[FRAMES_MAX];
    int count = unw_backtrace(raw, FRAMES_MAX), first = 0;
    while (first < count && (uint64_t)(uintptr_t)raw[first] != pc)
        first++;
    uint64_t others = (uint64_t)(count - first), i = 0;
    for (uint64_t k = 0; k < others; k++)
        walked[k] = (uint64_t)(uintptr_t)raw[(uint64_t)first + k];
    uint32_t p = place;
    for (; p != 0 && i < others; p = places[p].parent, i++)
        if ((places[p].pc & UW_PC_ADDRESS) != walked[i]) break;
    uw_verify_counts.by_libunwind++;
    if (p == 0 && i == others) return;
    enum uw_verify_class class = UW_VERIFY_LIBUNWIND;
    if (p != 0 && places[p].pc == UW_PC_STOPPED && i == others) return;
    if (i == others)
        class = UW_VERIFY_LIBUNWIND_SHORTER;
    else if (p == 0 || places[p].pc == UW_PC_STOPPED)
        class = UW_VERIFY_LIBUNWIND_LONGER;
    else if (guessed)
        class = UW_VERIFY_LIBUNWIND_GUESSED;
    differ(class, place, walked, others);
}

static void verify(uint32_t node, uint64_t pc, uint64_t sp, uint64_t bp) {
    uint32_t place = node_places[node % NODES_MAX];
    uw_verify_counts.captures++;
    if (places[place].depth == 1 && places[place].pc == UW_PC_STOPPED) {
        uw_verify_counts.lost++;
        return;
    }
    uw_verify_counts.frames += places[place].depth;
    int guessed = 0, truncated = 0;
    for (uint32_t p = place; p != 0; p = places[p].parent) {
        guessed |= (places[p].pc & UW_PC_GUESSED) != 0;
        truncated |= places[p].pc == UW_PC_STOPPED;
    }
    uw_verify_counts.guessed += (uint64_t)guessed;
    if (truncated && uw_verify_counts.truncated++ < PRINTED_MAX) say_path("truncated", place);
    uint64_t count = walk_by_rules(pc, sp, bp);
    if (count != 0 && !same_path(place, count)) differ(UW_VERIFY_RULES, place, walked, count);
    if (count == 0 || uw_verify_counts.captures % machine_every == 0) {
        count = walk_by_machine(pc, sp);
        uw_verify_counts.by_machine++;
        if (!same_path(place, count)) differ(UW_VERIFY_MACHINE, place, walked, count);
    }
    if (use_libunwind) compare_libunwind(place, pc, guessed);
}

__attribute__((noinline)) uint32_t uw_capture(struct uw_thread *t, uint64_t pc, uint64_t sp,
                                              uint64_t bp) {
    int error = errno;
    uint32_t node = uw__capture_unverified(t, pc, sp, bp);
    uint64_t old = enter();
    if (start()) verify(node, pc, sp, bp);
    leave(old);
    errno = error;
    return node;
}

static __attribute__((destructor)) void report(void) {
    const struct uw_verify_counts *c = &uw_verify_counts;
    if (c->captures == 0) return;
    char name[64] = "?";
    int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t length = read(fd, name, sizeof name - 1);
        if (length > 0) name[length - 1] = '\0';
        close(fd);
    }
    say("%d %s: captures %llu frames %llu machine %llu libunwind %llu guessed %llu truncated %llu "
        "lost %llu rules %llu slow %llu",
        getpid(), name, (unsigned long long)c->captures, (unsigned long long)c->frames,
        (unsigned long long)c->by_machine, (unsigned long long)c->by_libunwind,
        (unsigned long long)c->guessed, (unsigned long long)c->truncated,
        (unsigned long long)c->lost, (unsigned long long)uw__counters->rules_compiled,
        (unsigned long long)uw__counters->captures_slow);
    for (unsigned i = 0; i < UW_VERIFY_CLASSES; i++)
        say(" %s %llu", class_names[i], (unsigned long long)c->differences[i]);
    say("\n");
}
