// SPDX-License-Identifier: MIT
// An ordinary C++ source file for the compiler to work on: the demo and the benchmark record the
// compiler at it. It reads words, indexes them and prints what a few patterns find.
#include <bits/stdc++.h>
#include <regex>

namespace {

struct Place {
    std::string file;
    std::size_t line;
    auto operator<(const Place &o) const { return std::tie(file, line) < std::tie(o.file, o.line); }
};

class Index {
public:
    void add(const std::string &word, Place place) { places_[word].insert(std::move(place)); }

    std::vector<std::pair<std::string, std::size_t>> most_frequent(std::size_t count) const {
        std::vector<std::pair<std::string, std::size_t>> all;
        all.reserve(places_.size());
        std::transform(places_.begin(), places_.end(), std::back_inserter(all),
                       [](const auto &p) { return std::make_pair(p.first, p.second.size()); });
        std::partial_sort(all.begin(), all.begin() + std::min(count, all.size()), all.end(),
                          [](const auto &a, const auto &b) { return a.second > b.second; });
        all.resize(std::min(count, all.size()));
        return all;
    }

    template <typename Visit> void starting_with(const std::string &start, Visit visit) const {
        for (const auto &[word, places] : places_)
            if (word.compare(0, start.size(), start) == 0) visit(word, places);
    }

private:
    std::unordered_map<std::string, std::set<Place>> places_;
};

std::optional<std::vector<std::string>> words_of(const std::string &line) {
    static const std::regex word("[A-Za-z_][A-Za-z_0-9]*");
    std::vector<std::string> words;
    for (std::sregex_iterator it(line.begin(), line.end(), word), end; it != end; ++it)
        words.push_back(it->str());
    if (words.empty()) return std::nullopt;
    return words;
}

Index index_of(const std::vector<std::string> &files) {
    Index index;
    for (const auto &file : files) {
        std::ifstream in(file);
        std::string line;
        for (std::size_t number = 1; std::getline(in, line); number++)
            if (auto words = words_of(line))
                for (const auto &w : *words) index.add(w, Place{file, number});
    }
    return index;
}

} // namespace

int main(int argc, char **argv) {
    std::vector<std::string> files(argv + 1, argv + argc);
    const Index index = index_of(files);
    for (const auto &[word, count] : index.most_frequent(20))
        std::cout << std::setw(8) << count << ' ' << word << '\n';
    index.starting_with("get_", [](const auto &word, const auto &places) {
        std::cout << word;
        for (const auto &p : places) std::cout << ' ' << p.file << ':' << p.line;
        std::cout << '\n';
    });
    return files.empty();
}
