/* SPDX-License-Identifier: MIT
 * Bare names of functions. */
#include "analysis/bare_name.h"

#include "unit/check.h"

static void is(const char *full, const char *expected) {
    size_t start, length = an_bare_name(full, &start);
    char got[200];
    snprintf(got, sizeof got, "%.*s", (int)length, full + start);
    CHECK_STR(got, expected);
}

int main(void) {
    is("main", "main");
    is("load(char const*)", "load");
    is("Row::Row(Row const&)", "Row::Row");
    is("Table::size() const", "Table::size");
    is("void ns::f<int, std::pair<int, char> >(int, char)", "ns::f<int, std::pair<int, char> >");
    is("std::vector<int> make<int>(int)", "make<int>");
    is("operator new(unsigned long)", "operator new");
    is("operator new[](unsigned long, std::nothrow_t const&)", "operator new[]");
    is("X::operator()(int) const", "X::operator()");
    is("std::ostream& operator<< <char>(std::ostream&, char)", "operator<< <char>");
    is("bool operator<(A const&, A const&)", "operator<");
    is("X::operator unsigned long() const", "X::operator unsigned long");
    is("(anonymous namespace)::f(int)", "(anonymous namespace)::f");
    is("main::{lambda(int)#1}::operator()(int) const", "main::{lambda(int)#1}::operator()");
    is("f(int)::{lambda()#1}::operator()() const", "f(int)::{lambda()#1}::operator()");
    is("f(int) [clone .isra.0]", "f");
    is("a->b", "a->b");
    is("<T as core::fmt::Display>::fmt", "<T as core::fmt::Display>::fmt");
    is("", "");
    is("(", "(");
    is("f(", "f");
    is("f<", "f<");
    is("> )", ")");
    return 0;
}
