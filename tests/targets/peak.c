/* SPDX-License-Identifier: MIT
 * A known shape of the heap over time: the peak lies in the middle, and each function's share at that
 * moment differs from its share at any other (what it holds at most, at the end, altogether). */
#include "own.h"

enum { N = 100 };
static struct own own;
static void *early[N], *middle[N], *late[N];

__attribute__((noinline)) static void grow_early(void) {
    for (int i = 0; i < N; i++) early[i] = own_malloc(&own, 10007);
}
__attribute__((noinline)) static void grow_middle(void) {
    for (int i = 0; i < N; i++) middle[i] = own_malloc(&own, 20011);
}
__attribute__((noinline)) static void grow_late(void) {
    for (int i = 0; i < N; i++) late[i] = own_malloc(&own, 15013);
}
__attribute__((noinline)) static void shrink(void **blocks, int count, size_t size) {
    for (int i = 0; i < count; i++) own_free(&own, blocks[i], size);
}

int main(void) {
    grow_early();
    shrink(early, 60, 10007); /* 40 early ones stay */
    grow_middle();            /* the peak: 40 early, 100 middle */
    shrink(middle, 90, 20011);
    grow_late(); /* below the peak: 40 early, 10 middle, 100 late */
    own_write("{\"grow_early\":400280,\"grow_middle\":2001100,\"grow_late\":0,"
              "\"peak_bytes\":2401380,\"peak_blocks\":140}\n");
    return 0;
}
