/* SPDX-License-Identifier: MIT
 * Makes the table of functions and frames. See frames.h. */
#include "analysis/frames.h"

#include <stdlib.h>
#include <string.h>

/* Open addressing; an entry is an index plus 1, 0 is free. Kept only while the tables are made. */
struct lookup {
    uint32_t *slots;
    size_t mask, used;
};

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

static uint64_t hash_text(const char *s) {
    uint64_t h = 1;
    if (s == NULL) return 0;
    for (; *s != '\0'; s++) h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return mix(h, 0);
}

static uint64_t hash_function(const struct an_function *n) {
    return mix(mix(mix(hash_text(n->name), hash_text(n->file)), n->offset), n->module);
}

static uint64_t hash_frame(const struct an_frame *n) {
    return mix(mix(n->function, n->line), n->inlined);
}

static int same_text(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int same_function(const struct an_function *a, const struct an_function *b) {
    return a->module == b->module && a->offset == b->offset && a->stopped == b->stopped &&
           same_text(a->name, b->name) && same_text(a->file, b->file);
}

static int lookup_grow(struct lookup *l, const uint64_t *hashes) {
    if (l->slots != NULL && l->used * 2 <= l->mask) return 0;
    size_t size = l->slots == NULL ? 4096 : (l->mask + 1) * 2;
    uint32_t *slots = calloc(size, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t i = 0; i < l->used; i++) {
        size_t at = hashes[i] & (size - 1);
        while (slots[at] != 0) at = (at + 1) & (size - 1);
        slots[at] = (uint32_t)i + 1;
    }
    free(l->slots);
    l->slots = slots;
    l->mask = size - 1;
    return 0;
}

/* Grows an array so that one more entry fits. */
static int reserve(void **array, size_t *capacity, size_t count, size_t entry) {
    if (count < *capacity) return 0;
    size_t wanted = *capacity ? *capacity + *capacity / 2 : 1024;
    void *grown = realloc(*array, wanted * entry);
    if (grown == NULL) return -1;
    *array = grown;
    *capacity = wanted;
    return 0;
}

struct build {
    struct an_frames *t;
    struct lookup functions, frames;
    uint64_t *function_hashes, *frame_hashes;
    size_t function_hash_capacity, frame_hash_capacity;
};

/* The index of a function, which is added when it is new; REC_NONE when memory is out. */
static uint32_t intern_function(struct build *b, const struct an_function *wanted) {
    struct an_frames *t = b->t;
    uint64_t hash = hash_function(wanted);
    if (lookup_grow(&b->functions, b->function_hashes) != 0) return REC_NONE;
    size_t at = hash & b->functions.mask;
    for (; b->functions.slots[at] != 0; at = (at + 1) & b->functions.mask) {
        uint32_t i = b->functions.slots[at] - 1;
        if (b->function_hashes[i] == hash && same_function(&t->functions[i], wanted)) return i;
    }
    if (reserve((void **)&t->functions, &t->function_capacity, t->function_count,
                sizeof *t->functions) != 0 ||
        reserve((void **)&b->function_hashes, &b->function_hash_capacity, t->function_count,
                sizeof *b->function_hashes) != 0)
        return REC_NONE;
    b->function_hashes[t->function_count] = hash;
    t->functions[t->function_count++] = *wanted;
    b->functions.slots[at] = (uint32_t)t->function_count;
    b->functions.used++;
    return (uint32_t)t->function_count - 1;
}

static uint32_t intern_frame(struct build *b, const struct an_frame *wanted) {
    struct an_frames *t = b->t;
    uint64_t hash = hash_frame(wanted);
    if (lookup_grow(&b->frames, b->frame_hashes) != 0) return REC_NONE;
    size_t at = hash & b->frames.mask;
    for (; b->frames.slots[at] != 0; at = (at + 1) & b->frames.mask) {
        const struct an_frame *own = &t->frames[b->frames.slots[at] - 1];
        if (own->function == wanted->function && own->line == wanted->line &&
            own->inlined == wanted->inlined)
            return b->frames.slots[at] - 1;
    }
    if (reserve((void **)&t->frames, &t->frame_capacity, t->frame_count, sizeof *t->frames) != 0 ||
        reserve((void **)&b->frame_hashes, &b->frame_hash_capacity, t->frame_count,
                sizeof *b->frame_hashes) != 0)
        return REC_NONE;
    b->frame_hashes[t->frame_count] = hash;
    t->frames[t->frame_count++] = *wanted;
    b->frames.slots[at] = (uint32_t)t->frame_count;
    b->frames.used++;
    return (uint32_t)t->frame_count - 1;
}

static uint32_t add_frame(struct build *b, const struct rec_address *a,
                          const struct rec_module *modules, size_t module_count,
                          const struct rec_frame *frame) {
    struct an_function function = {.name = frame->function, .file = frame->file,
                                   .module = a->module < module_count ? a->module : 0};
    if (function.module == 0 && a->address == REC_ADDRESS_UNWIND_STOPPED) {
        function = (struct an_function){.stopped = 1};
    } else if (function.name == NULL) {
        function.offset =
            function.module == 0 ? a->address : a->address - modules[function.module].bias;
    }
    uint32_t number = intern_function(b, &function);
    if (number == REC_NONE) return REC_NONE;
    struct an_frame wanted = {.function = number, .line = frame->line,
                              .inlined = frame->inlined != 0};
    return intern_frame(b, &wanted);
}

static int build(struct build *b, struct rec_file *r, struct failure *f) {
    struct an_frames *t = b->t;
    size_t module_count;
    const struct rec_module *modules = rec_modules(r, &module_count);
    const struct rec_address *addresses = rec_addresses(r, &t->address_count, f);
    if (addresses == NULL && t->address_count > 0) return -1;
    t->first = malloc((t->address_count + 1) * sizeof *t->first);
    if (t->first == NULL) return failure_set(f, "cannot list the frames: out of memory");
    for (size_t a = 0; a < t->address_count; a++) {
        size_t count;
        t->first[a] = (uint32_t)t->id_count;
        const struct rec_frame *frames = rec_frames(r, (uint32_t)a, &count, f);
        if (frames == NULL) return -1;
        for (size_t i = 0; i < count; i++) {
            uint32_t id = add_frame(b, &addresses[a], modules, module_count, &frames[i]);
            if (id == REC_NONE ||
                reserve((void **)&t->ids, &t->id_capacity, t->id_count, sizeof *t->ids) != 0)
                return failure_set(f, "cannot list the frames: out of memory");
            t->ids[t->id_count++] = id;
        }
    }
    t->first[t->address_count] = (uint32_t)t->id_count;
    return 0;
}

int an_frames_build(struct an_frames *t, struct rec_file *r, struct failure *f) {
    memset(t, 0, sizeof *t);
    t->file = r;
    struct build b = {.t = t};
    int failed = build(&b, r, f);
    free(b.functions.slots);
    free(b.frames.slots);
    free(b.function_hashes);
    free(b.frame_hashes);
    if (!failed) {
        t->full_names = calloc(t->function_count + 1, sizeof *t->full_names);
        if (t->full_names == NULL) failed = failure_set(f, "cannot list the frames: out of memory");
    }
    if (failed) an_frames_release(t);
    return failed ? -1 : 0;
}

void an_frames_release(struct an_frames *t) {
    for (size_t i = 0; t->full_names != NULL && i < t->function_count; i++) free(t->full_names[i]);
    free(t->full_names);
    free(t->functions);
    free(t->frames);
    free(t->first);
    free(t->ids);
    free(t->hidden);
    memset(t, 0, sizeof *t);
}
