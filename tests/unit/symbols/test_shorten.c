/* SPDX-License-Identifier: MIT
 * Demangled names as people see them: a table of what goes in and what comes out. */
#include "symbols/symbols.h"

#include "../check.h"

struct row {
    size_t width;
    const char *in, *out;
};

static const struct row rows[] = {
    /* What goes whatever the width. */
    {200, "malloc", "malloc"},
    {200, "", ""},
    {200, "foo[abi:cxx11](int)", "foo(int)"},
    {200,
     "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::append(char "
     "const*)",
     "std::string::append(char const*)"},
    {200, "std::__1::vector<int, std::__1::allocator<int> >::reserve(unsigned long)",
     "std::vector<int>::reserve(unsigned long)"},
    {200,
     "std::map<int, std::string, std::less<int>, std::allocator<std::pair<int const, std::string> "
     "> >::at(int const&)",
     "std::map<int, std::string>::at(int const&)"},
    {200,
     "std::unordered_map<int, int, std::hash<int>, std::equal_to<int>, "
     "std::allocator<std::pair<int const, int> > >::clear()",
     "std::unordered_map<int, int>::clear()"},
    {200, "std::unique_ptr<Foo, std::default_delete<Foo> >::~unique_ptr()",
     "std::unique_ptr<Foo>::~unique_ptr()"},
    {200, "void std::sort<int*, std::less<int> >(int*, int*, std::less<int>)",
     "std::sort<int*, std::less<int>>(int*, int*, std::less<int>)"},
    {200,
     "std::allocator_traits<std::allocator<int> >::allocate(std::allocator<int>&, unsigned long)",
     "std::allocator_traits<std::allocator<int>>::allocate(std::allocator<int>&, unsigned long)"},
    {200,
     "std::basic_ostream<char, std::char_traits<char> >& std::operator<< <std::char_traits<char> "
     ">(std::basic_ostream<char, std::char_traits<char> >&, char const*)",
     "std::operator<< <std::char_traits<char>>(std::ostream&, char const*)"},
    {200, "outer::(anonymous namespace)::build()", "outer::(anon)::build()"},
    {200, "core::fmt::write::h0123456789abcdef", "core::fmt::write"},
    {200, "core::fmt::write::h0123456789abcdeg", "core::fmt::write::h0123456789abcdeg"},
    {200, "work(int) [clone .constprop.0] [clone .cold]", "work(int)"},
    {200, "std::chrono::_V2::system_clock::now()", "std::chrono::system_clock::now()"},
    /* Return types of function templates. */
    {200,
     "unsigned long const& std::max<unsigned long>(unsigned long const&, unsigned long const&)",
     "std::max<unsigned long>(unsigned long const&, unsigned long const&)"},
    {200, "Foo::operator bool() const", "Foo::operator bool() const"},
    {200, "Foo::operator std::vector<int, std::allocator<int> >() const",
     "Foo::operator std::vector<int>() const"},
    {200, "void* operator new<int>(unsigned long)", "operator new<int>(unsigned long)"},
    {200, "operator new(unsigned long)", "operator new(unsigned long)"},
    {200, "A::f() const::{lambda()#1}::operator()() const",
     "A::f() const::{lambda()#1}::operator()() const"},
    {200, "non-virtual thunk to A::f()", "A::f()"},
    {200, "bool operator< <int>(Box<int> const&, Box<int> const&)",
     "operator< <int>(Box<int> const&, Box<int> const&)"},
    {200, "vtable for A", "vtable for A"},
    {200, "LazyCompile:*read /home/a b.js:12", "LazyCompile:*read /home/a b.js:12"},
    /* Parameters go first. */
    {30, "replaceConstants(llvm::OutlinableRegion&)", "replaceConstants(…)"},
    {33, "Square::area(int, int, int, int) const", "Square::area(int, int, int, int)"},
    {30, "Square::area(std::vector<int> const&) const", "Square::area(…)"},
    {200, "Square::area() const", "Square::area() const"},
    {10, "Square::area()", "…::area()"},
    /* Then what is inside of brackets, deepest first. */
    {40, "foo<Alpha<Beta<Gamma<Delta>>>, Epsilon>(int)", "foo<Alpha<Beta<Gamma<…>>>, Epsilon>(…)"},
    {34, "foo<Alpha<Beta<Gamma<Delta>>>, Epsilon>(int)", "foo<Alpha<Beta<…>>, Epsilon>(…)"},
    {20, "foo<Alpha<Beta<Gamma<Delta>>>, Epsilon>(int)", "foo<…>(…)"},
    {30, "std::vector<std::pair<LongName, OtherName> >::push_back(int)",
     "std::vector<…>::push_back(…)"},
    {47, "std::_Rb_tree<int, std::pair<int const, Something> >::_M_insert_(int, int)",
     "std::_Rb_tree<int, std::pair<…>>::_M_insert_(…)"},
    /* Lambdas stay recognisable. */
    {60, "void std::sort<std::vector<int>, main::{lambda(int, int)#1}>(std::vector<int>)",
     "std::sort<std::vector<int>, main::{lambda(int, int)#1}>(…)"},
    {36,
     "run(std::vector<int> const&)::{lambda(std::string, int)#2}::operator()(std::string, int) "
     "const",
     "run(…)::{lambda(…)#2}::operator()(…)"},
    {20, "outermost::inner::run()::{lambda()#1}::operator()() const",
     "…::{lambda()#1}::operator()()"},
    /* Operators do not break the brackets. */
    {200, "Foo::operator->() const", "Foo::operator->() const"},
    {20, "Foo<Something>::operator->() const", "Foo<…>::operator->()"},
    {22, "Foo<Something>::operator<<(Foo<Something>)", "Foo<…>::operator<<(…)"},
    {22, "Foo<Something>::operator>(Foo<Something>)", "Foo<…>::operator>(…)"},
    {22, "Foo<Something>::operator<=>(Foo<Something>)", "Foo<…>::operator<=>(…)"},
    {22, "Foo<Something>::operator()(Foo<Something>)", "Foo<…>::operator()(…)"},
    {22, "Foo<Something>::operator[](Foo<Something>)", "Foo<…>::operator[](…)"},
    {200, "Foo<(1>2), 3>::f()", "Foo<(1>2), 3>::f()"},
    /* Then leading namespaces, never the function's own name. */
    {20, "alpha::beta::gamma::delta::run_it()", "…::delta::run_it()"},
    {5, "alpha::beta::gamma::delta::run_it()", "…::run_it()"},
    {3, "run_it_all(int)", "run_it_all(…)"},
    /* Rust has no parameters; paths inside of brackets go before brackets do. */
    {70, "<alloc::vec::Vec<alloc::string::String> as core::ops::drop::Drop>::drop",
     "<Vec<String> as Drop>::drop"},
    {70,
     "<core::cell::once::OnceCell<core::result::Result<addr2line::line::Lines, "
     "gimli::read::Error>>>::try_init",
     "<OnceCell<Result<Lines, Error>>>::try_init"},
    {40,
     "<hashbrown::raw::RawTable<(alloc::string::String, alloc::boxed::Box<dyn "
     "r::Shape>)>>::reserve",
     "<RawTable<(String, Box<…>)>>::reserve"},
    {35, "core::ops::function::FnOnce::call_once{{vtable.shim}}",
     "…::FnOnce::call_once{{vtable.shim}}"},
    /* Bytes beyond ASCII count as columns, not as bytes, and are never cut. */
    {8, "größe<ä>", "größe<ä>"},
    {9, "größe<äöüäöü>()", "größe<…>()"},
    /* Names that make no sense come through. */
    {10, "<<<<<<", "<<<<<<"},
    {10, ">>>>>>", ">>>>>>"},
    {200, "a<b(c>d)e", "a<b(c>d)e"},
    {1, "((((", "(((("},
    {1, "operator", "operator"},
    {1, "::", "::"},
    {1, "operator<", "operator<"},
    {1, "\xff\xfe<\xff>", "\xff\xfe<\xff>"},
};

static void table(void) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *out = sym_shorten(rows[i].in, rows[i].width);
        if (out == NULL || strcmp(out, rows[i].out) != 0)
            fprintf(stderr, "width %zu of: %s\n", rows[i].width, rows[i].in);
        CHECK_STR(out, rows[i].out);
        free(out);
    }
}

/* Long and deep nonsense takes no time and no stack, and never grows by more than its ellipses. */
static void hostile(void) {
    static const char alphabet[] = "<>(){}[],: -aoperator<>()::\xc3\xa4~&*";
    size_t length = 200000;
    char *name = malloc(length + 1);
    CHECK(name != NULL);
    uint32_t random = 1;
    for (int round = 0; round < 8; round++) {
        for (size_t i = 0; i < length; i++) {
            random = random * 1664525 + 1013904223;
            name[i] = round == 0   ? '<'
                      : round == 1 ? (i < length / 2 ? '<' : '>')
                                   : alphabet[(random >> 16) % (sizeof alphabet - 1)];
        }
        name[length] = '\0';
        char *out = sym_shorten(name, 80);
        CHECK(out != NULL);
        CHECK(strlen(out) <= length * 3);
        free(out);
    }
    for (int round = 0; round < 100000; round++) {
        size_t size = random % 24;
        for (size_t i = 0; i < size; i++) {
            random = random * 1664525 + 1013904223;
            name[i] = alphabet[(random >> 16) % (sizeof alphabet - 1)];
        }
        name[size] = '\0';
        char *out = sym_shorten(name, random >> 28);
        CHECK(out != NULL);
        free(out);
    }
    free(name);
}

int main(void) {
    table();
    hostile();
    return 0;
}
