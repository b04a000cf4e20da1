/* SPDX-License-Identifier: MIT
 * Finds the chunks of a recording: through its index, or by going from one to the next. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "recording/checksum.h"
#include "recording/recording_file.h"

enum { INDEX_CHUNKS = 1, INDEX_COLUMNS };

/* The index of a recording of a trillion events is far below. */
#define INDEX_LIMIT (256u << 20)

void rec_file_damage(struct rec_file *r, const char *format, ...) {
    if (r->damage[0] != 0) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->damage, sizeof r->damage, format, arguments);
    va_end(arguments);
}

/* 0, an errno number, or -1 when the file ends before. */
static int read_at(int fd, void *out, size_t length, uint64_t offset) {
    for (size_t done = 0; done < length;) {
        ssize_t n = pread(fd, (char *)out + done, length - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno;
        if (n == 0) return -1;
        done += (size_t)n;
    }
    return 0;
}

static int read_failed(int error, uint64_t offset, struct failure *f) {
    if (error > 0) return failure_set_errno(f, error, "cannot read at byte %llu",
                                            (unsigned long long)offset);
    return failure_set(f, "the file ends before byte %llu", (unsigned long long)offset);
}

/* Reads and checks the header at `place->offset`; fills the rest of the place. */
static int read_header(const struct rec_file *r, struct rec_chunk_place *place,
                       uint32_t *payload_checksum, struct failure *f) {
    uint8_t raw[REC_CHUNK_HEADER_SIZE];
    unsigned long long at = place->offset;
    if (place->offset > r->length || r->length - place->offset < sizeof raw)
        return failure_set(f, "the file ends inside a chunk's header at byte %llu", at);
    int error = read_at(r->fd, raw, sizeof raw, place->offset);
    if (error != 0) return read_failed(error, place->offset, f);
    struct rec_cursor c = {raw, raw + sizeof raw, 0};
    uint32_t mark = rec_cursor_u32(&c);
    place->kind = rec_cursor_u8(&c);
    place->flags = rec_cursor_u8(&c);
    rec_cursor_u16(&c);
    uint32_t length = rec_cursor_u32(&c);
    place->sequence = rec_cursor_u32(&c);
    *payload_checksum = rec_cursor_u32(&c);
    if (mark != REC_CHUNK_MARK || rec_cursor_u32(&c) != rec_checksum(raw, sizeof raw - 4))
        return failure_set(f, "there is no valid chunk header at byte %llu", at);
    if (length > REC_CHUNK_PAYLOAD_MAX || r->length - place->offset - sizeof raw < length)
        return failure_set(f, "the file ends inside the chunk at byte %llu", at);
    place->length = length + REC_CHUNK_HEADER_SIZE;
    if (place->kind >= REC_CHUNK_KINDS && (place->flags & REC_MUST_UNDERSTAND))
        return failure_set(f, "it has a chunk (kind %u) that this version of heapwise does not know; "
                           "use a newer one", place->kind);
    return 0;
}

/* The payload of a chunk whose header was read, checked. */
static int read_payload(const struct rec_file *r, const struct rec_chunk_place *place,
                        uint32_t checksum, uint8_t **data, struct failure *f) {
    size_t length = place->length - REC_CHUNK_HEADER_SIZE;
    *data = malloc(length + 1);
    if (*data == NULL) return failure_set(f, "out of memory for a chunk of %zu bytes", length);
    int error = read_at(r->fd, *data, length, place->offset + REC_CHUNK_HEADER_SIZE);
    if (error != 0)
        read_failed(error, place->offset, f);
    else if (rec_checksum(*data, length) != checksum)
        failure_set(f, "the chunk at byte %llu is damaged (its checksum differs)",
                    (unsigned long long)place->offset);
    else
        return 0;
    free(*data);
    *data = NULL;
    return -1;
}

int rec_place_load(const struct rec_file *r, const struct rec_chunk_place *place, uint8_t known,
                   uint8_t **data, struct rec_payload *payload, struct failure *f) {
    struct rec_chunk_place found = {.offset = place->offset};
    uint32_t checksum;
    *data = NULL;
    if (read_header(r, &found, &checksum, f) < 0) return -1;
    if (found.kind != place->kind || found.length != place->length ||
        found.sequence != place->sequence)
        return failure_set(f, "the chunk at byte %llu is not the one that the index names",
                           (unsigned long long)place->offset);
    if (read_payload(r, &found, checksum, data, f) < 0) return -1;
    struct failure why;
    if (rec_payload_parse(payload, *data, found.length - REC_CHUNK_HEADER_SIZE, known, &why) < 0) {
        free(*data);
        *data = NULL;
        return failure_set(f, "the chunk at byte %llu: %s", (unsigned long long)place->offset,
                           why.text);
    }
    return 0;
}

static int add_place(struct rec_file *r, const struct rec_chunk_place *place, struct failure *f) {
    if (rec_table_reserve((void **)&r->places, &r->place_capacity, r->place_count, 1, sizeof *place,
                          f) < 0)
        return -1;
    r->places[r->place_count++] = *place;
    return 0;
}

/* Adds the chunk of events that the last place holds. */
static int add_events(struct rec_file *r, const struct rec_event_facts *facts, struct failure *f) {
    if (rec_table_reserve((void **)&r->chunks, &r->chunk_capacity, r->chunk_count, 1,
                          sizeof *r->chunks, f) < 0 ||
        rec_table_reserve((void **)&r->chunk_places, &r->chunk_place_capacity, r->chunk_count, 1,
                          sizeof *r->chunk_places, f) < 0)
        return -1;
    r->chunk_places[r->chunk_count] = r->place_count - 1;
    r->chunks[r->chunk_count++] = (struct rec_chunk){
        .first_event = facts->first_event, .first_block = facts->first_block,
        .events = facts->events, .records = facts->records, .first_tick = facts->first_tick,
        .last_tick = facts->last_tick, .first_thread = facts->first_thread};
    return 0;
}

static int parse_index(struct rec_file *r, struct rec_cursor *c, uint64_t index_offset,
                       struct failure *f) {
    struct rec_chunk_place place = {.offset = REC_FILE_HEADER_SIZE};
    struct rec_event_facts facts = {0};
    while (c->next != c->end) {
        place.kind = rec_cursor_u8(c);
        place.flags = rec_cursor_u8(c);
        uint64_t length = rec_cursor_varint(c);
        if (c->failed || length < REC_CHUNK_HEADER_SIZE || index_offset - place.offset < length ||
            length - REC_CHUNK_HEADER_SIZE > REC_CHUNK_PAYLOAD_MAX)
            return failure_set(f, "its index is damaged");
        place.length = (uint32_t)length;
        if (place.kind >= REC_CHUNK_KINDS && (place.flags & REC_MUST_UNDERSTAND))
            return failure_set(f, "it has a chunk (kind %u) that this version of heapwise does not "
                               "know; use a newer one", place.kind);
        if (add_place(r, &place, f) < 0) return -1;
        if (place.kind == REC_CHUNK_EVENTS) {
            uint64_t events = rec_cursor_varint(c), records = rec_cursor_varint(c);
            uint64_t births = rec_cursor_varint(c), first_tick = rec_cursor_varint(c);
            uint64_t last_tick = first_tick + rec_cursor_varint(c);
            uint64_t first_thread = rec_cursor_varint(c);
            rec_cursor_varint(c); /* last thread */
            rec_cursor_varint(c); /* top node */
            if (c->failed || records > REC_CHUNK_ENTRIES_MAX || events > records ||
                births > events || first_tick > UINT32_MAX || last_tick > UINT32_MAX ||
                last_tick < first_tick || first_thread > UINT32_MAX)
                return failure_set(f, "its index is damaged");
            facts.events = (uint32_t)events;
            facts.records = (uint32_t)records;
            facts.first_tick = (uint32_t)first_tick;
            facts.last_tick = (uint32_t)last_tick;
            facts.first_thread = (uint32_t)first_thread;
            if (add_events(r, &facts, f) < 0) return -1;
            facts.first_event += events;
            facts.first_block += births;
        }
        place.offset += place.length;
        place.sequence++;
    }
    if (place.offset != index_offset) return failure_set(f, "its index does not cover it");
    return 0;
}

int rec_index_load(struct rec_file *r, struct failure *f) {
    struct rec_chunk_place end = {0};
    uint32_t checksum;
    uint8_t *data = NULL, *raw = NULL;
    struct rec_payload payload;
    struct rec_cursor c;
    const uint64_t end_size = REC_CHUNK_HEADER_SIZE + REC_END_SIZE;
    if (r->length < REC_FILE_HEADER_SIZE + end_size)
        return failure_set(f, "it ends before its first chunk does");
    end.offset = r->length - end_size;
    if (read_header(r, &end, &checksum, NULL) < 0 || end.kind != REC_CHUNK_END ||
        end.length != end_size)
        return failure_set(f, "it has no end: the recorder was stopped, or the file was cut");
    if (read_payload(r, &end, checksum, &data, f) < 0) return -1;
    c = (struct rec_cursor){data, data + REC_END_SIZE, 0};
    uint64_t offset = rec_cursor_u64(&c), length = rec_cursor_u64(&c);
    free(data);
    if (offset < REC_FILE_HEADER_SIZE || offset > end.offset || end.offset - offset != length ||
        length > INDEX_LIMIT || length < REC_CHUNK_HEADER_SIZE || end.sequence == 0)
        return failure_set(f, "its end does not lead to its index");
    struct rec_chunk_place place = {.offset = offset, .length = (uint32_t)length,
                                    .kind = REC_CHUNK_INDEX, .sequence = end.sequence - 1};
    if (rec_place_load(r, &place, INDEX_COLUMNS, &data, &payload, f) < 0) return -1;
    int result = rec_payload_column(&payload, INDEX_CHUNKS, INDEX_LIMIT, &raw, &c, f);
    if (result == 0) result = parse_index(r, &c, offset, f);
    free(raw);
    free(data);
    return result;
}

/* Takes in the chunk of events at `place`: they must follow those before without a gap. */
static int scan_events(struct rec_file *r, const struct rec_payload *payload,
                       struct rec_event_facts *next, struct failure *f) {
    struct rec_event_facts facts;
    if (rec_event_head_read(payload, &facts, f) < 0) return -1;
    if (facts.first_event != next->first_event || facts.first_block != next->first_block)
        return failure_set(f, "events are missing before it");
    if (add_events(r, &facts, f) < 0) return -1;
    next->first_event += facts.events;
    next->first_block += facts.births;
    return 0;
}

int rec_index_scan(struct rec_file *r, struct failure *f) {
    r->place_count = r->chunk_count = 0;
    struct rec_event_facts next = {0};
    struct rec_chunk_place place = {.offset = REC_FILE_HEADER_SIZE};
    for (uint32_t sequence = 0; place.offset < r->length; sequence++) {
        uint32_t checksum;
        uint8_t *data = NULL;
        struct rec_payload payload;
        if (read_header(r, &place, &checksum, f) < 0) return 0;
        if (place.sequence != sequence) {
            failure_set(f, "a chunk is missing before byte %llu", (unsigned long long)place.offset);
            return 0;
        }
        if (read_payload(r, &place, checksum, &data, f) < 0) return 0;
        int result = 0;
        if (place.kind == REC_CHUNK_END) {
            free(data);
            return 0;
        }
        if (place.kind != REC_CHUNK_INDEX) {
            result = add_place(r, &place, f);
            if (result == 0 && place.kind == REC_CHUNK_EVENTS) {
                result = rec_payload_parse(&payload, data, place.length - REC_CHUNK_HEADER_SIZE,
                                           REC_EVENTS_COLUMNS, f);
                if (result == 0) result = scan_events(r, &payload, &next, f);
                if (result < 0) r->place_count--;
            }
        }
        free(data);
        if (result < 0) return 0;
        place.offset += place.length;
    }
    return 0;
}
