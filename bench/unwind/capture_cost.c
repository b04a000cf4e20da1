/* SPDX-License-Identifier: MIT
 * What one capture costs, by depth of the stack and by how much of it changed since the last one.
 *
 *   capture_cost                      the whole table: nanoseconds a capture, the hook itself
 * deducted capture_cost PATTERN DEPTH COUNT  COUNT captures of one cell and nothing else, for
 * callgrind: valgrind --tool=callgrind --toggle-collect=uw_capture build/bench/unwind/capture_cost
 * same 20 10000
 *
 * A cell is the minimum over many short repetitions, because neighbours on the machine can only
 * add. */
#define UNW_LOCAL_ONLY
#include "unwind/unwind.h"

#include <dlfcn.h>
#include <libunwind.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct uw_thread *thread;
static struct uw_counters counters;

/* A stand-in for the call tree: finds the path by its hash in an open-addressing table. */
enum { NODES = 1 << 16 };
static struct {
    uint64_t hash;
    uint32_t node;
} table[NODES];
static uint32_t nodes;

static uint32_t resolve(void *context, struct uw_frame *frames, size_t count) {
    (void)context;
    uint64_t hash = frames[count - 1].hash[0];
    for (uint64_t i = hash;; i++) {
        if (table[i % NODES].hash == hash) return table[i % NODES].node;
        if (table[i % NODES].hash == 0) {
            table[i % NODES].hash = hash;
            return table[i % NODES].node = ++nodes;
        }
    }
}

/* By hand, because libunwind has a function of the same name. */
static int (*glibc_backtrace)(void **buffer, int size);

enum method { NOTHING, HEAPWISE, LIBUNWIND, GLIBC };
static enum method method;
static uint64_t sink;

__attribute__((noinline)) static void hook(void) {
    void *buffer[256];
    switch (method) {
    case NOTHING:
        break;
    case LIBUNWIND:
        sink += (uint64_t)unw_backtrace(buffer, 256);
        break;
    case GLIBC:
        sink += (uint64_t)glibc_backtrace(buffer, 256);
        break;
    case HEAPWISE:
        break;
    }
}
/* Apart, so that it has the frame that UW_CAPTURE needs and nothing else. */
__attribute__((noinline)) static void hook_heapwise(void) {
    sink += UW_CAPTURE(thread);
}
static void (*volatile the_hook)(void);

enum pattern { SAME, SITE, INNER2, INNER4, RANDOM, ALL, PATTERNS };
static const char *const pattern_names[PATTERNS] = {"same",   "site",   "inner2",
                                                    "inner4", "random", "all"};
static enum pattern pattern;
static long loops;
static uint32_t seed = 1;

static uint32_t next_random(void) {
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

typedef int function(uint32_t choices, int depth);
static function *const inner[8], *const outer[16];

static int innermost(uint32_t choices, int depth);

/* `choices` holds three bits for each frame still to come. */
static inline int descend(uint32_t choices, int depth) {
    if (depth <= 0) return innermost(choices, 0);
    return inner[choices & 7](choices >> 3, depth - 1);
}

#define FUNCTION(name, bytes, callee)                                                              \
    __attribute__((noinline)) static int name(uint32_t choices, int depth) {                       \
        volatile char frame[bytes];                                                                \
        frame[0] = (char)depth;                                                                    \
        int result = callee(choices, depth);                                                       \
        return result + frame[0];                                                                  \
    }
FUNCTION(inner0, 16, descend)
FUNCTION(inner1, 24, descend)
FUNCTION(inner2, 40, descend)
FUNCTION(inner3, 56, descend)
FUNCTION(inner4, 72, descend)
FUNCTION(inner5, 104, descend)
FUNCTION(inner6, 136, descend)
FUNCTION(inner7, 200, descend)
static function *const inner[8] = {inner0, inner1, inner2, inner3, inner4, inner5, inner6, inner7};

__attribute__((noinline)) static int innermost(uint32_t choices, int depth) {
    volatile char frame[48];
    frame[0] = (char)choices;
    the_hook();
    return depth + frame[0];
}

__attribute__((noinline)) static int loop(uint32_t choices, int depth) {
    (void)choices;
    (void)depth;
    int result = 0;
    for (long i = 0; i < loops; i++) {
        switch (pattern) {
        case SAME:
            the_hook();
            break;
        case SITE:
            if (i & 1)
                the_hook();
            else
                the_hook(), result++;
            break;
        case INNER2:
            result += descend((uint32_t)(i & 7) * 0x49, 2);
            break;
        case INNER4:
            result += descend((uint32_t)(i & 511) * 0x9e5 >> 2, 4);
            break;
        case RANDOM: {
            uint32_t r = next_random();
            result += descend(r, 2 + (int)(r >> 30));
            break;
        }
        default:
            break;
        }
    }
    return result;
}

static inline int go_down(uint32_t choices, int depth) {
    if (depth <= 0) return loop(choices, 0);
    return outer[(choices + (uint32_t)depth) & 15](choices, depth - 1);
}
FUNCTION(outer0, 16, go_down)
FUNCTION(outer1, 24, go_down)
FUNCTION(outer2, 32, go_down)
FUNCTION(outer3, 40, go_down)
FUNCTION(outer4, 48, go_down)
FUNCTION(outer5, 56, go_down)
FUNCTION(outer6, 72, go_down)
FUNCTION(outer7, 88, go_down)
FUNCTION(outer8, 104, go_down)
FUNCTION(outer9, 120, go_down)
FUNCTION(outer10, 136, go_down)
FUNCTION(outer11, 152, go_down)
FUNCTION(outer12, 168, go_down)
FUNCTION(outer13, 200, go_down)
FUNCTION(outer14, 232, go_down)
FUNCTION(outer15, 296, go_down)
static function *const outer[16] = {outer0,  outer1,  outer2,  outer3, outer4,  outer5,
                                    outer6,  outer7,  outer8,  outer9, outer10, outer11,
                                    outer12, outer13, outer14, outer15};

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* One pass from main's frame down to the loop and its captures; `depth` counts all frames. */
static double pass(enum method m, enum pattern p, int depth, long count) {
    method = m;
    the_hook = m == HEAPWISE ? hook_heapwise : hook;
    pattern = p;
    int changing = p == INNER2 ? 3 : p == INNER4 ? 5 : p == RANDOM ? 4 : 0;
    int down = depth - changing - 5; /* loop, pass, main and the two below main */
    loops = p == ALL ? 1 : count;
    seed = 1;
    double start = now_ns();
    if (p == ALL)
        for (long i = 0; i < count; i++)
            pattern = SAME, go_down((uint32_t)i, down);
    else
        go_down(0, down);
    return (now_ns() - start) / (double)count;
}

static double best(enum method m, enum pattern p, int depth) {
    long count = m == HEAPWISE || m == NOTHING ? 5000 : 300;
    double least = 1e9;
    for (int i = 0; i < 60; i++) {
        double ns = pass(m, p, depth, count);
        if (ns < least) least = ns;
    }
    return least;
}

int main(int argc, char **argv) {
    static const int depths[] = {10, 20, 50, 100};
    static const char *const methods[] = {"", "heapwise", "unw_backtrace", "glibc backtrace"};
    if (uw_start(resolve, NULL, &counters) != 0 || (thread = uw_thread_create(0)) == NULL) return 1;
    void *libc = dlopen("libc.so.6", RTLD_NOW);
    glibc_backtrace = libc == NULL ? NULL : (int (*)(void **, int))dlsym(libc, "backtrace");
    if (argc == 4) {
        for (int p = 0; p < PATTERNS; p++)
            if (strcmp(argv[1], pattern_names[p]) == 0)
                pass(HEAPWISE, (enum pattern)p, atoi(argv[2]), atol(argv[3]));
        return 0;
    }
    printf("ns a capture                10      20      50     100 frames\n");
    for (int p = 0; p < PATTERNS; p++)
        for (int m = HEAPWISE; m <= GLIBC; m++) {
            if (m == GLIBC && (p != SAME || glibc_backtrace == NULL)) continue;
            printf("%-7s %-16s", pattern_names[p], methods[m]);
            for (int d = 0; d < 4; d++)
                printf("%8.1f", best((enum method)m, (enum pattern)p, depths[d]) -
                                    best(NOTHING, (enum pattern)p, depths[d]));
            printf("\n");
        }
    return 0;
}
