// SPDX-License-Identifier: MIT
// A plugin in C++: each of its operators, one that throws, and a thread that a constructor waits for while the
// loader is at work. plugin_work leaks 3 blocks of 1013 bytes each time, and tells 0 if all was as it must be.
#include <cstdint>
#include <new>
#include <pthread.h>

struct alignas(256) Aligned {
    char bytes[512];
};

static void *in_thread(void *result) {
    ::operator delete(::operator new(1019));
    *static_cast<int *>(result) = 1;
    return nullptr;
}

static int started;

__attribute__((constructor)) static void begin() {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, in_thread, &started) == 0) pthread_join(thread, nullptr);
}

__attribute__((noinline)) static void leak_three() {
    for (volatile int i = 0; i < 3; i++) new char[1013];
}

__attribute__((noinline)) static int release_all() {
    for (volatile int i = 0; i < 100; i++) {
        delete new long(5);
        delete[] new char[307];
        ::operator delete(::operator new(61, std::nothrow), std::nothrow);
        Aligned *aligned = new Aligned;
        if (reinterpret_cast<std::uintptr_t>(aligned) % alignof(Aligned) != 0) return 1;
        delete aligned;
    }
    return 0;
}

extern "C" int plugin_work() {
    leak_three();
    if (started != 1 || release_all() != 0) return 1;
    try {
        volatile std::size_t much = SIZE_MAX / 2;
        ::operator delete(::operator new(much));
        return 2;
    } catch (const std::bad_alloc &) {
        return 0;
    }
}
