/* SPDX-License-Identifier: MIT
 * sym_resolve where every allocation may be the one that fails, once or from there on: it says that
 * memory is out, or gives names, and the process lives on. libdw asserts that it gets memory in
 * some places, and calls its handler in others. */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>

#include "symbols/object_file.h"
#include "symbols/symbols.h"

#include "../check.h"

#define MOST_PLACES 100000

#ifdef __SANITIZE_ADDRESS__

int main(void) {
    CHECK_SKIP("AddressSanitizer's allocator cannot be made to fail at a place");
}

#else

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_ullong number, from = UINT64_MAX, until = UINT64_MAX;

static int fails(void) {
    unsigned long long n = atomic_fetch_add(&number, 1);
    if (n < atomic_load(&from) || n >= atomic_load(&until)) return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) {
    return fails() ? NULL : __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    return fails() ? NULL : __libc_calloc(count, size);
}
void *realloc(void *block, size_t size) {
    return fails() ? NULL : __libc_realloc(block, size);
}
void *aligned_alloc(size_t alignment, size_t size) {
    return fails() ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void **block, size_t alignment, size_t size) {
    if (fails()) return ENOMEM;
    *block = __libc_memalign(alignment, size);
    return *block != NULL ? 0 : ENOMEM;
}

enum outcome { NAMED, UNNAMED, MEMORY_OUT };

static struct rec_module modules[3] = {{.path = ""}};
static struct rec_address addresses[2];

/* Names a function of this program, which DWARF knows, and one of libc, which its symbol table
 * does. */
static enum outcome resolve(void) {
    struct sym_result result;
    struct failure f = {""};
    int failed = sym_resolve(&result, modules, 3, addresses, 2, NULL, &f);
    atomic_store(&from, UINT64_MAX);
    if (failed) {
        CHECK_STR(f.text, "cannot read symbols: memory is out");
        return MEMORY_OUT;
    }
    const struct rec_frame *own = &result.frames[result.first[1] - 1];
    const struct rec_frame *libc = &result.frames[result.first[2] - 1];
    if (own->function != NULL) CHECK_STR(own->function, "main");
    if (libc->function != NULL) CHECK_STR(libc->function, "qsort");
    if (result.broken_module != NULL) CHECK_STR(result.broken_module, modules[1].path);
    if (result.broken_module != NULL) CHECK(own->line == 0);
    int all = own->function != NULL && own->line > 0 && libc->function != NULL;
    sym_result_release(&result);
    return all ? NAMED : UNNAMED;
}

/* The allocations from number `place` on fail, `count` of them. */
static enum outcome resolve_with(unsigned long long place, unsigned long long count) {
    atomic_store(&number, 0);
    atomic_store(&until, count == UINT64_MAX ? count : place + count);
    atomic_store(&from, place);
    return resolve();
}

static void describe(struct rec_module *module, struct rec_address *address, const void *function) {
    static char paths[2][4096];
    Dl_info info;
    struct sym_object object;
    CHECK(dladdr(function, &info) != 0 && elf_version(EV_CURRENT) != EV_NONE);
    module->path = realpath(info.dli_fname, paths[module == &modules[1] ? 0 : 1]);
    CHECK(module->path != NULL && sym_object_open(&object, module->path) == 0);
    struct sym_build_id id = sym_object_build_id(&object);
    if (id.length == 0 || id.length > REC_BUILD_ID_MAX) CHECK_SKIP("no build-id");
    module->build_id_length = (uint32_t)id.length;
    memcpy(module->build_id, id.bytes, id.length);
    module->bias = (uint64_t)(uintptr_t)info.dli_fbase;
    sym_object_close(&object);
    *address = (struct rec_address){.address = (uint64_t)(uintptr_t)function,
                                    .module = (uint32_t)(module - modules),
                                    .exact = 1};
}

int main(int argc, char **argv) {
    (void)argc;
    (void)argv;
    describe(&modules[1], &addresses[0], (const void *)main);
    describe(&modules[2], &addresses[1], dlsym(RTLD_DEFAULT, "qsort"));
    CHECK(resolve_with(0, 0) == NAMED);
    unsigned long long places = atomic_load(&number), out = 0;
    CHECK(places > 50 && places < MOST_PLACES);
    for (unsigned long long place = 0; place < places; place++) {
        resolve_with(place, 1);
        out += resolve_with(place, UINT64_MAX) == MEMORY_OUT;
    }
    CHECK(out > places / 2);
    CHECK(resolve_with(0, 0) == NAMED);
    return 0;
}

#endif
