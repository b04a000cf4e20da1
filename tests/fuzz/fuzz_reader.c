/* SPDX-License-Identifier: MIT
 * Fuzzes the reader of recordings: everything that the reader can be asked is asked of each input.
 * Built by tools/fuzz with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording/reader.h"

/* A chunk may claim more records than fit anywhere; the reader must not believe it, nor do we. */
enum { RECORDS_MAX = 1 << 22, CHUNKS_MAX = 64, ADDRESSES_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_tables(struct rec_file *r) {
    struct failure f;
    size_t count;
    (void)rec_damage(r);
    (void)rec_process(r);
    (void)rec_totals(r);
    (void)rec_modules(r, &count);
    (void)rec_threads(r, &count);
    (void)rec_timeline(r, &count);
    (void)rec_sizes(r);
    (void)rec_lifetimes(r);
    (void)rec_nodes(r, &count, &f);
    (void)rec_node_totals(r, &count, &f);
    (void)rec_leaked(r, &count, &f);
    if (rec_addresses(r, &count, &f) == NULL) return;
    for (size_t i = 0; i < count && i < ADDRESSES_MAX; i++) {
        size_t frames;
        (void)rec_frames(r, (uint32_t)i, &frames, &f);
    }
}

static void ask_events(struct rec_file *r) {
    struct failure f;
    size_t count;
    const struct rec_chunk *chunks = rec_chunks(r, &count);
    for (size_t i = 0; i < count && i < CHUNKS_MAX; i++) {
        if (chunks[i].records > RECORDS_MAX) continue;
        struct rec_event *events = calloc((size_t)chunks[i].records + 1, sizeof *events);
        if (events == NULL) return;
        (void)rec_chunk_decode(r, i, events, &f);
        free(events);
    }
    (void)rec_snapshots(r, &count);
    for (size_t i = 0; i < count && i < CHUNKS_MAX; i++) {
        struct rec_node_totals *nodes = NULL;
        struct rec_live_block *blocks = NULL;
        size_t node_count, block_count;
        if (rec_snapshot_load(r, i, &nodes, &node_count, &blocks, &block_count, &f) != 0) continue;
        free(nodes);
        free(blocks);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int fd = memfd_create("recording", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct rec_file *r = NULL;
    struct failure f;
    if (rec_open(&r, path, &f) == 0) {
        ask_tables(r);
        ask_events(r);
        rec_close(r);
    }
    close(fd);
    return 0;
}
