// SPDX-License-Identifier: MIT
// Every form of operator new and delete; what it leaks is of known sizes.
#include <cstddef>
#include <new>
#include <vector>

extern "C" {
#include "own.h"
}

namespace shapes {
template <typename T> struct Box {
    T value[7];
    __attribute__((noinline)) static Box *make() { return new Box; }
};
struct alignas(256) Wide {
    char room[512];
};
} // namespace shapes

void *volatile sink;

__attribute__((noinline)) static void leak_each() {
    sink = new char[1009];
    sink = ::operator new(1013);
    sink = ::operator new(1019, std::nothrow);
    sink = ::operator new[](1021, std::nothrow);
    sink = new shapes::Wide;
    sink = shapes::Box<std::vector<std::vector<double>>>::make();
}

__attribute__((noinline)) static void release_each() {
    for (int i = 0; i < 100; i++) {
        delete[] new char[1031];
        ::operator delete(::operator new(1033), 1033);
        delete new shapes::Wide;
    }
}

int main() {
    leak_each();
    release_each();
    own_write("{\"leaked_bytes\":4742,\"leaked_blocks\":6}\n");
    return 0;
}
