/* SPDX-License-Identifier: MIT
 * Patterns and files of suppressions, as LeakSanitizer takes them, and what is no rule. */
#include "analysis/suppressions.h"
#include "unit/check.h"

static void patterns(void) {
    static const struct {
        const char *pattern, *text;
        int matches;
    } cases[] = {
        {"foo", "foo", 1},
        {"foo", "xfoox", 1},
        {"foo", "fo", 0},
        {"foo", "", 0},
        {"foo", NULL, 0},
        {"^foo", "foox", 1},
        {"^foo", "xfoo", 0},
        {"foo$", "xfoo", 1},
        {"foo$", "foox", 0},
        {"foo$", "foofoo", 1},
        {"^foo$", "foo", 1},
        {"^foo$", "foofoo", 0},
        {"f*o", "fxxo", 1},
        {"f*o", "ofx", 0},
        {"^f*o$", "fo", 1},
        {"^f*o$", "f", 0},
        {"^fo*o$", "fo", 0}, /* the pieces do not overlap */
        {"a*b*c", "xaxbxcx", 1},
        {"a*b*c", "acb", 0},
        {"*", "anything", 1},
        {"*", "", 0},
        {"^*$", "anything", 1},
        {"foo*", "xfoo", 1},
        {"*foo", "foox", 1},
        {"*foo$", "foox", 0},
        {"libx.so", "/usr/lib/libx.so.1", 1},
        {"ns::f(int)", "ns::f(int)", 1},
        {"^", "anything", 1},
        {"$", "anything", 1},
        {"", "anything", 1},
        {"a$b", "a$b", 1}, /* it stands for the end only at the end */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (an_pattern_matches(cases[i].pattern, cases[i].text) != cases[i].matches) {
            fprintf(stderr, "pattern %s, text %s\n", cases[i].pattern,
                    cases[i].text != NULL ? cases[i].text : "(null)");
            CHECK_EQ_I64(!cases[i].matches, cases[i].matches);
        }
}

static void texts(void) {
    struct an_suppressions s = {0};
    struct failure f = {""};
    CHECK(an_suppressions_add_text(&s, "", "none", &f) == 0);
    CHECK_EQ_U64(s.count, 0);
    CHECK(an_suppressions_add_text(&s, "# leak:no\n\n  \t\r\n  leak:one two \t\r\nleak:last", "a", &f) == 0);
    CHECK_EQ_U64(s.count, 2);
    CHECK_STR(s.list[0].pattern, "one two");
    CHECK_STR(s.list[1].pattern, "last");
    CHECK_STR(s.list[1].from, "a");
    CHECK(an_suppressions_add_text(&s, "leak:x\nrace:y\n", "b", &f) < 0);
    CHECK_STR(f.text, "b:2: race:y: not a suppression: write leak:PATTERN");
    CHECK(an_suppressions_add_text(&s, "leak:\n", "b", &f) < 0);
    CHECK(an_suppressions_add_text(&s, "leak", "b", &f) < 0);
    CHECK(an_suppressions_add_file(&s, "/nowhere/at all", &f) < 0);
    CHECK(an_suppressions_add_file(&s, "/proc/self/cmdline", &f) < 0); /* holds NULs */
    an_suppressions_release(&s);
    CHECK_EQ_U64(s.count, 0);
}

int main(void) {
    patterns();
    texts();
    return 0;
}
