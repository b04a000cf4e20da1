/* SPDX-License-Identifier: MIT
 * An ELF file opened for reading: a module, its separate debug file, or an image in memory.
 *
 * Only regular files are opened, so that a path which now names a pipe or a device cannot block or
 * do anything. The mapping of a file lives until the object is closed. */
#ifndef HEAPWISE_SYMBOLS_OBJECT_FILE_H
#define HEAPWISE_SYMBOLS_OBJECT_FILE_H

#include <libelf.h>
#include <stddef.h>
#include <stdint.h>

struct sym_object {
    Elf *elf;     /* NULL: not open */
    int fd;       /* -1 for an image in memory */
    void *memory; /* what elf reads from when it is an image that this object owns; freed with it */
    char *path;   /* as it was opened; NULL for an image */
};

struct sym_build_id {
    const uint8_t *bytes;
    size_t length; /* 0: none */
};

#define SYM_OBJECT_CLOSED ((struct sym_object){.fd = -1})

/* 0: open; -1: it is not there, not a regular file, or not an ELF file. */
int sym_object_open(struct sym_object *object, const char *path);

/* Opens the ELF image of `length` bytes at `image`. With `owned` it is freed at the close, or at
 * once when this fails. */
int sym_object_open_image(struct sym_object *object, void *image, size_t length, int owned);

/* The vDSO has no file, but this process has one too, most often the same. */
int sym_object_open_vdso(struct sym_object *object);

void sym_object_close(struct sym_object *object);

/* The file's own build-id; it lives as long as the object. */
struct sym_build_id sym_object_build_id(const struct sym_object *object);
int sym_build_id_equal(struct sym_build_id a, struct sym_build_id b);

/* Whether a section of this name with contents of its own exists. */
int sym_object_has_section(const struct sym_object *object, const char *name);

/* Section contents, decompressed if need be; NULL when there is none. They live with the object. */
const void *sym_object_section(const struct sym_object *object, const char *name, size_t *length);

#endif
