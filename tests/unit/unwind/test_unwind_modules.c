/* SPDX-License-Identifier: MIT
 * Libraries that are loaded, unloaded and replaced by others at the same address: what was known of
 * the old code must not be used for the new. Arguments: the two libraries made of module.c. */
#include "unit/check.h"
#include "unit/unwind/hook.h"
#include "unwind/verify.h"

#include <dlfcn.h>

typedef int entry(int (*callback)(int), int depth);

static int callback(int depth) {
    hook_capture();
    hook_capture();
    return depth;
}

static void *run(const char *path, void **address) {
    void *module = dlopen(path, RTLD_NOW);
    if (module == NULL) fprintf(stderr, "%s\n", dlerror());
    CHECK(module != NULL);
    entry *module_entry = (entry *)dlsym(module, "module_entry");
    CHECK(module_entry != NULL);
    for (int depth = 0; depth < 5; depth++)
        module_entry(callback, depth);
    *address = (void *)(uintptr_t)module_entry;
    return module;
}

int main(int argc, char **argv) {
    CHECK(argc == 3);
    hook_start();
    uw_verify_use_libunwind(0);  /* it keeps what it knew of unloaded code */
    uw_verify_each_by_machine(); /* it keeps nothing */
    void *address, *before = NULL;
    int same_place = 0;
    uint64_t epoch = uw_epoch();

    void *first = run(argv[1], &address);
    void *second = run(argv[2], &address);
    hook_capture();
    CHECK_EQ_U64(uw_epoch(), epoch); /* loading forgets nothing */
    dlclose(first);
    dlclose(second);
    hook_capture();
    CHECK(uw_epoch() > epoch);

    for (int i = 0; i < 60; i++) {
        epoch = uw_epoch();
        dlclose(run(argv[1 + i % 2], &address));
        same_place += address == before;
        before = address;
        hook_capture();
        CHECK(uw_epoch() > epoch);
    }
    printf("%d of 60 loads at the place of the one before\n", same_place);
    CHECK(same_place > 30);
    hook_check("modules", 600);
    return 0;
}
