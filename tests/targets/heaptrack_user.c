/* SPDX-License-Identifier: MIT
 * A user of heaptrack's API, by the names that its header makes calls of: weak functions in a
 * library (here called where they are), and what its alternative with dlsym does. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static char pool[4096];

int main(void) {
    void (*told_malloc)(void *, size_t) =
        (void (*)(void *, size_t))dlsym(RTLD_NEXT, "heaptrack_malloc");
    void (*told_realloc)(void *, size_t, void *) =
        (void (*)(void *, size_t, void *))dlsym(RTLD_NEXT, "heaptrack_realloc");
    void (*told_free)(void *) = (void (*)(void *))dlsym(RTLD_NEXT, "heaptrack_free");
    printf("known=%d\n", told_malloc != NULL && told_realloc != NULL && told_free != NULL);
    fflush(stdout);
    if (told_malloc == NULL) return 0;
    for (int i = 0; i < 10; i++)
        told_malloc(pool + 100 * i, 77);
    told_realloc(pool, 1234, pool + 2000);
    for (int i = 1; i < 6; i++)
        told_free(pool + 100 * i);
    return 0; /* 11 allocations, 6 frees; 5 blocks of 4 * 77 + 1234 bytes are left */
}
