/* SPDX-License-Identifier: MIT
 * The C API from C++: a class for scopes, and a forbidden allocation by an exception and by new. */
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "heapwise/heapwise.h"

static int lookups(const std::vector<std::string> &names) {
    int found = 0;
    HEAPWISE_NO_ALLOC {
        for (const std::string &name : names)
            found += name.size() > 100;
    }
    return found;
}

static void thrown() {
    HEAPWISE_NO_ALLOC {
        throw std::runtime_error("an exception is allocated, too");
    }
}

int main() {
    static char buffer[1 << 12];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    heapwise_stats stats;
    heapwise::scope all;
    std::vector<std::string> names;
    names.reserve(3);
    names.emplace_back(200, 'a');
    names.emplace_back(300, 'b');
    names.emplace_back("short");
    bool told = all.end(stats);
    printf("told=%d allocations=%llu live=%llu/%llu\n", told, (unsigned long long)stats.allocations,
           (unsigned long long)stats.live_blocks, (unsigned long long)stats.live_bytes);
    int found = lookups(names);
    printf("found=%d\n", found);
    try {
        thrown();
    } catch (const std::exception &e) {
        printf("caught: %s\n", e.what());
    }
    { heapwise::scope left; /* ends with its block */ }
    heapwise_scope_begin();
    int *number = new int[10];
    delete[] number;
    return 0;
}
