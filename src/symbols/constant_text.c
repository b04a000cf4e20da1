/* SPDX-License-Identifier: MIT
 * Constant texts of functions. See constant_text.h.
 *
 * Such a function is a handful of instructions: it may set up a frame, puts the address of the text
 * into rax (or loads it from a variable that the loader fills in), takes the frame down, returns.
 * Anything else is taken for work. */
#include "symbols/constant_text.h"

#include <gelf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/object_file.h"

#define TEXT_MAX (1u << 20)
#define CODE_MAX 64

/* Bytes of the file at a virtual address, and how many follow there; NULL: none. */
static const uint8_t *at_address(Elf *elf, uint64_t address, size_t *left) {
    size_t count, length;
    const uint8_t *image = (const uint8_t *)elf_rawfile(elf, &length);
    if (image == NULL || elf_getphdrnum(elf, &count) != 0) return NULL;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr p;
        if (gelf_getphdr(elf, (int)i, &p) == NULL || p.p_type != PT_LOAD) continue;
        uint64_t into = address - p.p_vaddr;
        if (address < p.p_vaddr || into >= p.p_filesz) continue;
        if (p.p_offset > length || p.p_filesz > length - p.p_offset) return NULL;
        *left = (size_t)(p.p_filesz - into);
        return image + p.p_offset + into;
    }
    return NULL;
}

/* What the loader puts into the word at `address`: a relocation's addend, or the word itself. */
static int word_at(Elf *elf, uint64_t address, uint64_t *value) {
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) == NULL || header.sh_type != SHT_RELA) continue;
        Elf_Data *data = elf_getdata(section, NULL);
        size_t count =
            data == NULL || header.sh_entsize == 0 ? 0 : data->d_size / header.sh_entsize;
        for (size_t i = 0; i < count; i++) {
            GElf_Rela r;
            if (gelf_getrela(data, (int)i, &r) == NULL || r.r_offset != address) continue;
            *value = (uint64_t)r.r_addend;
            return GELF_R_TYPE(r.r_info) == R_X86_64_RELATIVE ? 0 : -1;
        }
    }
    size_t left;
    const uint8_t *bytes = at_address(elf, address, &left);
    if (bytes == NULL || left < sizeof *value) return -1;
    memcpy(value, bytes, sizeof *value);
    return 0;
}

static int64_t signed_32(const uint8_t *bytes) {
    int32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

/* The address that the function at `code` returns; -1: it does something else. */
static int returned_address(Elf *elf, uint64_t code, uint64_t *address) {
    static const struct {
        uint8_t length, bytes[8];
    } idle[] = {
        {4, {0xf3, 0x0f, 0x1e, 0xfa}}, /* endbr64 */
        {1, {0x55}},                   /* push rbp */
        {3, {0x48, 0x89, 0xe5}},       /* mov rbp, rsp */
        {1, {0x5d}},                   /* pop rbp */
        {1, {0xc9}},                   /* leave */
        {1, {0x90}},                   /* nop */
        {2, {0x66, 0x90}},
    };
    size_t left;
    const uint8_t *bytes = at_address(elf, code, &left);
    int known = 0;
    if (bytes == NULL) return -1;
    if (left > CODE_MAX) left = CODE_MAX;
    for (size_t at = 0; at < left;) {
        const uint8_t *b = bytes + at;
        size_t rest = left - at, passed = 0;
        for (size_t i = 0; i < sizeof idle / sizeof *idle && passed == 0; i++)
            if (rest >= idle[i].length && memcmp(b, idle[i].bytes, idle[i].length) == 0)
                passed = idle[i].length;
        if (passed > 0) {
            at += passed;
        } else if (b[0] == 0xc3 || (rest >= 2 && b[0] == 0xf3 && b[1] == 0xc3)) { /* ret */
            return known ? 0 : -1;
        } else if (rest >= 7 && b[0] == 0x48 && b[1] == 0x8d &&
                   b[2] == 0x05) { /* lea rax, [rip+x] */
            *address = code + at + 7 + (uint64_t)signed_32(b + 3);
            known = 1, at += 7;
        } else if (rest >= 7 && b[0] == 0x48 && b[1] == 0x8b &&
                   b[2] == 0x05) { /* mov rax, [rip+x] */
            if (word_at(elf, code + at + 7 + (uint64_t)signed_32(b + 3), address) != 0) return -1;
            known = 1, at += 7;
        } else if (rest >= 8 && memcmp(b, (const uint8_t[]){0x48, 0x8b, 0x04, 0x25}, 4) == 0) {
            if (word_at(elf, (uint64_t)signed_32(b + 4), address) != 0)
                return -1; /* mov rax, [x] */
            known = 1, at += 8;
        } else if (rest >= 7 && b[0] == 0x48 && b[1] == 0xc7 && b[2] == 0xc0) { /* mov rax, x */
            *address = (uint64_t)signed_32(b + 3);
            known = 1, at += 7;
        } else if (rest >= 5 && b[0] == 0xb8) { /* mov eax, x */
            *address = (uint32_t)signed_32(b + 1);
            known = 1, at += 5;
        } else if (rest >= 10 && b[0] == 0x48 && b[1] == 0xb8) { /* movabs rax, x */
            memcpy(address, b + 2, sizeof *address);
            known = 1, at += 10;
        } else {
            return -1;
        }
    }
    return -1;
}

/* The function's address from one symbol table; 0: not there. */
static uint64_t address_in(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
                           const char *function) {
    Elf_Data *data = elf_getdata(section, NULL);
    Elf_Scn *strings = elf_getscn(elf, header->sh_link);
    Elf_Data *names = strings != NULL ? elf_getdata(strings, NULL) : NULL;
    if (data == NULL || names == NULL || names->d_buf == NULL || header->sh_entsize == 0) return 0;
    /* Most files have no such name, and that is seen without a look at every symbol. */
    if (memmem(names->d_buf, names->d_size, function, strlen(function) + 1) == NULL) return 0;
    for (size_t i = 0; i < data->d_size / header->sh_entsize; i++) {
        GElf_Sym s;
        if (gelf_getsym(data, (int)i, &s) == NULL) break;
        if (GELF_ST_TYPE(s.st_info) != STT_FUNC || s.st_shndx == SHN_UNDEF) continue;
        const char *name = elf_strptr(elf, header->sh_link, s.st_name);
        if (name != NULL && strcmp(name, function) == 0) return s.st_value;
    }
    return 0;
}

enum sym_constant_text sym_constant_text(const char *path, const char *function, char **text) {
    struct sym_object object;
    enum sym_constant_text result = SYM_TEXT_NONE;
    GElf_Ehdr machine;
    if (elf_version(EV_CURRENT) == EV_NONE || sym_object_open(&object, path) != 0)
        return SYM_TEXT_NONE;
    uint64_t code = 0, address;
    for (Elf_Scn *section = NULL;
         (section = elf_nextscn(object.elf, section)) != NULL && code == 0;) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) != NULL &&
            (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
            code = address_in(object.elf, section, &header, function);
    }
    if (code != 0) {
        size_t left;
        const uint8_t *bytes = NULL;
        result = SYM_TEXT_UNKNOWN;
        if (gelf_getehdr(object.elf, &machine) != NULL && machine.e_machine == EM_X86_64 &&
            returned_address(object.elf, code, &address) == 0 &&
            address >= sizeof(Elf64_Ehdr)) /* a small number is none */
            bytes = at_address(object.elf, address, &left);
        size_t length = bytes != NULL ? strnlen((const char *)bytes, left) : 0;
        if (bytes != NULL && length < left && length <= TEXT_MAX) {
            *text = strdup((const char *)bytes);
            if (*text != NULL) result = SYM_TEXT_FOUND;
        }
    }
    sym_object_close(&object);
    return result;
}
