/* SPDX-License-Identifier: MIT
 * What the program calls its pools, marks and scopes: each text once, told by its index.
 *
 * The table is private memory, so that a forked child has it too; what enters it is copied into the
 * region at once. It is a hash table without removal. Life of an entry (field `whole`):
 *
 *   FREE ──any thread: swap──► BEING_WRITTEN ──the same: release──► WIRE_NAME_WHOLE
 *
 * Whoever meets an entry that is being written passes on to the next place: the worst that comes of
 * it is a text with two indices, and the recorder knows names by their text. */
#include "agent/agent.h"

enum { FREE = 0, BEING_WRITTEN = 1, PROBES = 64 };

static struct wire_name names[WIRE_NAMES_MAX];
static uint32_t any; /* 1: the table, which is large, has entries */

static void announce(uint32_t index) {
    struct wire_region *r = agent_process.region;
    if (r == NULL) return;
    struct wire_name *shared = (struct wire_name *)((char *)r + r->names_offset) + index;
    for (size_t i = 0; i < sizeof shared->text; i++)
        store_relaxed(&shared->text[i], names[index].text[i]);
    store_release(&shared->whole, WIRE_NAME_WHOLE); /* pairs with the recorder's acquire */
}

void agent_names_announce(void) {
    if (load_acquire(&any) == 0) return;
    for (uint32_t i = 1; i < WIRE_NAMES_MAX; i++)
        if (load_acquire(&names[i].whole) == WIRE_NAME_WHOLE) announce(i);
}

uint32_t agent_name(const char *text) {
    char cut[sizeof names[0].text] = {0};
    uint64_t hash = 0xcbf29ce484222325ull;
    if (text == NULL) return 0;
    for (size_t i = 0; i + 1 < sizeof cut && text[i] != '\0'; i++) {
        cut[i] = text[i];
        hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3ull;
    }
    for (uint32_t probe = 0; probe < PROBES; probe++) {
        uint32_t index = (uint32_t)((hash >> 32) + probe) % WIRE_NAMES_MAX;
        struct wire_name *n = &names[index];
        if (index == 0) continue;
        if (load_acquire(&n->whole) == FREE && swap_if_equal(&n->whole, FREE, BEING_WRITTEN)) {
            for (size_t i = 0; i < sizeof cut; i++)
                n->text[i] = cut[i];
            store_release(&n->whole, WIRE_NAME_WHOLE);
            store_release(&any, 1);
            announce(index);
            return index;
        }
        if (load_acquire(&n->whole) != WIRE_NAME_WHOLE) continue;
        size_t same = 0;
        while (same < sizeof cut && n->text[same] == cut[same])
            same++;
        if (same == sizeof cut) return index;
    }
    return 0;
}
