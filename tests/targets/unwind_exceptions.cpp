// SPDX-License-Identifier: MIT
// C++ that throws through many frames, catches, rethrows, sorts and matches: for the unwinder's proof.
#include <algorithm>
#include <cstdio>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

int thrower(int i) {
    std::string text(100 + i % 7, 'x');
    if (i % 3 == 0) throw std::runtime_error(text);
    return static_cast<int>(text.size());
}

int descend(int depth, int i) {
    std::string keep(40, 'y');
    if (depth == 0) return thrower(i);
    try {
        return descend(depth - 1, i) + static_cast<int>(keep.size());
    } catch (const std::logic_error &) {
        return 1;
    } catch (const std::runtime_error &) {
        if (i % 2) throw;
        throw std::runtime_error(keep + " again");
    }
}

} // namespace

int main() {
    std::map<std::string, int> counts;
    long sum = 0;
    for (int i = 0; i < 6000; i++) {
        try {
            sum += descend(i % 9, i);
        } catch (const std::exception &e) {
            counts[e.what() + std::to_string(i % 100)]++;
        }
    }
    const std::regex pattern("(a|b)*c+[0-9]{2,3}");
    for (int i = 0; i < 300; i++) sum += std::regex_match("abababcc" + std::to_string(i), pattern);
    std::vector<std::string> words;
    for (unsigned i = 0; i < 3000; i++) words.push_back(std::to_string(i * 2654435761u) + " is long");
    std::sort(words.begin(), words.end());
    std::printf("%ld %zu\n", sum, counts.size());
}
