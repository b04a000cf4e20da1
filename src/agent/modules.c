/* SPDX-License-Identifier: MIT
 * Which file a code address belongs to, told to the recorder once for each file.
 *
 * `_dl_find_object` is lock-free, so this may run in any hook. What is known is kept in a small
 * private table for each region; when something has been unloaded (uw_epoch) the table is checked
 * anew, because another file may lie at the same addresses. A module's id never changes its
 * meaning: a file that comes back to the same place is found again among those already announced.
 */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

#include "agent/agent.h"
#include "core/syscall.h"

static struct wire_module *announced(struct wire_region *r, uint32_t id) {
    return (struct wire_module *)((char *)r + r->modules_offset) + id;
}

/* Copies the build-id from the notes of a mapped file. Everything lies in [start, end). */
static void build_id_copy(struct wire_module *m, uint64_t start, uint64_t end, uint64_t bias) {
    const ElfW(Ehdr) *header = (const void *)(uintptr_t)start;
    if (end - start < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return;
    if (header->e_phentsize != sizeof(ElfW(Phdr))) return;
    if (header->e_phoff + (uint64_t)header->e_phnum * sizeof(ElfW(Phdr)) > 4096) return;
    const ElfW(Phdr) *segments = (const void *)(uintptr_t)(start + header->e_phoff);
    for (int i = 0; i < header->e_phnum; i++) {
        if (segments[i].p_type != PT_NOTE) continue;
        uint64_t at = bias + segments[i].p_vaddr, stop = at + segments[i].p_filesz;
        if (at < start || stop > end || stop < at) continue;
        while (at + sizeof(ElfW(Nhdr)) <= stop) {
            const ElfW(Nhdr) *note = (const void *)(uintptr_t)at;
            uint64_t name = at + sizeof *note;
            uint64_t data = name + ((note->n_namesz + 3ull) & ~3ull);
            uint64_t next = data + ((note->n_descsz + 3ull) & ~3ull);
            if (next > stop || next <= at) break;
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
                memcmp((const void *)(uintptr_t)name, "GNU", 4) == 0) {
                uint32_t length =
                    note->n_descsz < WIRE_BUILD_ID_MAX ? note->n_descsz : WIRE_BUILD_ID_MAX;
                memcpy(m->build_id, (const void *)(uintptr_t)data, length);
                m->build_id_length = length;
                return;
            }
            at = next;
        }
    }
}

/* Announces a module; its id, or 0 when there is no room. */
static uint32_t announce(struct wire_region *r, uint64_t start, uint64_t end,
                         const struct link_map *map) {
    struct wire_module m;
    memset(&m, 0, sizeof m);
    m.start = start;
    m.end = end;
    m.bias = map != NULL ? map->l_addr : start;
    const char *name = map != NULL && map->l_name != NULL ? map->l_name : "";
    size_t length = strnlen(name, WIRE_PATH_MAX - 1);
    memcpy(m.path, name, length);
    build_id_copy(&m, start, end, m.bias);

    uint32_t count = load_acquire(&r->module_count);
    for (uint32_t id = 1; id < count && id < r->modules_max; id++) {
        const struct wire_module *old = announced(r, id);
        if (old->start == m.start && old->end == m.end && old->bias == m.bias &&
            old->build_id_length == m.build_id_length &&
            memcmp(old->build_id, m.build_id, sizeof m.build_id) == 0 &&
            strncmp(old->path, m.path, WIRE_PATH_MAX) == 0)
            return id;
    }
    /* Slots are claimed here and become visible by their `end`, stored last; the recorder skips a
     * slot that has none yet, and nobody names its id before this function returns. */
    uint32_t id = add_acq_rel(&r->module_count, 1);
    if (id >= r->modules_max) {
        store_relaxed(&r->module_count, r->modules_max);
        return 0;
    }
    struct wire_module *slot = announced(r, id);
    uint64_t last = m.end;
    m.end = 0;
    *slot = m;
    store_release(&slot->end, last);
    return id;
}

uint32_t agent_module_of(struct agent_modules *m, uint64_t address) {
    uint64_t epoch = uw_epoch();
    uint32_t count = load_acquire(&m->count);
    if (count > KNOWN_MODULES_MAX) count = KNOWN_MODULES_MAX;
    for (uint32_t n = 0, i = load_relaxed(&m->last); n < count; n++, i++) {
        if (i >= count) i = 0;
        const struct known_module *k = &m->known[i];
        if (load_acquire(&k->whole) && address >= k->start && address < k->end &&
            k->epoch == epoch) {
            store_relaxed(&m->last, i);
            return k->id;
        }
    }
    struct dl_find_object found;
    if (_dl_find_object((void *)(uintptr_t)address, &found) != 0) return 0;
    uint64_t start = (uint64_t)(uintptr_t)found.dlfo_map_start;
    uint64_t end = (uint64_t)(uintptr_t)found.dlfo_map_end;
    uint32_t id = announce(m->region, start, end, found.dlfo_link_map);
    if (id == 0) return 0;
    uint32_t slot = add_acq_rel(&m->count, 1);
    if (slot < KNOWN_MODULES_MAX) {
        m->known[slot] =
            (struct known_module){.start = start, .end = end, .epoch = epoch, .id = id};
        store_release(&m->known[slot].whole, 1);
    } else {
        store_relaxed(&m->count, KNOWN_MODULES_MAX);
    }
    return id;
}
