/* SPDX-License-Identifier: MIT
 * Trees of histories, as the words that a person would read: each branch is NAME=AMOUNT, its children
 * follow in parentheses. */
#include "../check.h"
#include "analysis/names.h"
#include "analysis/plumbing.h"
#include "analysis/question.h"
#include "analysis/tree.h"
#include "history.h"

struct setting {
    enum an_cost cost;
    enum an_direction direction;
    enum an_recursion recursion;
    int fold;
};

static void write_branches(struct an_tree *t, struct an_branches *list, FILE *out) {
    for (size_t i = 0; i < list->count; i++) {
        const struct an_branch *b = &list->list[i];
        struct an_branches below;
        char *name = b->function == REC_NONE
                         ? strdup("?")
                         : an_name_short((struct an_frames *)t->frames, b->function, 80);
        size_t others;
        uint32_t line = an_branch_line(t, b, &others);
        fprintf(out, "%s%s", i > 0 ? " " : "", name);
        if (line > 0) fprintf(out, ":%u%s", line, others > 0 ? "+" : "");
        fprintf(out, "=%" PRIu64, b->amount.main);
        free(name);
        CHECK(an_tree_expand(t, b, &below, NULL) == 0);
        if (below.count > 0) {
            fputc('(', out);
            write_branches(t, &below, out);
            fputc(')', out);
        }
        an_branches_release(&below);
    }
}

static void check_tree(const char *text, struct setting x, const char *expected) {
    struct rec_file *r = history_open(text, 4);
    struct an_profile p;
    struct an_frames frames;
    struct an_stack_tree stacks;
    struct an_tree tree;
    struct an_branches roots;
    struct failure f = {""};
    CHECK(an_frames_build(&frames, r, &f) == 0);
    CHECK(an_ask(&p, r, &(struct an_question){0}, &frames, &f) == 0);
    CHECK(an_stack_tree_build(&stacks, r, &frames, &p, x.recursion, &f) == 0);
    uint8_t *plumbing = x.fold ? an_plumbing_build(&frames) : NULL;
    CHECK(an_tree_init(&tree, &stacks, &frames, &p, x.cost, x.direction, plumbing, &f) == 0);
    CHECK(an_tree_roots(&tree, &roots, &f) == 0);
    uint64_t sum = 0;
    for (size_t i = 0; i < roots.count; i++) sum += roots.list[i].amount.main;
    CHECK_EQ_U64(sum, an_cost_of(&p.sum, x.cost).main);
    char *words;
    size_t size;
    FILE *out = open_memstream(&words, &size);
    write_branches(&tree, &roots, out);
    fclose(out);
    CHECK_STR(words, expected);
    free(words);
    free(plumbing);
    an_branches_release(&roots);
    an_tree_release(&tree);
    an_stack_tree_release(&stacks);
    an_profile_release(&p);
    an_frames_release(&frames);
    history_close(r);
}

static const struct setting up = {AN_LEAKED, AN_BOTTOM_UP, AN_RECURSION_COLLAPSE, 0};
static const struct setting down = {AN_LEAKED, AN_TOP_DOWN, AN_RECURSION_COLLAPSE, 0};
static const struct setting up_folded = {AN_LEAKED, AN_BOTTOM_UP, AN_RECURSION_COLLAPSE, 1};
static const struct setting down_folded = {AN_LEAKED, AN_TOP_DOWN, AN_RECURSION_COLLAPSE, 1};

static void test_directions(void) {
    const char *text = "a=main,f,g b=main,h,g c=main,h xa100 yb20 zc3";
    check_tree(text, up, "g=120(f=100(main=100) h=20(main=20)) h=3(main=3)");
    check_tree(text, down, "main=123(f=100(g=100) h=23(g=20))");
}

static void test_lines_and_inlined_frames(void) {
    const char *text = "a=main:1,f:2,g:9^ b=main:1,f:3,g:9^ xa10 yb30";
    check_tree(text, up, "g:9=40(f:3+=40(main:1=40))");
    check_tree(text, down, "main:1=40(f:3+=40(g:9=40))");
}

static void test_recursion(void) {
    const char *text = "a=main,v,arr,v,arr,v,str b=main,v,str xa10 yb1";
    check_tree(text, up, "str=11(v=11(main=11))");
    check_tree(text, down, "main=11(v=11(str=11))");
    struct setting whole = up;
    whole.recursion = AN_RECURSION_KEEP;
    check_tree("a=f,f,f xa1", whole, "f=1(f=1(f=1))");
    check_tree("a=f,f,f xa1", up, "f=1");
}

static void test_folding(void) {
    const char *text = "a=_start,libc.so.6!__libc_start_call_main,main,load,_ZNSt6vectorIiE9push_backEv,"
                       "_ZNSt6vectorIiE4growEv,_Znwm b=_start,libc.so.6!__libc_start_call_main,main,"
                       "load,xmalloc xa10 yb5";
    check_tree(text, up_folded, "load=15(main=15)");
    check_tree(text, down_folded, "main=15(load=15)");
}

static void test_folding_among_callers(void) {
    const char *text = "a=main,_ZSt4sortv,_ZSt6__sortv,less,_Znwm xa10";
    check_tree(text, up_folded, "less=10(std::sort()=10(main=10))");
    check_tree(text, down_folded, "main=10(std::sort()=10(less=10))");
}

/* A stack of nothing but plumbing counts where it is. */
static void test_nothing_but_plumbing(void) {
    check_tree("a=ld-linux.so!_dl_start,ld-linux.so!calloc xa7 b=main yb1", up_folded,
               "calloc=7 main=1");
    check_tree("a=ld-linux.so!_dl_start,ld-linux.so!calloc xa7 b=main yb1", down_folded,
               "calloc=7 main=1");
}

static void test_unknown_stack(void) {
    check_tree("a=main xa1 yq5", up, "?=5 main=1"); /* letter q has no stack: node 0 */
    check_tree("a=main xa1 yq5", down, "?=5 main=1");
}

static void check_plumbing(const char *linkage, const char *readable, const char *file,
                           const char *module, enum an_plumbing expected) {
    struct an_plumbing_facts facts = {linkage, readable, file, module};
    CHECK_EQ_U64(an_plumbing_of(&facts), expected);
}

static void test_plumbing_names(void) {
    const enum an_plumbing none = AN_PLUMBING_NONE, wrapper = AN_PLUMBING_WRAPPER;
    check_plumbing("_Znwm", NULL, NULL, "app", wrapper);
    check_plumbing("_ZNKSt3mapIiiE4findEv", NULL, "stl_map.h", "app", wrapper);
    check_plumbing("_ZN9__gnu_cxx13new_allocator8allocateEm", NULL, NULL, "app", wrapper);
    check_plumbing("_ZN5Table7add_rowERKSs", NULL, "table.cpp", "app", none);
    check_plumbing("_ZN5alloc3vec4growE17h0123456789abcdefE", "alloc::vec::grow", NULL, "app", wrapper);
    check_plumbing("_ZN3csv4read17h0123456789abcdefE", "csv::read", "/src/csv.rs", "app", none);
    check_plumbing("_RNvXsd_h", "<u8 as ConvertVec>::to_vec",
                   "/rustc/abc/library/alloc/src/slice.rs", "app", wrapper);
    check_plumbing("g_malloc0", NULL, NULL, "libglib-2.0.so.0", wrapper);
    check_plumbing("PyMem_RawRealloc", NULL, NULL, "python3", wrapper);
    check_plumbing("fopen", NULL, NULL, "libc.so.6", AN_PLUMBING_RUNTIME);
    check_plumbing("parse", NULL, NULL, "app", none);
    check_plumbing(NULL, NULL, NULL, "app", none);
}

static void test_filters(void) {
    struct rec_file *r = history_open("a=main,f,g b=main,h c=libz.so!deflate,h xa100 yb20 zc3", 4);
    static const struct {
        enum an_filter_subject subject;
        const char *pattern;
        uint64_t bytes;
    } cases[] = {
        {AN_FILTER_FUNCTION, "^h$", 23},     {AN_FILTER_FUNCTION, "!^h$", 100},
        {AN_FILTER_MODULE, "libz", 3},       {AN_FILTER_MODULE, "!libz", 120},
        {AN_FILTER_FUNCTION, "f|deflate", 103}, {AN_FILTER_FILE, "x", 0},
    };
    struct an_frames frames;
    struct failure f = {""};
    CHECK(an_frames_build(&frames, r, &f) == 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct an_filter filter;
        struct an_profile p;
        CHECK(an_filter_init(&filter, cases[i].subject, cases[i].pattern, &f) == 0);
        struct an_question q = {.filters = &filter, .filter_count = 1};
        CHECK(an_ask(&p, r, &q, &frames, &f) == 0);
        CHECK_EQ_U64(p.sum.leaked_bytes, cases[i].bytes);
        CHECK_EQ_U64(p.all.leaked_bytes, 123);
        an_profile_release(&p);
        an_filter_release(&filter);
    }
    struct an_filter bad;
    CHECK(an_filter_init(&bad, AN_FILTER_FUNCTION, "(", &f) != 0);
    CHECK(an_filter_init(&bad, AN_FILTER_FUNCTION, "!", &f) != 0);
    an_frames_release(&frames);
    history_close(r);
}

int main(void) {
    test_directions();
    test_lines_and_inlined_frames();
    test_recursion();
    test_folding();
    test_folding_among_callers();
    test_nothing_but_plumbing();
    test_unknown_stack();
    test_plumbing_names();
    test_filters();
    return 0;
}
