// SPDX-License-Identifier: MIT
// The program of docs/reading-the-report.md: it reads tables, and forgets to delete the last one.
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

struct Row {
    std::vector<std::string> cells;
};

struct Table {
    std::vector<Row> rows;
    std::multimap<std::string, size_t> index;

    void add(Row row) {
        index.insert({row.cells[0], rows.size()});
        rows.push_back(row);
    }
};

static Row split(const std::string &line) {
    Row row;
    std::stringstream in(line);
    std::string cell;
    while (std::getline(in, cell, ',')) row.cells.push_back(cell);
    return row;
}

static const char *remember(const std::string &name) {
    std::string *kept = new std::string(name + " (read by the table reader)");
    return kept->c_str();
}

static Table *load(const char *path) {
    Table *table = new Table;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) table->add(split(line));
    std::cout << remember(path) << ": " << table->rows.size() << " rows\n";
    return table;
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        Table *table = load(argv[i]);
        if (i + 1 < argc) delete table;
    }
}
