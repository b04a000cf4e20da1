/* SPDX-License-Identifier: MIT
 * A C program, without any library of C++, that opens plugins in C++ (argument 1: one that uses the
 * operators of its library; argument 2: one that brings its own), uses, closes and opens them
 * again. Their operators are in no scope that this program has, but a profiler in its global scope
 * comes before them. */
#include <dlfcn.h>

#include "own.h"

int main(int argc, char **argv) {
    static struct own own;
    if (argc < 3) return 2;
    for (int round = 0; round < 20; round++)
        for (int which = 1; which <= 2; which++) {
            void *library = dlopen(argv[which], RTLD_NOW | RTLD_LOCAL);
            if (library == NULL) {
                own_write(dlerror());
                return 3;
            }
            int (*work)(void) = (int (*)(void))dlsym(library, "plugin_work");
            if (work() != 0) return 10 + which;
            own_free(&own, own_malloc(&own, 53), 53);
            dlclose(library);
        }
    own_print("opens_cpp", &own);
    return 0;
}
