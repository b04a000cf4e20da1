/* SPDX-License-Identifier: MIT
 * The locations of an imported file. See location.h. */
#include "import/location.h"

#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t h, uint64_t v) {
    h = (h ^ v) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

static uint64_t hash_text(const char *s) {
    uint64_t h = 1;
    for (; s != NULL && *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return mix(h, 0);
}

static uint64_t hash_address(uint32_t module, uint64_t address, uint32_t exact) {
    return mix(mix(address, module), exact);
}

/* Strings are pooled, so their pointers tell them apart. */
static uint64_t hash_frames(uint32_t module, const struct rec_frame *frames, size_t count) {
    uint64_t h = module;
    for (size_t i = 0; i < count; i++)
        h = mix(mix(mix(h, (uintptr_t)frames[i].function), (uintptr_t)frames[i].file),
                (uint64_t)frames[i].line << 1 | frames[i].inlined);
    return h;
}

static int same_frames(const struct rec_frame *a, const struct rec_frame *b, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (a[i].function != b[i].function || a[i].file != b[i].file || a[i].line != b[i].line ||
            a[i].inlined != b[i].inlined)
            return 0;
    return 1;
}

void im_locations_release(struct im_locations *l) {
    for (size_t i = 0; i < l->string_slots; i++)
        free(l->strings[i]);
    free(l->strings);
    free(l->list);
    free(l->frames);
    free(l->by_address);
    free(l->by_frames);
    memset(l, 0, sizeof *l);
}

static int grow_strings(struct im_locations *l) {
    size_t slots = l->string_slots == 0 ? 1024 : l->string_slots * 2;
    char **strings = calloc(slots, sizeof *strings);
    if (strings == NULL) return -1;
    for (size_t i = 0; i < l->string_slots; i++) {
        if (l->strings[i] == NULL) continue;
        size_t at = hash_text(l->strings[i]) & (slots - 1);
        while (strings[at] != NULL)
            at = (at + 1) & (slots - 1);
        strings[at] = l->strings[i];
    }
    free(l->strings);
    l->strings = strings;
    l->string_slots = slots;
    return 0;
}

/* The pooled string equal to `text`, in *out; an empty one is unknown. */
static int pool(struct im_locations *l, const char *text, const char **out) {
    *out = NULL;
    if (text == NULL || text[0] == '\0') return 0;
    if (l->string_count * 2 >= l->string_slots && grow_strings(l) != 0) return -1;
    size_t at = hash_text(text) & (l->string_slots - 1);
    for (; l->strings[at] != NULL; at = (at + 1) & (l->string_slots - 1))
        if (strcmp(l->strings[at], text) == 0) {
            *out = l->strings[at];
            return 0;
        }
    l->strings[at] = strdup(text);
    if (l->strings[at] == NULL) return -1;
    l->string_count++;
    *out = l->strings[at];
    return 0;
}

static int grow_slots(struct im_locations *l) {
    size_t slots = l->slots == 0 ? 1024 : l->slots * 2;
    uint32_t *by_address = calloc(slots, sizeof *by_address);
    uint32_t *by_frames = calloc(slots, sizeof *by_frames);
    if (by_address == NULL || by_frames == NULL) {
        free(by_address);
        free(by_frames);
        return -1;
    }
    for (size_t i = 0; i < l->count; i++) {
        const struct im_location *x = &l->list[i];
        size_t at = hash_address(x->module, x->address, x->exact) & (slots - 1);
        while (by_address[at] != 0)
            at = (at + 1) & (slots - 1);
        by_address[at] = (uint32_t)i + 1;
        at = hash_frames(x->module, l->frames + x->first, x->count) & (slots - 1);
        while (by_frames[at] != 0)
            at = (at + 1) & (slots - 1);
        by_frames[at] = (uint32_t)i + 1;
    }
    free(l->by_address);
    free(l->by_frames);
    l->by_address = by_address;
    l->by_frames = by_frames;
    l->slots = slots;
    return 0;
}

const struct im_location *im_locations_find(const struct im_locations *l, uint32_t module,
                                            uint64_t address, int exact) {
    if (l->slots == 0) return NULL;
    size_t at = hash_address(module, address, exact != 0) & (l->slots - 1);
    for (; l->by_address[at] != 0; at = (at + 1) & (l->slots - 1)) {
        const struct im_location *x = &l->list[l->by_address[at] - 1];
        if (x->address == address && x->module == module && x->exact == (uint32_t)(exact != 0))
            return x;
    }
    return NULL;
}

/* Grows an array so that `more` entries fit behind `count`. */
static int reserve(void **array, size_t *capacity, size_t count, size_t more, size_t entry) {
    if (count + more <= *capacity) return 0;
    size_t wanted = *capacity + *capacity / 2 + more + 64;
    void *grown = realloc(*array, wanted * entry);
    if (grown == NULL) return -1;
    *array = grown;
    *capacity = wanted;
    return 0;
}

/* Copies frames behind the others, pooled. */
static int copy_frames(struct im_locations *l, const struct rec_frame *frames, size_t count) {
    /* The array is there even when no location has frames. */
    if (reserve((void **)&l->frames, &l->frame_capacity, l->frame_count, count + 1,
                sizeof *frames) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct rec_frame *own = &l->frames[l->frame_count + i];
        own->line = frames[i].line;
        own->inlined = frames[i].inlined != 0;
        if (pool(l, frames[i].function, &own->function) != 0 ||
            pool(l, frames[i].file, &own->file) != 0)
            return -1;
    }
    return 0;
}

static uint32_t find_frames(const struct im_locations *l, uint32_t module,
                            const struct rec_frame *frames, size_t count, size_t *at) {
    *at = hash_frames(module, frames, count) & (l->slots - 1);
    for (; l->by_frames[*at] != 0; *at = (*at + 1) & (l->slots - 1)) {
        const struct im_location *x = &l->list[l->by_frames[*at] - 1];
        if (x->module == module && x->count == count &&
            same_frames(l->frames + x->first, frames, count))
            return l->by_frames[*at] - 1;
    }
    return REC_NONE;
}

uint32_t im_locations_add(struct im_locations *l, uint32_t module, uint64_t address, int exact,
                          const struct rec_frame *frames, size_t count) {
    if (address != 0) {
        const struct im_location *known = im_locations_find(l, module, address, exact);
        if (known != NULL) return (uint32_t)(known - l->list);
    }
    if ((l->count * 2 >= l->slots && grow_slots(l) != 0) || copy_frames(l, frames, count) != 0 ||
        reserve((void **)&l->list, &l->capacity, l->count, 1, sizeof *l->list) != 0 ||
        l->frame_count + count >= UINT32_MAX || l->count >= UINT32_MAX - 1)
        return REC_NONE;
    size_t at_frames;
    const struct rec_frame *own = l->frames + l->frame_count;
    uint32_t same = find_frames(l, module, own, count, &at_frames);
    if (address == 0) {
        if (same != REC_NONE) return same;
        do
            address = IM_ADDRESS_MADE_UP + l->next_address++;
        while (im_locations_find(l, module, address, exact) != NULL);
    }
    while (l->by_frames[at_frames] != 0)
        at_frames = (at_frames + 1) & (l->slots - 1);
    size_t at = hash_address(module, address, exact != 0) & (l->slots - 1);
    while (l->by_address[at] != 0)
        at = (at + 1) & (l->slots - 1);
    l->list[l->count] = (struct im_location){.address = address,
                                             .module = module,
                                             .first = (uint32_t)l->frame_count,
                                             .count = (uint32_t)count,
                                             .exact = exact != 0};
    l->frame_count += count;
    l->by_address[at] = l->by_frames[at_frames] = (uint32_t)++l->count;
    return (uint32_t)l->count - 1;
}
