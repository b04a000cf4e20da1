/* SPDX-License-Identifier: MIT
 * Chunks of events on their own: after more than 2^32 events, and with everything at its limits. */
#include "recording/event_codec.h"
#include "unit/check.h"

/* Encodes `count` events as one chunk that begins with `facts`, in pieces of `piece`. */
static void encode(struct rec_event_encoder *x, struct rec_event *events, uint32_t count,
                   uint32_t piece, uint32_t records, struct rec_event_facts *facts,
                   struct rec_payload_writer *p) {
    struct rec_event_facts next;
    rec_events_begin(x, facts, records);
    for (uint32_t done = 0; done < count; done += piece) {
        uint32_t some = count - done < piece ? count - done : piece;
        rec_events_put(x, (struct rec_event_segment){events + done, some, some});
    }
    rec_payload_begin(p);
    CHECK(rec_events_end(x, facts, &next, p) == 0);
}

/* Encodes and decodes them. */
static size_t check_chunk(struct rec_event *events, uint32_t count, struct rec_event_facts facts) {
    struct rec_event_encoder x;
    struct rec_payload_writer p;
    struct rec_payload payload;
    struct rec_event_facts read;
    struct failure f = {""};
    memset(&x, 0, sizeof x);
    CHECK(rec_payload_writer_init(&p) == 0);
    encode(&x, events, count, count, count, &facts, &p);
    const struct rec_bytes *bytes = rec_payload_end(&p);
    CHECK(bytes != NULL);
    CHECK(rec_payload_parse(&payload, bytes->data, bytes->length, REC_EVENTS_COLUMNS, &f) == 0);
    CHECK(rec_event_head_read(&payload, &read, &f) == 0);
    CHECK(memcmp(&read, &facts, sizeof read) == 0);
    struct rec_event *back = malloc((count + 1) * sizeof *back);
    CHECK(back != NULL);
    struct rec_event_decoder d;
    memset(&d, 0, sizeof d);
    if (rec_events_decode(&d, &payload, &read, back, &f) < 0) fprintf(stderr, "%s\n", f.text);
    for (uint32_t i = 0; i < count; i++) {
        CHECK_EQ_U64(back[i].kind, events[i].kind);
        CHECK_EQ_U64(back[i].size, events[i].size);
        CHECK_EQ_U64(back[i].block, events[i].block);
        CHECK_EQ_U64(back[i].node, events[i].node);
    }
    size_t length = bytes->length;
    free(back);
    rec_event_decoder_release(&d);
    rec_payload_writer_release(&p);
    rec_event_encoder_release(&x);
    return length;
}

/* Frees of blocks that are 2^32 births apart, in a recording of 2^40. */
static void check_far_blocks(void) {
    const uint64_t first = (uint64_t)1 << 40, step = ((uint64_t)1 << 32) + 1;
    struct rec_event events[600];
    memset(events, 0, sizeof events);
    uint64_t next = first;
    for (uint32_t i = 0; i < 600; i++) {
        if (i % 3 == 0)
            events[i] = (struct rec_event){
                .kind = REC_ALLOC, .block = next++, .node = i, .size = (uint64_t)1 << (i % 48)};
        else if (i % 3 == 1)
            events[i] = (struct rec_event){.kind = REC_FREE, .block = first - 1 - i / 3 * step};
        else /* as far from the one before, but by one more than 2^32 */
            events[i] = (struct rec_event){.kind = REC_FREE, .block = 5 + i};
    }
    check_chunk(
        events, 600,
        (struct rec_event_facts){
            .first_event = first * 2, .first_block = first, .first_tick = 7, .first_thread = 300});
}

static void check_limits(void) {
    struct rec_event events[] = {
        {.kind = REC_TICK, .size = UINT32_MAX},
        {.kind = REC_THREAD, .size = UINT32_MAX},
        {.kind = REC_ALLOC, .size = UINT64_MAX - 1, .node = UINT32_MAX - 1, .block = 0},
        {.kind = REC_ALLOC, .size = UINT64_MAX, .node = UINT32_MAX - 1, .block = 1},
        {.kind = REC_ALLOC, .size = UINT64_MAX, .node = UINT32_MAX - 1, .block = 2},
        {.kind = REC_REALLOC, .size = 0, .node = 0, .block = 0},
        {.kind = REC_REALLOC, .size = 9, .node = 0, .block = REC_NO_BLOCK},
        {.kind = REC_FREE, .block = 3},
        {.kind = REC_FREE, .block = 4},
        {.kind = REC_FAILED, .size = UINT64_MAX, .node = 5},
        {.kind = REC_UNKNOWN_FREE, .size = UINT64_MAX},
        {.kind = REC_UNKNOWN_FREE, .size = 0},
    };
    check_chunk(events, sizeof events / sizeof *events, (struct rec_event_facts){0});
    check_chunk(events, 2, (struct rec_event_facts){0});
}

/* What the caller must not do does not make the file unreadable. */
static void check_mistakes(void) {
    struct rec_event events[] = {
        {.kind = REC_ALLOC, .size = 1, .node = 1, .block = 0},
        {.kind = REC_FREE, .block = 0},
        {.kind = REC_FREE, .block = 0},
        {.kind = REC_FREE, .block = 77},
        {.kind = REC_REALLOC, .block = 0, .size = 3, .node = 1},
    };
    struct rec_event_encoder x;
    struct rec_payload_writer p;
    struct rec_payload payload;
    struct rec_event_facts facts = {0};
    struct rec_event back[5];
    struct failure f;
    memset(&x, 0, sizeof x);
    CHECK(rec_payload_writer_init(&p) == 0);
    encode(&x, events, 5, 5, 5, &facts, &p);
    const struct rec_bytes *bytes = rec_payload_end(&p);
    CHECK(rec_payload_parse(&payload, bytes->data, bytes->length, REC_EVENTS_COLUMNS, &f) == 0);
    struct rec_event_decoder d;
    memset(&d, 0, sizeof d);
    CHECK(rec_events_decode(&d, &payload, &facts, back, &f) == 0);
    rec_event_decoder_release(&d);
    CHECK_EQ_U64(back[1].kind, REC_FREE);
    CHECK_EQ_U64(back[2].kind, REC_UNKNOWN_FREE);
    CHECK_EQ_U64(back[3].kind, REC_UNKNOWN_FREE);
    CHECK_EQ_U64(back[4].block, REC_NO_BLOCK);
    rec_payload_writer_release(&p);
    rec_event_encoder_release(&x);
}

/* A loop of ten calls costs next to nothing, however often it runs. */
static void check_repetition(void) {
    uint32_t count = 100000;
    struct rec_event *events = calloc(count, sizeof *events);
    CHECK(events != NULL);
    uint64_t next = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i % 10 < 5)
            events[i] = (struct rec_event){
                .kind = REC_ALLOC, .block = next++, .size = 16 * (i % 10), .node = 40 + i % 10};
        else
            events[i] = (struct rec_event){.kind = REC_FREE, .block = next - 1 - (i % 10 - 5)};
    }
    CHECK(check_chunk(events, count, (struct rec_event_facts){0}) < 400);
    free(events);
}

/* How many bytes it takes to end `objects` objects in an order that nothing foretells. Each has
 * three parts that were born one after the other, and a fourth that was born in a later pass;
 * before them, in an earlier chunk if `distant`. */
static size_t shuffled_objects(uint32_t objects, int distant) {
    uint32_t births = objects * 4, count = 0;
    struct rec_event *events = calloc((size_t)births * 2, sizeof *events);
    uint32_t *order = calloc(objects, sizeof *order), chance = 1;
    CHECK(events != NULL && order != NULL);
    if (!distant)
        for (uint32_t i = 0; i < births; i++)
            events[count++] = (struct rec_event){
                .kind = REC_ALLOC, .block = i, .size = 24, .node = i < objects * 3 ? 1 + i % 3 : 9};
    for (uint32_t i = 0; i < objects; i++) {
        chance = chance * 1664525 + 1013904223;
        uint32_t at = (uint32_t)((uint64_t)chance * (i + 1) >> 32);
        order[i] = order[at];
        order[at] = i;
    }
    for (uint32_t i = 0; i < objects; i++) {
        const uint64_t parts[] = {order[i] * 3, objects * 3 + order[i], order[i] * 3 + 1,
                                  order[i] * 3 + 2};
        for (int k = 0; k < 4; k++)
            events[count++] = (struct rec_event){.kind = REC_FREE, .block = parts[k]};
    }
    uint64_t before = distant ? births : 0;
    size_t bytes = check_chunk(
        events, count, (struct rec_event_facts){.first_event = before, .first_block = before});
    free(events);
    free(order);
    return bytes;
}

/* Of an object's parts the first is a surprise of log2(2000), 11 bits; the map tells where the
 * second is to within a stretch, 9 bits or 10; the others are neighbours of what ended. */
static void check_shuffled_objects(void) {
    CHECK(shuffled_objects(2000, 0) < 2000 * 30 / 8);
    CHECK(shuffled_objects(2000, 1) < 2000 * 30 / 8);
}

/* Sizes that come in a sequence of six, though no size ever follows itself. */
static void check_sequence_of_sizes(void) {
    static const uint64_t sizes[] = {32, 21, 32, 24, (uint64_t)1 << 40, 20};
    struct rec_event events[12000];
    memset(events, 0, sizeof events);
    for (uint32_t i = 0; i < 12000; i++)
        events[i] =
            (struct rec_event){.kind = REC_ALLOC, .block = i, .node = 3, .size = sizes[i % 6]};
    CHECK(check_chunk(events, 12000, (struct rec_event_facts){0}) < 300);
}

/* A chunk that is begun before its length is known is the same to the byte. */
static void check_ahead(void) {
    static const uint32_t counts[] = {REC_EVENT_FULL_TABLES, REC_EVENT_FULL_TABLES + 1, 100000,
                                      REC_EVENT_CHUNK_RECORDS};
    struct rec_event *events = calloc(REC_EVENT_CHUNK_RECORDS, sizeof *events);
    uint32_t chance = 1;
    CHECK(events != NULL);
    for (uint32_t i = 0; i < REC_EVENT_CHUNK_RECORDS; i++) {
        chance = chance * 1664525 + 1013904223;
        events[i] = (struct rec_event){
            .kind = REC_ALLOC, .block = i, .size = chance >> 22, .node = 1 + (chance >> 10) % 5000};
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct rec_event_encoder x;
        struct rec_payload_writer known, ahead;
        struct rec_event_facts facts[2] = {{0}, {0}};
        memset(&x, 0, sizeof x);
        CHECK(rec_payload_writer_init(&known) == 0 && rec_payload_writer_init(&ahead) == 0);
        encode(&x, events, counts[i], counts[i], counts[i], &facts[0], &known);
        encode(&x, events, counts[i], 16384, REC_EVENT_FULL_TABLES, &facts[1], &ahead);
        CHECK(memcmp(&facts[0], &facts[1], sizeof facts[0]) == 0);
        const struct rec_bytes *a = rec_payload_end(&known), *b = rec_payload_end(&ahead);
        CHECK(a != NULL && b != NULL);
        CHECK_EQ_U64(b->length, a->length);
        CHECK(memcmp(a->data, b->data, a->length) == 0);
        rec_payload_writer_release(&known);
        rec_payload_writer_release(&ahead);
        rec_event_encoder_release(&x);
    }
    free(events);
}

int main(void) {
    check_shuffled_objects();
    check_sequence_of_sizes();
    check_far_blocks();
    check_limits();
    check_mistakes();
    check_repetition();
    check_ahead();
    return 0;
}
