/* SPDX-License-Identifier: MIT
 * Allocates where the loader is at work: in the resolver of an indirect function, which runs while this
 * program is being relocated, and in the constructor and destructor of a library that comes and goes
 * (argument 1) and that is loaded once more into a name space of its own. */
#include <dlfcn.h>

#include "own.h"

static struct own own;
static void *early;

static int answer(void) { return early != NULL ? 42 : 0; }

static int (*resolve(void))(void) {
    early = malloc(1013);
    return answer;
}
int indirect(void) __attribute__((ifunc("resolve")));

int main(int argc, char **argv) {
    if (argc < 2 || indirect() != 42) return 2;
    for (int i = 0; i < 200; i++) {
        void *library = dlopen(argv[1], RTLD_NOW);
        if (library == NULL) return 3;
        own_free(&own, own_malloc(&own, 61), 61);
        dlclose(library);
    }
    for (int i = 0; i < 5; i++) {
        void *library = dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW);
        if (library == NULL) return 4;
        own_free(&own, own_malloc(&own, 67), 67);
        dlclose(library);
    }
    own_print("loader", &own);
    return 0;
}
