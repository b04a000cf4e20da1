/* SPDX-License-Identifier: MIT
 * Reads any bytes as a recording, all that can be read of them (libFuzzer).
 *
 *   clang -fsanitize=fuzzer,address,undefined … && ./fuzz_recording tests/fuzz/corpus/recording */
#include "recording/reader.h"
#include "recording_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    const char *path = recording_input(data, size);
    struct rec_file *r;
    struct failure f;
    if (rec_open(&r, path, &f) == 0) {
        read_all(r);
        rec_close(r);
    }
    rec_check(path, &f);
    return 0;
}
