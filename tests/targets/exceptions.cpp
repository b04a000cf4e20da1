// SPDX-License-Identifier: MIT
// C++ exceptions through many frames, with destructors that allocate while the stack unwinds.
#include <stdexcept>
#include <string>

extern "C" {
#include "own.h"
}

static struct own own;

struct Guard {
    int depth;
    explicit Guard(int d) : depth(d) {}
    __attribute__((noinline)) ~Guard() { own_free(&own, own_malloc(&own, 1009), 1009); }
};

__attribute__((noinline)) static void descend(int depth) {
    Guard guard(depth);
    if (depth == 0) throw std::runtime_error("a text that is too long for the small buffer of a string");
    descend(depth - 1);
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) static void catches(int depth, size_t size) {
    try {
        descend(depth);
    } catch (const std::exception &e) {
        if (std::string(e.what()).size() > 10) own_malloc(&own, size);
    }
}

__attribute__((noinline)) static void north(int d) { catches(d, 2003); __asm__ volatile(""); }
__attribute__((noinline)) static void south(int d) { catches(d, 3001); __asm__ volatile(""); }

int main() {
    for (int i = 0; i < 300; i++) {
        north(i % 31);
        south(i % 17);
    }
    own_print("exceptions", &own);
    return 0;
}
