/* SPDX-License-Identifier: MIT
 * Asserts what a call allocates, in C. Alone it says that it is not under heapwise and passes.
 *
 *   cc -I include examples/scope.c -o scope && ./scope && heapwise run ./scope
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heapwise/heapwise.h"

/* The code under test: may allocate once. */
__attribute__((noinline)) static char *greeting(const char *name) {
    char *text = malloc(strlen(name) + 8);
    if (text != NULL) sprintf(text, "Hello, %s", name);
    return text;
}

__attribute__((noinline)) static int sum(const int *numbers, int count) {
    int all = 0;
    HEAPWISE_NO_ALLOC { /* an inner loop: the report tells of any allocation here */
        for (int i = 0; i < count; i++)
            all += numbers[i];
    }
    return all;
}

int main(void) {
    struct heapwise_stats s;
    heapwise_mark("test begins");
    heapwise_scope scope = heapwise_scope_begin();
    char *text = greeting("heap");
    if (heapwise_scope_end(scope, &s)) {
        printf("greeting: %llu allocation(s), %llu bytes\n", (unsigned long long)s.allocations,
               (unsigned long long)s.allocated_bytes);
        if (s.allocations > 1) return 1;
    } else {
        puts("not under heapwise: nothing is asserted");
    }
    printf("%s, %d\n", text, sum((int[]){1, 2, 3}, 3));
    free(text);
    return 0;
}
