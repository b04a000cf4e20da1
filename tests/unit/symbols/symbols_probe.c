/* SPDX-License-Identifier: MIT
 * Prints what the symbolizer says of addresses of one file: the tests' and a curious person's
 * window.
 *
 * symbols_probe [-d DIRECTORY] [-i BUILD-ID] [-r] [-C] FILE < addresses
 * Reads hexadecimal addresses in the file's own terms, and prints for each a line with the address,
 * then for each frame, innermost first, a line "FUNCTION" and a line "FILE:LINE", as addr2line -a
 * -f -i does. -r: they are return addresses. -C: demangled. -t: times and memory to standard error.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "symbols/object_file.h"
#include "symbols/symbols.h"

struct input {
    struct rec_address *addresses;
    size_t count, capacity;
};

static void add(struct input *input, uint64_t address, int is_return) {
    if (input->count == input->capacity) {
        input->capacity = input->capacity == 0 ? 1024 : input->capacity * 2;
        input->addresses = realloc(input->addresses, input->capacity * sizeof *input->addresses);
        if (input->addresses == NULL) exit(1);
    }
    input->addresses[input->count++] =
        (struct rec_address){.address = address, .module = 1, .exact = !is_return};
}

static void print_frames(const struct rec_frame *frame, size_t count, int demangled) {
    for (size_t i = 0; i < count; i++) {
        const char *function = frame[i].function == NULL ? "??" : frame[i].function;
        char *readable = demangled ? sym_demangle(function) : NULL;
        printf("%s\n", readable != NULL ? readable : function);
        free(readable);
        const char *file = frame[i].file == NULL ? "??" : frame[i].file;
        if (frame[i].line == 0)
            printf("%s:?\n", file);
        else
            printf("%s:%" PRIu32 "\n", file, frame[i].line);
    }
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The file's own build-id, unless one is given: an id that differs must give no names. */
static void take_id(struct rec_module *module, const char *hex) {
    if (hex == NULL) {
        struct sym_object object;
        elf_version(EV_CURRENT);
        if (sym_object_open(&object, module->path) != 0) return;
        struct sym_build_id id = sym_object_build_id(&object);
        module->build_id_length =
            (uint32_t)(id.length < REC_BUILD_ID_MAX ? id.length : REC_BUILD_ID_MAX);
        memcpy(module->build_id, id.bytes, module->build_id_length);
        sym_object_close(&object);
        return;
    }
    unsigned byte;
    for (; module->build_id_length < REC_BUILD_ID_MAX && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        module->build_id[module->build_id_length++] = (uint8_t)byte;
}

int main(int argc, char **argv) {
    const char *directories[2] = {NULL, NULL};
    struct sym_options options = {.debug_directories = directories};
    int is_return = 0, demangled = 0, timed = 0;
    const char *id = NULL;
    for (int option; (option = getopt(argc, argv, "d:i:rCtw")) != -1;) {
        if (option == 'd')
            directories[0] = optarg;
        else if (option == 'i')
            id = optarg;
        else if (option == 'r')
            is_return = 1;
        else if (option == 'C')
            demangled = 1;
        else if (option == 't')
            timed = 1;
        else if (option == 'w')
            options.use_debuginfod = 1;
        else
            return 2;
    }
    if (optind + 1 != argc) return 2;
    struct rec_module modules[2] = {{.path = ""}, {.path = argv[optind]}};
    take_id(&modules[1], id);
    struct input input = {0};
    for (uint64_t address; scanf("%" SCNx64, &address) == 1;)
        add(&input, address, is_return);
    struct sym_result result;
    struct failure f;
    double before = seconds();
    if (sym_resolve(&result, modules, 2, input.addresses, input.count, &options, &f) != 0) {
        fprintf(stderr, "symbols_probe: %s\n", f.text);
        return 1;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    if (timed)
        fprintf(stderr, "%zu addresses, %" PRIu32 " frames, %.1f ms, %ld KiB\n", input.count,
                result.first[input.count], (seconds() - before) * 1e3, usage.ru_maxrss);
    for (size_t i = 0; i < input.count; i++) {
        printf("0x%016" PRIx64 "\n", input.addresses[i].address);
        print_frames(result.frames + result.first[i], result.first[i + 1] - result.first[i],
                     demangled);
    }
    sym_result_release(&result);
    free(input.addresses);
    return 0;
}
