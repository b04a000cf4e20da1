/* SPDX-License-Identifier: MIT
 * Reads any bytes as a recording, all that can be read of them, once as they are and once with their
 * checksums made right (libFuzzer). */
#include "recording/reader.h"
#include "recording_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ADDRESSES_MAX = 4096 };

static void read_all(struct rec_file *r) {
    size_t chunk_count, count, block_count, snapshots;
    struct failure f;
    const struct rec_chunk *chunks = rec_chunks(r, &chunk_count);
    for (size_t i = 0; i < chunk_count; i++) {
        struct rec_event *events = malloc((chunks[i].records + 1) * sizeof *events);
        if (events != NULL) rec_chunk_decode(r, i, events, &f);
        free(events);
    }
    (void)rec_process(r);
    (void)rec_totals(r);
    (void)rec_sizes(r);
    (void)rec_lifetimes(r);
    rec_modules(r, &count);
    rec_threads(r, &count);
    rec_timeline(r, &count);
    rec_marks(r, &count);
    rec_pools(r, &count);
    rec_forbidden(r, &count, &f);
    rec_nodes(r, &count, &f);
    if (rec_addresses(r, &count, &f) != NULL)
        for (size_t i = 0, frames; i < count && i < ADDRESSES_MAX; i++)
            if (rec_frames(r, (uint32_t)i, &frames, &f) == NULL) break; /* all of them are damaged */
    rec_node_totals(r, &count, &f);
    rec_leaked(r, &count, &f);
    rec_snapshots(r, &snapshots);
    for (size_t i = 0; i < snapshots; i++) {
        struct rec_node_totals *nodes;
        struct rec_live_block *blocks;
        if (rec_snapshot_load(r, i, &nodes, &count, &blocks, &block_count, &f) < 0) continue;
        free(nodes);
        free(blocks);
    }
}

static void open_and_read(const char *path) {
    struct rec_file *r;
    struct failure f = {""};
    if (rec_open(&r, path, &f) == 0) {
        read_all(r);
        rec_close(r);
    } else if (f.text[0] == '\0') {
        abort(); /* refused without a word */
    }
    rec_check(path, &f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open_and_read(recording_input(data, size, RECORDING_AS_IT_IS));
    open_and_read(recording_input(data, size, RECORDING_REPAIRED));
    return 0;
}
