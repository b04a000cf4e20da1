// SPDX-License-Identifier: MIT
// Asserts what a call allocates, in C++: the scope ends with its block. Alone it says that it is not under
// heapwise and passes.
//
//   c++ -I include examples/scope.cpp -o scope && ./scope && heapwise run ./scope
#include <cstdio>
#include <string>
#include <vector>

#include "heapwise/heapwise.h"

// The code under test: reserves once, and no text is long enough to need memory of its own.
static std::vector<std::string> words(int count) {
    std::vector<std::string> list;
    list.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; i++) list.push_back("word");
    return list;
}

int main() {
    heapwise::scope scope;
    std::size_t count = words(20).size();
    heapwise_stats stats;
    if (scope.end(stats)) {
        std::printf("words: %llu allocation(s), %llu still alive\n", static_cast<unsigned long long>(stats.allocations),
                    static_cast<unsigned long long>(stats.live_blocks));
        if (stats.allocations > 1 || stats.live_blocks > 0) return 1;
    } else {
        std::puts("not under heapwise: nothing is asserted");
    }
    return count == 20 ? 0 : 1;
}
