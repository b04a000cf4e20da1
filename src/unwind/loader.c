/* SPDX-License-Identifier: MIT
 * Notices that code was loaded or unloaded, by looking at two words of the dynamic loader. */
#include "unwind/loader.h"

#include "unwind/rule.h"
#include "unwind/unwind.h"

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

static const uint64_t no_adds;
static const uint32_t no_loaded;
struct uw_loader uw__loader = {&no_adds, &no_loaded, 0, 0};

/* glibc's _rtld_global, as far as it has been the same for ten years:
 *
 *   struct namespace { link_map *first; unsigned loaded; … } [16];     same size each
 *   size_t namespaces;                       how many of them are in use
 *   recursive mutex [2 or 3];                40 bytes each
 *   unsigned long long adds;
 *
 * Nothing in its headers says so, therefore a place is believed only if everything in this picture
 * is true of it and the sums agree with what dl_iterate_phdr reports. */
enum { NAMESPACES = 16, MUTEX_BYTES = 40, MUTEX_KIND = 16, LOADED = 8 };

static const char *namespaces; /* NULL if the place was not found */
static uint64_t namespace_bytes;

/* Removals already acted upon: those before uw_start count as none. */
static int64_t removals_seen;

static uint64_t word_at(const char *p) {
    uint64_t value;
    memcpy(&value, p, sizeof value);
    return value;
}
static uint32_t half_at(const char *p) {
    uint32_t value;
    memcpy(&value, p, sizeof value);
    return value;
}

static uint64_t loaded_sum(const char *global, uint64_t bytes) {
    uint64_t sum = 0;
    for (uint64_t i = 0; i < NAMESPACES; i++)
        sum += load_acquire((const uint32_t *)(const void *)(global + i * bytes + LOADED));
    return sum;
}

struct report {
    uint64_t adds, subs;
};
static int take_report(struct dl_phdr_info *info, size_t size, void *to) {
    struct report *report = to;
    if (size < offsetof(struct dl_phdr_info, dlpi_subs) + sizeof info->dlpi_subs) return 1;
    report->adds = info->dlpi_adds;
    report->subs = info->dlpi_subs;
    return 1;
}

/* Is `adds` (an offset into the structure) the word we look for, with `mutexes` before it? */
static bool fits(const char *global, size_t adds, unsigned mutexes, const struct report *report) {
    size_t before = mutexes * MUTEX_BYTES + sizeof(uint64_t);
    if (adds < before || (adds - before) % NAMESPACES != 0) return false;
    uint64_t used = word_at(global + adds - before);
    uint64_t bytes = (adds - before) / NAMESPACES;
    if (used < 1 || used > NAMESPACES || bytes < LOADED + sizeof(uint32_t)) return false;
    for (unsigned i = 0; i < mutexes; i++)
        if (half_at(global + adds - (i + 1) * MUTEX_BYTES + MUTEX_KIND) !=
            PTHREAD_MUTEX_RECURSIVE_NP)
            return false;
    return report->adds - loaded_sum(global, bytes) == report->subs &&
           word_at(global) == (uintptr_t)_r_debug.r_map;
}

void uw__loader_start(void) {
    struct report report = {0, 0};
    dl_iterate_phdr(take_report, &report);
    const char *global = dlsym(RTLD_DEFAULT, "_rtld_global");
    Dl_info info;
    const ElfW(Sym) *symbol = NULL;
    if (global == NULL || report.adds == 0 ||
        dladdr1(global, &info, (void **)(void *)&symbol, RTLD_DL_SYMENT) == 0 || symbol == NULL)
        return;
    size_t found = 0, hits = 0;
    unsigned mutexes_before = 0;
    for (size_t at = 0; at + sizeof(uint64_t) <= symbol->st_size; at += sizeof(uint64_t))
        for (unsigned mutexes = 2; mutexes <= 3; mutexes++)
            if (word_at(global + at) == report.adds && fits(global, at, mutexes, &report)) {
                found = at;
                mutexes_before = mutexes;
                hits++;
            }
    if (hits != 1) return;
    namespaces = global;
    namespace_bytes = (found - mutexes_before * MUTEX_BYTES - sizeof(uint64_t)) / NAMESPACES;
    removals_seen = (int64_t)report.subs;
    uw__loader.loaded = (const uint32_t *)(const void *)(global + LOADED);
    uw__loader.adds = (const uint64_t *)(const void *)(global + found);
}

void uw__loader_look(struct uw_loader_view *v) {
    v->changes = load_acquire(&uw__loader.changes);
    /* The loader counts an object as loaded before it counts it as added. Read in the other order
     * the two can make the removals look fewer for a moment, never more. */
    v->adds = load_acquire(uw__loader.adds);
    v->loaded = load_acquire(uw__loader.loaded);
    if (namespaces == NULL) return;
    int64_t removals = (int64_t)(v->adds - loaded_sum(namespaces, namespace_bytes));
    int64_t seen = load_acquire(&removals_seen);
    if (removals <= seen) return;
    /* Every thread that comes here before the table is known to be empty empties it itself; that
     * costs a second time and needs no waiting. */
    uw__rules_flush();
    while (removals > seen) {
        if (swap_if_equal(&removals_seen, seen, removals)) {
            add_acq_rel(&uw__loader.epoch, (uint64_t)(removals - seen));
            break;
        }
        seen = load_acquire(&removals_seen);
    }
}

uint64_t uw__loader_generation(void) {
    return load_relaxed(uw__loader.adds) + load_relaxed(&uw__loader.changes);
}

void uw_code_changed(enum uw_code_change change) {
    if (change == UW_CODE_REMOVED) {
        uw__rules_flush();
        add_acq_rel(&uw__loader.epoch, 1);
    }
    add_acq_rel(&uw__loader.changes, 1);
}

int uw_sees_unloads(void) {
    return namespaces != NULL;
}

uint64_t uw_epoch(void) {
    return load_acquire(&uw__loader.epoch);
}

uint64_t uw_loads(void) {
    return namespaces != NULL ? load_acquire(uw__loader.adds) : 0;
}
