/* SPDX-License-Identifier: MIT
 * dlopen with RTLD_DEEPBIND: the library must go on seeing its own `which` and not the program's.
 * Blocks cross the border both ways, so a profiler meets frees of blocks it never saw. */
#include <dlfcn.h>

#include "own.h"

const char *which(void);
__attribute__((visibility("default"))) const char *which(void) { return "program"; }

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    static struct own own;
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_DEEPBIND);
    if (library == NULL) {
        own_write(dlerror());
        return 3;
    }
    const char *(*ask)(void) = (const char *(*)(void))dlsym(library, "deepbind_which");
    void *(*allocate)(size_t) = (void *(*)(size_t))dlsym(library, "deepbind_allocate");
    void (*release)(void *) = (void (*)(void *))dlsym(library, "deepbind_free");
    own_write(ask());
    own_write("\n");
    for (int i = 0; i < 100; i++) {
        free(allocate(1009));
        void *p = own_malloc(&own, 2003);
        release(p);
        own_free(&own, own_malloc(&own, 3001), 3001);
    }
    return 0;
}
