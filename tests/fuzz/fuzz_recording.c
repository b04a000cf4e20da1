/* SPDX-License-Identifier: MIT
 * Reads any bytes as a recording, all that can be read of them (libFuzzer).
 *
 *   clang -fsanitize=fuzzer,address,undefined … && ./fuzz_recording tests/fuzz/corpus/recording
 *
 * Checksums are made right first: otherwise nearly every input would end at the first of them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording/checksum.h"
#include "recording/format.h"
#include "recording/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t get_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_u32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (8 * i));
}

static void repair_checksums(uint8_t *data, size_t size) {
    if (size < REC_FILE_HEADER_SIZE) return;
    memcpy(data, REC_FILE_MAGIC, REC_FILE_MAGIC_SIZE);
    put_u32(data + 12, rec_checksum(data, 12));
    uint32_t sequence = 0;
    for (size_t at = REC_FILE_HEADER_SIZE; size - at >= REC_CHUNK_HEADER_SIZE;) {
        uint8_t *header = data + at;
        size_t left = size - at - REC_CHUNK_HEADER_SIZE, length = get_u32(header + 8);
        if (length > left) length = left;
        put_u32(header, REC_CHUNK_MARK);
        put_u32(header + 8, (uint32_t)length);
        put_u32(header + 12, sequence++);
        put_u32(header + 16, rec_checksum(header + REC_CHUNK_HEADER_SIZE, length));
        put_u32(header + 20, rec_checksum(header, 20));
        at += REC_CHUNK_HEADER_SIZE + length;
    }
}

static void read_all(struct rec_file *r) {
    size_t chunk_count, count, block_count, snapshots;
    struct failure f;
    const struct rec_chunk *chunks = rec_chunks(r, &chunk_count);
    for (size_t i = 0; i < chunk_count; i++) {
        struct rec_event *events = malloc((chunks[i].records + 1) * sizeof *events);
        if (events != NULL) rec_chunk_decode(r, i, events, &f);
        free(events);
    }
    rec_addresses(r, &count, &f);
    rec_node_totals(r, &count, &f);
    rec_leaked(r, &count, &f);
    rec_frames(r, 1, &count, &f);
    rec_snapshots(r, &snapshots);
    for (size_t i = 0; i < snapshots; i++) {
        struct rec_node_totals *nodes;
        struct rec_live_block *blocks;
        if (rec_snapshot_load(r, i, &nodes, &count, &blocks, &block_count, &f) < 0) continue;
        free(nodes);
        free(blocks);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int file = -1;
    char path[64];
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL) return 0;
    memcpy(copy, data, size);
    repair_checksums(copy, size);
    if (file < 0) file = memfd_create("recording", 0);
    if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, copy, size, 0) != (ssize_t)size) abort();
    free(copy);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    struct rec_file *r;
    struct failure f;
    if (rec_open(&r, path, &f) == 0) {
        read_all(r);
        rec_close(r);
    }
    rec_check(path, &f);
    return 0;
}
