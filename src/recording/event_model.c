/* SPDX-License-Identifier: MIT
 * Begins and ends the model of a chunk. See event_model.h. */
#include "recording/event_model.h"

/* Tables are as large as a chunk of so many records makes use of. */
static unsigned table_bits(uint32_t records) {
    unsigned bits = 6;
    while (bits < 16 && records >> bits > 1)
        bits++;
    return bits;
}

int rec_event_model_begin(struct rec_event_model *m, enum rec_form form, uint32_t records,
                          uint32_t births, uint64_t first_block, uint32_t top_node,
                          uint32_t thread) {
    m->form = form;
    m->history_before = form == REC_FORM_THIRD ? (1u << REC_HISTORY_BEFORE_BITS) - 1 : 0;
    m->history_shift = form == REC_FORM_THIRD ? 6 : 13;
    m->long_bits = table_bits(records);
    m->short_bits = m->slot_bits = m->long_bits < 8 ? 6 : m->long_bits - 2;
    size_t longs = ((size_t)1 << m->long_bits) * sizeof(struct rec_entry);
    size_t shorts = ((size_t)1 << m->short_bits) * sizeof(struct rec_entry);
    size_t slots = ((size_t)1 << m->slot_bits) * sizeof(struct rec_slot);
    size_t sizes = ((size_t)1 << m->long_bits) * sizeof *m->sizes;
    size_t map = ((size_t)1 << m->short_bits) * sizeof *m->map;
    size_t ends = ((size_t)1 << m->short_bits) * sizeof *m->distant_ends;
    size_t living = ((size_t)births / 64 + 3) * sizeof *m->living;
    size_t zeroed = longs + shorts + sizes + map + ends + living;
    size_t size = slots + zeroed + ((size_t)births + 1) * sizeof(struct rec_local);
    if (size > m->memory_size) {
        free(m->memory);
        m->memory = malloc(size);
        m->memory_size = m->memory == NULL ? 0 : size;
        if (m->memory == NULL) return -1;
    }
    m->slots = m->memory;
    m->long_entries = (struct rec_entry *)((char *)m->memory + slots);
    m->short_entries = (struct rec_entry *)((char *)m->long_entries + longs);
    m->sizes = (uint64_t *)((char *)m->short_entries + shorts);
    m->distant_ends = (uint64_t *)((char *)m->sizes + sizes);
    m->living = (uint64_t *)((char *)m->distant_ends + ends);
    m->map = (uint32_t *)((char *)m->living + living);
    m->locals = (struct rec_local *)((char *)m->map + map) + 1;
    memset(m->slots, 0xff, slots);
    memset(m->long_entries, 0, zeroed);
    m->first_block = m->next_block = m->last_end = first_block;
    m->earlier_ends[0] = m->earlier_ends[1] = first_block;
    m->base[REC_MODE_GAP] = m->base[REC_MODE_AGE] = (uint32_t)first_block;
    m->base[REC_MODE_STRIDE] = 0;
    m->top_node = top_node;
    m->last_node = 0;
    m->last_was_new = 0;
    memset(m->histories, 0, sizeof m->histories);
    rec_model_thread(m, thread);
    uint16_t *p = (uint16_t *)&m->p;
    for (size_t i = 0; i < sizeof m->p / sizeof *p; i++)
        p[i] = REC_PROBABILITY_EVEN;
    return 0;
}

void rec_event_model_release(struct rec_event_model *m) {
    free(m->memory);
    memset(m, 0, sizeof *m);
}
