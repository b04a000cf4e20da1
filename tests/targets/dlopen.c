/* SPDX-License-Identifier: MIT
 * Loads and unloads two libraries in turn (argument 1 and 2, rounds in argument 3), calling code that
 * stands at addresses where other code stood before. Prints how many blocks each leaked. */
#include <dlfcn.h>

#include "own.h"

static struct own own;

static void *allocate(size_t size) { return own_malloc(&own, size); }

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    int rounds = argc > 3 ? atoi(argv[3]) : 100;
    for (int i = 0; i < rounds; i++) {
        void *library = dlopen(argv[1 + i % 2], RTLD_NOW);
        if (library == NULL) {
            own_write(dlerror());
            return 3;
        }
        int (*work)(void *(*)(size_t), int) =
            (int (*)(void *(*)(size_t), int))dlsym(library, "plugin_work");
        work(allocate, i % 5);
        dlclose(library);
    }
    own_print("dlopen", &own);
    return 0;
}
