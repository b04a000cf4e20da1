/* SPDX-License-Identifier: MIT
 * sym_resolve on this very program: exact and return addresses, modules that are gone, replaced, no
 * files or not there at all, the vDSO, and two threads. */
#include "symbols/symbols.h"

#include <dlfcn.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/object_file.h"

#include "../check.h"

static uint64_t load_bias(const void *code) {
    Dl_info info;
    CHECK(dladdr(code, &info) != 0);
    return (uint64_t)(uintptr_t)info.dli_fbase;
}

/* GCC would fold two functions of equal contents, or inline them. */
__attribute__((noinline)) int resolve_me(int x);
__attribute__((noinline)) int resolve_me(int x) {
    __asm__ volatile("");
    return x + 41;
}

static void set_id(struct rec_module *module, const struct sym_object *object) {
    struct sym_build_id id = sym_object_build_id(object);
    CHECK(id.length <= REC_BUILD_ID_MAX);
    module->build_id_length = (uint32_t)id.length;
    if (id.length > 0) memcpy(module->build_id, id.bytes, id.length);
}

static struct rec_module self_module(const char *path) {
    struct rec_module module = {.path = path, .bias = load_bias((const void *)resolve_me)};
    struct sym_object self;
    CHECK(sym_object_open(&self, "/proc/self/exe") == 0);
    set_id(&module, &self);
    sym_object_close(&self);
    return module;
}

static const char *resolve_one(struct rec_module module, uint64_t address, int exact) {
    static char name[256];
    struct rec_module modules[2] = {{.path = ""}, module};
    struct rec_address addresses[1] = {{.address = address, .module = 1, .exact = (uint8_t)exact}};
    struct sym_result result;
    struct failure f;
    CHECK(sym_resolve(&result, modules, 2, addresses, 1, NULL, &f) == 0);
    CHECK_EQ_U64(result.address_count, 1);
    CHECK(result.first[1] >= 1);
    const struct rec_frame *last = &result.frames[result.first[1] - 1];
    CHECK_EQ_U64(last->inlined, 0);
    if (last->function != NULL) snprintf(name, sizeof name, "%s", last->function);
    int found = last->function != NULL;
    sym_result_release(&result);
    return found ? name : NULL;
}

static char self_path[4096];

static void own_functions(void) {
    struct rec_module module = self_module(self_path);
    uint64_t function = (uint64_t)(uintptr_t)resolve_me;
    CHECK_STR(resolve_one(module, function, 1), "resolve_me");
    CHECK_STR(resolve_one(module, function + 1, 0), "resolve_me");
    /* The call before a return address at the first byte is in what lies before. */
    const char *before = resolve_one(module, function, 0);
    CHECK(before == NULL || strcmp(before, "resolve_me") != 0);
}

static void files_that_are_not_it(void) {
    uint64_t function = (uint64_t)(uintptr_t)resolve_me;
    struct rec_module module = self_module(self_path);
    char deleted[sizeof self_path + 16];
    snprintf(deleted, sizeof deleted, "%s (deleted)", self_path);
    module.path = deleted;
    /* Its name is there and it is the same file by its build-id; without one it could be any. */
    if (module.build_id_length > 0) CHECK_STR(resolve_one(module, function, 1), "resolve_me");
    module.build_id_length = 0;
    CHECK_STR(resolve_one(module, function, 1), NULL);
    module = self_module(self_path);
    if (module.build_id_length > 0) {
        module.build_id[0] ^= 1;
        CHECK_STR(resolve_one(module, function, 1), NULL);
    }
    module = self_module("/nowhere/at/all");
    CHECK_STR(resolve_one(module, function, 1), NULL);
    module.path = "/dev/zero";
    CHECK_STR(resolve_one(module, function, 1), NULL);
    module.path = "[stack]";
    CHECK_STR(resolve_one(module, function, 1), NULL);
    module.path = NULL;
    CHECK_STR(resolve_one(module, function, 1), NULL);
    module.path = "/etc/passwd";
    CHECK_STR(resolve_one(module, function, 1), NULL);
    char fifo[64];
    snprintf(fifo, sizeof fifo, "/tmp/symbols-test-%u", (unsigned)getpid());
    if (mkfifo(fifo, 0600) == 0) {
        module.path = fifo;
        CHECK_STR(resolve_one(module, function, 1), NULL);
        unlink(fifo);
    }
}

static void vdso(void) {
    unsigned char *image = (unsigned char *)getauxval(AT_SYSINFO_EHDR);
    if (image == NULL) return;
    struct sym_object object;
    CHECK(sym_object_open_vdso(&object) == 0);
    void *function = NULL;
    void *handle = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);
    if (handle != NULL) function = dlsym(handle, "__vdso_getcpu");
    struct rec_module module = {.path = "[vdso]", .bias = (uint64_t)(uintptr_t)image};
    set_id(&module, &object);
    sym_object_close(&object);
    if (function == NULL || module.build_id_length == 0) return;
    const char *name = resolve_one(module, (uint64_t)(uintptr_t)function, 1);
    CHECK(name != NULL && strstr(name, "getcpu") != NULL);
    module.build_id[0] ^= 1;
    CHECK_STR(resolve_one(module, (uint64_t)(uintptr_t)function, 1), NULL);
}

struct progress {
    size_t calls, last, total;
};

static void on_progress(void *context, size_t done, size_t total) {
    struct progress *progress = context;
    CHECK(done <= total);
    CHECK(done >= progress->last);
    *progress = (struct progress){progress->calls + 1, done, total};
}

/* Many addresses of two modules, in no order, with special ones and ones of no module between. */
static void many(void) {
    Dl_info libc;
    CHECK(dladdr(dlsym(RTLD_DEFAULT, "malloc"), &libc) != 0);
    struct rec_module modules[3] = {{.path = ""}, self_module(self_path), {.path = libc.dli_fname}};
    modules[2].bias = (uint64_t)(uintptr_t)libc.dli_fbase;
    struct sym_object object;
    CHECK(sym_object_open(&object, libc.dli_fname) == 0);
    set_id(&modules[2], &object);
    sym_object_close(&object);
    enum { COUNT = 3000 };
    static struct rec_address addresses[COUNT];
    uint64_t call = (uint64_t)(uintptr_t)resolve_me,
             malloc_at = (uint64_t)(uintptr_t)libc.dli_saddr;
    for (size_t i = 0; i < COUNT; i++) {
        addresses[i] = (struct rec_address){.address = call + 1, .module = 1};
        if (i % 4 == 1) addresses[i] = (struct rec_address){.address = malloc_at + 3, .module = 2};
        if (i % 4 == 2) addresses[i] = (struct rec_address){.address = REC_ADDRESS_UNWIND_STOPPED};
        if (i % 4 == 3) addresses[i] = (struct rec_address){.address = i, .module = 99};
    }
    struct progress progress = {0};
    struct sym_options options = {.progress = on_progress, .progress_context = &progress};
    struct sym_result result;
    struct failure f;
    CHECK(sym_resolve(&result, modules, 3, addresses, COUNT, &options, &f) == 0);
    CHECK(progress.calls > 0);
    CHECK_EQ_U64(progress.last, COUNT);
    CHECK_EQ_U64(progress.total, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        CHECK(result.first[i] < result.first[i + 1]);
        const char *name = result.frames[result.first[i + 1] - 1].function;
        if (i % 4 == 0)
            CHECK_STR(name, "resolve_me");
        else if (i % 4 == 1)
            CHECK(name != NULL && strstr(name, "malloc") != NULL);
        else
            CHECK_STR(name, NULL);
    }
    sym_result_release(&result);
}

static void nothing(void) {
    struct sym_result result;
    struct failure f;
    CHECK(sym_resolve(&result, NULL, 0, NULL, 0, NULL, &f) == 0);
    CHECK_EQ_U64(result.first[0], 0);
    sym_result_release(&result);
    sym_result_release(&result);
}

int main(void) {
    ssize_t length = readlink("/proc/self/exe", self_path, sizeof self_path - 1);
    CHECK(length > 0);
    self_path[length] = '\0';
    elf_version(EV_CURRENT);
    CHECK_EQ_U64(resolve_me(1), 42);
    own_functions();
    files_that_are_not_it();
    vdso();
    many();
    nothing();
    return 0;
}
