/* SPDX-License-Identifier: MIT
 * Walks the loaded objects and their symbol tables. See find.h.
 *
 * Late answers are kept in a small table. An entry is written under its turn (odd while somebody
 * writes; whoever finds it so does without), and is believed only until the next load. */
#include "agent/find.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

#include "core/atomics.h"
#include "unwind/unwind.h"

/* What of a loaded object is needed to look a name up. */
struct object {
    uintptr_t base;
    const ElfW(Sym) * symbols;
    const char *strings;
    const uint32_t *gnu_hash, *hash; /* either may be missing */
};

static int same_text(const char *a, const char *b) {
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

static uint32_t gnu_hash_of(const char *name) {
    uint32_t hash = 5381;
    for (; *name != '\0'; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash;
}

/* The loader has made these addresses absolute, but not in objects that it may not write to. */
static const void *pointer_of(const struct object *o, ElfW(Addr) value) {
    return (const void *)(value < o->base ? value + o->base : value);
}

static int object_read(struct object *o, const struct dl_phdr_info *info) {
    *o = (struct object){.base = info->dlpi_addr};
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
        const ElfW(Dyn) *d = (const ElfW(Dyn) *)(o->base + info->dlpi_phdr[i].p_vaddr);
        for (; d->d_tag != DT_NULL; d++) {
            const void *pointer = pointer_of(o, d->d_un.d_ptr);
            if (d->d_tag == DT_SYMTAB) o->symbols = pointer;
            if (d->d_tag == DT_STRTAB) o->strings = pointer;
            if (d->d_tag == DT_GNU_HASH) o->gnu_hash = pointer;
            if (d->d_tag == DT_HASH) o->hash = pointer;
        }
    }
    return o->symbols != NULL && o->strings != NULL;
}

static int object_holds(const struct dl_phdr_info *info, const void *address) {
    uintptr_t at = (uintptr_t)address - info->dlpi_addr;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type == PT_LOAD && at >= p->p_vaddr && at - p->p_vaddr < p->p_memsz) return 1;
    }
    return 0;
}

static void *definition(const struct object *o, uint32_t index, const char *name) {
    const ElfW(Sym) *s = &o->symbols[index];
    unsigned type = ELF64_ST_TYPE(s->st_info), seen = ELF64_ST_VISIBILITY(s->st_other);
    if (s->st_shndx == SHN_UNDEF || ELF64_ST_BIND(s->st_info) == STB_LOCAL ||
        (seen != STV_DEFAULT && seen != STV_PROTECTED) || !same_text(o->strings + s->st_name, name))
        return NULL;
    void *address = (void *)(o->base + s->st_value);
    if (type == STT_GNU_IFUNC) return ((void *(*)(void))address)();
    return type == STT_FUNC || type == STT_NOTYPE ? address : NULL;
}

static void *object_find(const struct object *o, const char *name, uint32_t hash) {
    void *found = NULL;
    if (o->gnu_hash != NULL) {
        uint32_t buckets = o->gnu_hash[0], first = o->gnu_hash[1], words = o->gnu_hash[2];
        const ElfW(Addr) *bloom = (const ElfW(Addr) *)(const void *)(o->gnu_hash + 4);
        const uint32_t *bucket = (const uint32_t *)(const void *)(bloom + words);
        const uint32_t *chain = bucket + buckets;
        ElfW(Addr) word = words != 0 ? bloom[hash / 64 % words] : 0;
        if (buckets == 0 || (word >> hash % 64 & word >> (hash >> o->gnu_hash[3]) % 64 & 1) == 0)
            return NULL;
        uint32_t i = bucket[hash % buckets];
        for (; i >= first && found == NULL; i++) {
            if ((chain[i - first] | 1) == (hash | 1)) found = definition(o, i, name);
            if ((chain[i - first] & 1) != 0) break;
        }
    } else if (o->hash != NULL) {
        for (uint32_t i = 0; i < o->hash[1] && found == NULL; i++)
            found = definition(o, i, name);
    }
    return found;
}

/* ---- walks ---- */

static uint32_t early_objects; /* 0: the start is not over, and all are early */

struct walk {
    const char *name;
    uint32_t hash, index;
    int behind_us;
    const void *caller; /* late walks only */
    void *found;
};

static int count_one(struct dl_phdr_info *info, size_t bytes, void *count) {
    (void)info, (void)bytes;
    ++*(uint32_t *)count;
    return 0;
}

void find_start_is_over(void) {
    uint32_t count = 0;
    dl_iterate_phdr(count_one, &count);
    early_objects = count;
}

static int early_one(struct dl_phdr_info *info, size_t bytes, void *context) {
    struct walk *w = context;
    struct object o;
    (void)bytes;
    if (early_objects != 0 && w->index++ >= early_objects) return 1;
    if (!w->behind_us)
        w->behind_us = object_holds(info, (const void *)(uintptr_t)early_one);
    else if (object_read(&o, info))
        w->found = object_find(&o, w->name, w->hash);
    return w->found != NULL;
}

static int late_one(struct dl_phdr_info *info, size_t bytes, void *context) {
    struct walk *w = context;
    struct object o;
    (void)bytes;
    if (w->index++ < early_objects || !object_read(&o, info)) return 0;
    void *found = object_find(&o, w->name, w->hash);
    if (found == NULL) return 0;
    int is_callers = object_holds(info, w->caller);
    if (w->found == NULL || is_callers) w->found = found;
    return is_callers;
}

void *find_early(const char *name) {
    struct walk w = {.name = name, .hash = gnu_hash_of(name)};
    dl_iterate_phdr(early_one, &w);
    return w.found;
}

/* ---- late answers ---- */

enum { ANSWERS = 256 };

/* Of a name in one library, as long as nothing else is loaded: what is unloaded leaves its
 * addresses to nobody before. */
static struct answer {
    uint32_t turn;
    const char *name;
    const void *caller; /* where its library begins */
    uint64_t loads;
    void *function;
} answers[ANSWERS];

static void *answer_kept(struct answer *a, const char *name, const void *caller, uint64_t loads) {
    uint32_t turn = load_acquire(&a->turn);
    if ((turn & 1) != 0 || load_acquire(&a->name) != name || load_acquire(&a->caller) != caller ||
        load_acquire(&a->loads) != loads)
        return NULL;
    void *function = load_acquire(&a->function);
    return load_acquire(&a->turn) == turn ? function : NULL;
}

static void answer_keep(struct answer *a, const struct answer *fresh) {
    uint32_t turn = load_acquire(&a->turn);
    if ((turn & 1) != 0 || !swap_if_equal(&a->turn, turn, turn + 1)) return;
    store_release(&a->name, fresh->name);
    store_release(&a->caller, fresh->caller);
    store_release(&a->loads, fresh->loads);
    store_release(&a->function, fresh->function);
    store_release(&a->turn, turn + 2);
}

void *find_late(const char *name, const void *caller) {
    struct dl_find_object from;
    uint64_t loads = uw_loads();
    if (_dl_find_object((void *)(uintptr_t)caller, &from) != 0) from.dlfo_map_start = NULL;
    const char *start = from.dlfo_map_start;
    struct answer *a = &answers[((uintptr_t)name / 8 ^ (uintptr_t)start / 4096) % ANSWERS];
    void *function = loads != 0 ? answer_kept(a, name, start, loads) : NULL;
    if (function != NULL) return function;
    struct walk w = {.name = name, .hash = gnu_hash_of(name), .caller = caller};
    dl_iterate_phdr(late_one, &w);
    if (loads != 0 && w.found != NULL)
        answer_keep(a, &(struct answer){
                           .name = name, .caller = start, .loads = loads, .function = w.found});
    return w.found;
}
