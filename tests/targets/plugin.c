/* SPDX-License-Identifier: MIT
 * A small shared library for the dlopen targets. PLUGIN names its variant: the two are of different
 * code size, so that after dlclose and dlopen other code stands at the same addresses. */
#include <stdlib.h>

#define JOIN(a, b) a##b
#define NAME(prefix, variant) JOIN(prefix, variant)

int plugin_work(void *(*allocate)(size_t), int depth);

#if PLUGIN == 2
static volatile int padding[1000];
__attribute__((noinline, used)) static void shift_the_code(void) {
    for (int i = 0; i < 1000; i++) padding[i] += i * 3;
    for (int i = 999; i >= 0; i--) padding[i] -= i;
}
#endif

__attribute__((constructor)) static void plugin_start(void) { free(malloc(4001 + PLUGIN)); }

__attribute__((noinline)) static int NAME(plugin_inner_, PLUGIN)(void *(*allocate)(size_t),
                                                                 int depth) {
    volatile char room[PLUGIN * 48];
    room[0] = (char)depth;
    if (depth > 0) return NAME(plugin_inner_, PLUGIN)(allocate, depth - 1) + room[0];
    free(malloc(5003 + PLUGIN));
    return allocate(6007 + PLUGIN) != NULL;
}

int plugin_work(void *(*allocate)(size_t), int depth) {
    return NAME(plugin_inner_, PLUGIN)(allocate, depth) + PLUGIN;
}
