/* SPDX-License-Identifier: MIT
 * .eh_frame: finds the description of the function at an address. */
#include "unwind/eh_frame.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

enum { /* DW_EH_PE_: format in the low four bits, what it is relative to above, indirect on top */
       PE_ABSPTR = 0,
       PE_ULEB128 = 1,
       PE_UDATA2 = 2,
       PE_UDATA4 = 3,
       PE_UDATA8 = 4,
       PE_SLEB128 = 9,
       PE_SDATA2 = 10,
       PE_SDATA4 = 11,
       PE_SDATA8 = 12,
       PE_PCREL = 0x10,
       PE_DATAREL = 0x30,
       PE_INDIRECT = 0x80,
       PE_OMIT = 0xff
};

#define READ(type, p)                                                                              \
    ({                                                                                             \
        type value_;                                                                               \
        memcpy(&value_, (p), sizeof value_);                                                       \
        value_;                                                                                    \
    })

uint64_t uw__read_uleb(const uint8_t **p) {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*p)++;
        if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return value;
    }
}

int64_t uw__read_sleb(const uint8_t **p) {
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = *(*p)++;
        if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && byte & 0x40) value |= ~0ull << shift;
    return (int64_t)value;
}

uint64_t uw__read_encoded(const uint8_t **p, uint8_t encoding, uint64_t data_base) {
    const uint8_t *at = *p;
    uint64_t value;
    switch (encoding & 0x0f) {
    case PE_ULEB128:
        value = uw__read_uleb(p);
        break;
    case PE_SLEB128:
        value = (uint64_t)uw__read_sleb(p);
        break;
    case PE_UDATA2:
        value = READ(uint16_t, at), *p += 2;
        break;
    case PE_SDATA2:
        value = (uint64_t)READ(int16_t, at), *p += 2;
        break;
    case PE_UDATA4:
        value = READ(uint32_t, at), *p += 4;
        break;
    case PE_SDATA4:
        value = (uint64_t)(int64_t)READ(int32_t, at), *p += 4;
        break;
    default:
        value = READ(uint64_t, at), *p += 8;
        break;
    }
    if (value == 0) return 0;
    switch (encoding & 0x70) {
    case PE_PCREL:
        value += (uint64_t)(uintptr_t)at;
        break;
    case PE_DATAREL:
        value += data_base;
        break;
    }
    if (encoding & PE_INDIRECT) value = READ(uint64_t, (const void *)(uintptr_t)value);
    return value;
}

/* Of a length field: the entry's content and its end; NULL at the terminator of the section. */
static const uint8_t *entry_content(const uint8_t *entry, const uint8_t **end) {
    uint64_t length = READ(uint32_t, entry);
    entry += 4;
    if (length == 0xffffffff) {
        length = READ(uint64_t, entry);
        entry += 8;
    }
    *end = entry + length;
    return length == 0 ? NULL : entry;
}

static bool read_cie(const uint8_t *entry, struct uw_fde *fde, bool *has_augmentation) {
    const uint8_t *p = entry_content(entry, &fde->initial_end);
    if (p == NULL || READ(uint32_t, p) != 0) return false;
    p += 4;
    uint8_t version = *p++;
    if (version != 1 && version != 3) return false;
    const char *augmentation = (const char *)p;
    p += strlen(augmentation) + 1;
    fde->code_factor = uw__read_uleb(&p);
    fde->data_factor = uw__read_sleb(&p);
    fde->ra_column = version == 1 ? *p++ : uw__read_uleb(&p);
    fde->encoding = PE_ABSPTR;
    fde->signal_frame = false;
    *has_augmentation = augmentation[0] == 'z';
    if (!*has_augmentation) {
        fde->initial = p;
        return augmentation[0] == '\0';
    }
    uint64_t length = uw__read_uleb(&p);
    fde->initial = p + length;
    for (const char *letter = augmentation + 1; *letter != '\0'; letter++) {
        switch (*letter) {
        case 'R':
            fde->encoding = *p++;
            break;
        case 'L':
            p++;
            break;
        case 'P': {
            uint8_t encoding = *p++;
            uw__read_encoded(&p, encoding & 0x7f, 0);
            break;
        }
        case 'S':
            fde->signal_frame = true;
            break;
        case 'B':
            break;
        default:
            return false;
        }
    }
    return true;
}

static bool read_fde(const uint8_t *entry, uint64_t address, struct uw_fde *fde) {
    const uint8_t *p = entry_content(entry, &fde->program_end);
    if (p == NULL) return false;
    uint32_t back = READ(uint32_t, p);
    bool has_augmentation;
    if (back == 0 || !read_cie(p - back, fde, &has_augmentation)) return false;
    p += 4;
    fde->start = uw__read_encoded(&p, fde->encoding, 0);
    fde->stop = fde->start + uw__read_encoded(&p, fde->encoding & 0x0f, 0);
    if (address + 1 < fde->start || address >= fde->stop) return false;
    if (has_augmentation) {
        uint64_t length = uw__read_uleb(&p);
        p += length;
    }
    fde->program = p;
    return true;
}

/* Without a sorted table every entry is looked at; no linker has left it out for decades. */
static bool search_section(const uint8_t *entry, uint64_t address, struct uw_fde *fde) {
    const uint8_t *end;
    for (const uint8_t *p; (p = entry_content(entry, &end)) != NULL; entry = end)
        if (READ(uint32_t, p) != 0 && read_fde(entry, address, fde)) return true;
    return false;
}

bool uw__fde_find(uint64_t address, struct uw_fde *fde) {
    struct dl_find_object object;
    if (_dl_find_object((void *)(uintptr_t)address, &object) != 0 || object.dlfo_eh_frame == NULL)
        return false;
    const uint8_t *header = object.dlfo_eh_frame;
    uint64_t base = (uint64_t)(uintptr_t)header;
    if (header[0] != 1 || header[1] == PE_OMIT) return false;
    const uint8_t *p = header + 4;
    const uint8_t *section = (const uint8_t *)(uintptr_t)uw__read_encoded(&p, header[1], base);
    if (header[2] == PE_OMIT || header[3] != (PE_DATAREL | PE_SDATA4))
        return search_section(section, address, fde);
    uint64_t count = uw__read_encoded(&p, header[2], base);
    const int32_t *table = (const int32_t *)(const void *)p; /* pairs: function, description */
    int64_t wanted = (int64_t)(address - base);
    if (count == 0 || wanted + 1 < table[0]) return false;
    uint64_t low = 0, high = count; /* function[low] <= wanted < function[high] */
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (table[2 * middle] <= wanted)
            low = middle;
        else
            high = middle;
    }
    if (read_fde(header + table[2 * low + 1], address, fde)) return true;
    return low + 1 < count && table[2 * low + 2] == wanted + 1 &&
           read_fde(header + table[2 * low + 3], address, fde);
}
