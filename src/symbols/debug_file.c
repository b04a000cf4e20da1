/* SPDX-License-Identifier: MIT
 * The search for separate debug files. See debug_file.h. */
#include "symbols/debug_file.h"

#include <elfutils/libdwelf.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "symbols/debuginfod.h"

static const char *const system_directory = "/usr/lib/debug";

/* Directory number i of those to search; NULL after the last, which is the system's. */
static const char *directory_at(const struct sym_options *options, size_t i) {
    size_t count = 0;
    if (options->debug_directories != NULL)
        while (options->debug_directories[count] != NULL)
            count++;
    if (i < count) return options->debug_directories[i];
    return i == count ? system_directory : NULL;
}

static int open_with_id(struct sym_object *object, const char *path, struct sym_build_id id) {
    if (sym_object_open(object, path) != 0) return -1;
    if (sym_build_id_equal(sym_object_build_id(object), id)) return 0;
    sym_object_close(object);
    return -1;
}

int sym_debug_file_open_by_id(struct sym_object *object, struct sym_build_id id,
                              const struct sym_options *options) {
    *object = SYM_OBJECT_CLOSED;
    if (id.length < 2 || id.length > 64) return -1;
    char hex[129];
    for (size_t i = 0; i < id.length; i++)
        snprintf(hex + i * 2, 3, "%02x", id.bytes[i]);
    const char *directory;
    for (size_t i = 0; (directory = directory_at(options, i)) != NULL; i++) {
        char path[PATH_MAX];
        int length =
            snprintf(path, sizeof path, "%s/.build-id/%.2s/%s.debug", directory, hex, hex + 2);
        if (length >= (int)sizeof path) continue;
        if (open_with_id(object, path, id) == 0) return 0;
    }
    return -1;
}

/* The checksum of .gnu_debuglink: the CRC-32 of the whole file. */
static uint32_t crc32_of(const uint8_t *bytes, size_t length) {
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++)
            value = (value >> 1) ^ (value & 1 ? 0xedb88320u : 0);
        table[i] = value;
    }
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < length; i++)
        crc = (crc >> 8) ^ table[(crc ^ bytes[i]) & 0xff];
    return ~crc;
}

static int open_linked(struct sym_object *object, const char *path, struct sym_build_id id,
                       uint32_t crc) {
    if (sym_object_open(object, path) != 0) return -1;
    struct sym_build_id found = sym_object_build_id(object);
    if (id.length > 0 && found.length > 0) {
        if (sym_build_id_equal(found, id)) return 0;
    } else {
        size_t length = 0;
        const char *bytes = elf_rawfile(object->elf, &length);
        if (bytes != NULL && crc32_of((const uint8_t *)bytes, length) == crc) return 0;
    }
    sym_object_close(object);
    return -1;
}

static int open_by_link(struct sym_object *object, const struct sym_object *module,
                        const char *module_path, struct sym_build_id id,
                        const struct sym_options *options) {
    GElf_Word crc = 0;
    const char *name = dwelf_elf_gnu_debuglink(module->elf, &crc);
    const char *slash = strrchr(module_path, '/');
    if (name == NULL || name[0] == '\0' || slash == NULL) return -1;
    /* The link is a file name; with a path in it it could lead anywhere. */
    const char *base = strrchr(name, '/');
    if (base != NULL) name = base + 1;
    int folder = (int)(slash - module_path);
    char path[PATH_MAX];
    const char *const beside[] = {"", ".debug/"};
    for (size_t i = 0; i < 2; i++) {
        if (snprintf(path, sizeof path, "%.*s/%s%s", folder, module_path, beside[i], name) >=
            (int)sizeof path)
            continue;
        if (strcmp(path, module_path) == 0) continue;
        if (open_linked(object, path, id, crc) == 0) return 0;
    }
    const char *directory;
    for (size_t i = 0; (directory = directory_at(options, i)) != NULL; i++) {
        if (snprintf(path, sizeof path, "%s%.*s/%s", directory, folder, module_path, name) <
                (int)sizeof path &&
            open_linked(object, path, id, crc) == 0)
            return 0;
        if (snprintf(path, sizeof path, "%s/%s", directory, name) < (int)sizeof path &&
            open_linked(object, path, id, crc) == 0)
            return 0;
    }
    return -1;
}

/* DIRECTORY/NAME.debug and DIRECTORY/NAME: what a person puts there who keeps the unstripped files
 * of a build in one folder. Only the build-id proves such a file. */
static int open_by_name(struct sym_object *object, const char *module_path, struct sym_build_id id,
                        const struct sym_options *options) {
    const char *slash = strrchr(module_path, '/');
    const char *name = slash == NULL ? module_path : slash + 1;
    if (id.length == 0 || name[0] == '\0' || options->debug_directories == NULL) return -1;
    for (size_t i = 0; options->debug_directories[i] != NULL; i++) {
        char path[PATH_MAX];
        const char *const endings[] = {".debug", ""};
        for (size_t j = 0; j < 2; j++) {
            if (snprintf(path, sizeof path, "%s/%s%s", options->debug_directories[i], name,
                         endings[j]) >= (int)sizeof path)
                continue;
            if (open_with_id(object, path, id) == 0) return 0;
        }
    }
    return -1;
}

int sym_debug_file_open(struct sym_object *object, const struct sym_object *module,
                        const char *path, struct sym_build_id id,
                        const struct sym_options *options) {
    *object = SYM_OBJECT_CLOSED;
    if (sym_debug_file_open_by_id(object, id, options) == 0) return 0;
    if (open_by_name(object, path, id, options) == 0) return 0;
    if (module->elf != NULL && open_by_link(object, module, path, id, options) == 0) return 0;
    if (options->use_debuginfod) return sym_debuginfod_open(object, id);
    return -1;
}
