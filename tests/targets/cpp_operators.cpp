// SPDX-License-Identifier: MIT
// A plugin that brings operators of its own, which count and mark what they give: alone its calls come to
// them, so with a profiler they must, too.
#include <cstdlib>
#include <cstring>
#include <new>

static int news, deletes;

__attribute__((visibility("default"))) void *operator new(std::size_t size) {
    char *block = static_cast<char *>(std::malloc(size + 16));
    if (block == nullptr) std::abort();
    news++;
    std::memcpy(block, "of the plugin's", 16);
    return block + 16;
}

__attribute__((visibility("default"))) void operator delete(void *block) noexcept {
    char *whole = static_cast<char *>(block) - 16;
    if (std::memcmp(whole, "of the plugin's", 16) != 0) std::abort();
    deletes++;
    std::free(whole);
}

__attribute__((visibility("default"))) void operator delete(void *block, std::size_t) noexcept {
    operator delete(block);
}

extern "C" int plugin_work() {
    news = deletes = 0;
    for (volatile int i = 0; i < 50; i++) delete new long(i);
    return news == 50 && deletes == 50 ? 0 : 1;
}
