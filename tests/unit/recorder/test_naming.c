/* SPDX-License-Identifier: MIT
 * Names of recordings: pattern, program, pid, first or not, earlier ones of the same pid → name. */
#include "recorder/naming.h"
#include "unit/check.h"

static void named(const char *pattern, int first, unsigned again, const char *expected) {
    char path[64];
    recording_name(path, sizeof path, pattern, "cc1", 42, first != 0, again);
    CHECK_STR(path, expected);
}

int main(void) {
    named(NULL, 1, 0, "heapwise.cc1.42.heapwise");
    named(NULL, 0, 0, "heapwise.cc1.42.heapwise");
    named(NULL, 0, 1, "heapwise.cc1.42.2.heapwise");
    named("out.heapwise", 1, 0, "out.heapwise");
    named("out.heapwise", 0, 0, "out.42.heapwise");
    named("out.heapwise", 0, 1, "out.42.heapwise");
    named("out.heapwise", 0, 2, "out.42.2.heapwise");
    named("a.dir/out", 0, 0, "a.dir/out.42");
    named(".hidden", 0, 0, ".hidden.42");
    named("x/.hidden", 0, 0, "x/.hidden.42");
    named("%n-%p.hw", 0, 0, "cc1-42.hw");
    named("%n-%p.hw", 0, 1, "cc1-42.2.hw");
    named("100%%.hw", 1, 0, "100%.hw");
    named("100%%.hw", 0, 0, "100%.42.hw");
    named("%d.hw", 1, 0, "%d.hw");
    char path[8];
    recording_name(path, sizeof path, "a-name-that-is-too-long", "x", 1, true, 0);
    CHECK_STR(path, "a-name-");
    return 0;
}
