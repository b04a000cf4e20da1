/* SPDX-License-Identifier: MIT
 * Texts by number. See text_table.h. */
#include "analysis/text_table.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash(const char *text) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return h ^ (h >> 32);
}

void an_text_table_release(struct an_text_table *t) {
    for (size_t i = 0; i < t->count; i++)
        free(t->texts[i]);
    free(t->texts);
    free(t->slots);
    memset(t, 0, sizeof *t);
}

static int grow(struct an_text_table *t) {
    size_t slot_count = t->slot_count == 0 ? 1024 : t->slot_count * 2;
    char **texts = realloc(t->texts, slot_count / 2 * sizeof *texts);
    if (texts == NULL) return -1;
    t->texts = texts;
    t->capacity = slot_count / 2;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t i = 0; i < t->count; i++) {
        size_t at = hash(texts[i]) & (slot_count - 1);
        while (slots[at] != 0)
            at = (at + 1) & (slot_count - 1);
        slots[at] = (uint32_t)i + 1;
    }
    free(t->slots);
    t->slots = slots;
    t->slot_count = slot_count;
    return 0;
}

uint32_t an_text_table_number(struct an_text_table *t, const char *text) {
    if ((t->slot_count == 0 || t->count == t->capacity) && grow(t) != 0) return UINT32_MAX;
    size_t at = hash(text) & (t->slot_count - 1);
    for (; t->slots[at] != 0; at = (at + 1) & (t->slot_count - 1))
        if (strcmp(t->texts[t->slots[at] - 1], text) == 0) return t->slots[at] - 1;
    char *copy = strdup(text);
    if (copy == NULL || t->count >= UINT32_MAX - 1) {
        free(copy);
        return UINT32_MAX;
    }
    t->texts[t->count++] = copy;
    t->slots[at] = (uint32_t)t->count;
    return (uint32_t)t->count - 1;
}
