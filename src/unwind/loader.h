/* SPDX-License-Identifier: MIT
 * Notices that code was loaded or unloaded, by looking at two words of the dynamic loader.
 *
 *   adds    how many objects were ever added; every load changes it before new code can run
 *   loaded  how many are loaded now; an unload changes it
 *
 * adds - loaded is the number of objects ever removed (what dl_iterate_phdr calls dlpi_subs). Only
 * a removal changes the meaning of an address, so only then is everything forgotten; after a load
 * it is enough to doubt "no unwind information" and walks that relied on it. */
#ifndef HEAPWISE_UNWIND_LOADER_H
#define HEAPWISE_UNWIND_LOADER_H

#include "core/atomics.h"

#include <stdint.h>

struct uw_loader {
    const uint64_t *adds;   /* the loader's words; our own constants when they were not found */
    const uint32_t *loaded; /* of the first namespace, where all but dlmopen's objects live */
    uint64_t changes;       /* calls of uw_code_changed */
    uint64_t epoch;         /* removals seen */
};
extern struct uw_loader uw__loader;

/* What a memo was made under. */
struct uw_loader_view {
    uint64_t adds, changes;
    uint32_t loaded;
};

static inline int uw_loader_view_is_current(const struct uw_loader_view *v) {
    return v->adds == load_relaxed(uw__loader.adds) &&
           v->loaded == load_relaxed(uw__loader.loaded) &&
           v->changes == load_relaxed(&uw__loader.changes);
}

/* Finds the words. Never fails: without them uw_sees_unloads() is false. */
void uw__loader_start(void);
/* Brings a view up to date; empties the rule table if something was removed since anyone looked. */
void uw__loader_look(struct uw_loader_view *v);
/* A number that changes with every load and registration, for rules that say NOINFO. */
uint64_t uw__loader_generation(void);

#endif
