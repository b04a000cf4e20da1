/* SPDX-License-Identifier: MIT
 * ELF files for reading. See object_file.h. */
#include "symbols/object_file.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_regular(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return -1;
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) return fd;
    close(fd);
    return -1;
}

int sym_object_open(struct sym_object *object, const char *path) {
    *object = SYM_OBJECT_CLOSED;
    int fd = open_regular(path);
    if (fd < 0) return -1;
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    char *copy = strdup(path);
    if (elf == NULL || elf_kind(elf) != ELF_K_ELF || copy == NULL) {
        elf_end(elf);
        free(copy);
        close(fd);
        return -1;
    }
    object->elf = elf;
    object->fd = fd;
    object->path = copy;
    return 0;
}

int sym_object_open_image(struct sym_object *object, void *image, size_t length, int owned) {
    *object = SYM_OBJECT_CLOSED;
    Elf *elf = elf_memory(image, length);
    if (elf == NULL || elf_kind(elf) != ELF_K_ELF) {
        elf_end(elf);
        if (owned) free(image);
        return -1;
    }
    object->elf = elf;
    object->memory = owned ? image : NULL;
    return 0;
}

int sym_object_open_vdso(struct sym_object *object) {
    *object = SYM_OBJECT_CLOSED;
    unsigned char *image = (unsigned char *)getauxval(AT_SYSINFO_EHDR);
    if (image == NULL || memcmp(image, ELFMAG, SELFMAG) != 0) return -1;
    size_t length; /* the section headers are its end */
    if (image[EI_CLASS] == ELFCLASS64) {
        const Elf64_Ehdr *header = (const Elf64_Ehdr *)image;
        length = header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
    } else {
        const Elf32_Ehdr *header = (const Elf32_Ehdr *)image;
        length = header->e_shoff + (size_t)header->e_shnum * header->e_shentsize;
    }
    return sym_object_open_image(object, image, length, 0);
}

void sym_object_close(struct sym_object *object) {
    if (object->elf != NULL) elf_end(object->elf);
    if (object->fd >= 0) close(object->fd);
    free(object->memory);
    free(object->path);
    *object = SYM_OBJECT_CLOSED;
}

struct sym_build_id sym_object_build_id(const struct sym_object *object) {
    const void *bytes = NULL;
    ssize_t length = dwelf_elf_gnu_build_id(object->elf, &bytes);
    if (length <= 0) return (struct sym_build_id){NULL, 0};
    return (struct sym_build_id){bytes, (size_t)length};
}

int sym_build_id_equal(struct sym_build_id a, struct sym_build_id b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

static Elf_Scn *find_section(const struct sym_object *object, const char *name, GElf_Shdr *header) {
    size_t names;
    if (elf_getshdrstrndx(object->elf, &names) != 0) return NULL;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(object->elf, section)) != NULL;) {
        if (gelf_getshdr(section, header) == NULL || header->sh_type == SHT_NOBITS) continue;
        const char *found = elf_strptr(object->elf, names, header->sh_name);
        if (found != NULL && strcmp(found, name) == 0) return section;
    }
    return NULL;
}

int sym_object_has_section(const struct sym_object *object, const char *name) {
    GElf_Shdr header;
    return find_section(object, name, &header) != NULL;
}

const void *sym_object_section(const struct sym_object *object, const char *name, size_t *length) {
    GElf_Shdr header;
    Elf_Scn *section = find_section(object, name, &header);
    if (section == NULL) return NULL;
    if ((header.sh_flags & SHF_COMPRESSED) != 0 && elf_compress(section, 0, 0) < 0) return NULL;
    Elf_Data *data = elf_rawdata(section, NULL);
    if (data == NULL || data->d_buf == NULL) return NULL;
    *length = data->d_size;
    return data->d_buf;
}
