/* SPDX-License-Identifier: MIT
 * Per-node figures against their definition: after a random history every node's share of the peak
 * is what it held at the moment when all of them together held most, also for figures beyond 32
 * bits. */
#include <stdlib.h>
#include <string.h>

#include "recorder/node_stats.h"
#include "unit/check.h"

enum { NODES = 40, BLOCKS = 500 };

static uint64_t state = 1181783497276652981ull;
static uint64_t random_next(void) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

static void history(uint64_t size_limit, int temporary) {
    struct node_stats s;
    struct rec_node_totals now[NODES], peak[NODES], *got;
    struct {
        uint64_t size;
        uint32_t node;
    } block[BLOCKS];
    uint64_t live = 0, most = 0;
    size_t count;
    memset(now, 0, sizeof now);
    memset(peak, 0, sizeof peak);
    memset(block, 0, sizeof block);
    CHECK_EQ_I64(node_stats_init(&s, NODES), 0);
    for (uint32_t n = 0; n < NODES; n++)
        s.nodes[n].file_node = n + 100;
    s.touched = NODES;
    for (int i = 0; i < 100000; i++) {
        int b = (int)(random_next() % BLOCKS);
        if (block[b].size != 0) {
            uint32_t n = block[b].node;
            node_stats_death(&s, n, block[b].size);
            if (temporary && i % 3 == 0) {
                node_stats_temporary(&s, n, block[b].size);
                now[n].temporary++;
                now[n].temporary_bytes += block[b].size;
            }
            now[n].live_bytes -= block[b].size;
            now[n].live_blocks--;
            live -= block[b].size;
            block[b].size = 0;
            continue;
        }
        uint32_t n = (uint32_t)(random_next() % NODES);
        block[b].size = random_next() % size_limit + 1;
        block[b].node = n;
        node_stats_birth(&s, n, block[b].size);
        now[n].allocations++;
        now[n].allocated_bytes += block[b].size;
        now[n].live_bytes += block[b].size;
        now[n].live_blocks++;
        live += block[b].size;
        if (live > most) {
            most = live;
            node_stats_peak(&s);
            memcpy(peak, now, sizeof peak);
        }
    }
    node_stats_failed(&s, 3);
    node_stats_failed(&s, 3);
    CHECK_EQ_I64(node_stats_collect(&s, temporary ? COLLECT_AND_KEEP : COLLECT_AND_RELEASE, &got, &count), 0);
    CHECK_EQ_U64(count, NODES);
    for (uint32_t n = 0; n < NODES; n++) {
        CHECK_EQ_U64(got[n].node, n + 100);
        CHECK_EQ_U64(got[n].allocations, now[n].allocations);
        CHECK_EQ_U64(got[n].allocated_bytes, now[n].allocated_bytes);
        CHECK_EQ_U64(got[n].live_bytes, now[n].live_bytes);
        CHECK_EQ_U64(got[n].live_blocks, now[n].live_blocks);
        CHECK_EQ_U64(got[n].peak_bytes, peak[n].live_bytes);
        CHECK_EQ_U64(got[n].peak_blocks, peak[n].live_blocks);
        CHECK_EQ_U64(got[n].temporary, now[n].temporary);
        CHECK_EQ_U64(got[n].temporary_bytes, now[n].temporary_bytes);
        CHECK_EQ_U64(got[n].failed, n == 3 ? 2 : 0);
    }
    free(got);
    node_stats_release(&s);
}

int main(void) {
    history(1000, 1);
    history(3000000, 1);    /* nodes become wide by what they allocated in all */
    history(7ull << 30, 1); /* and by a single block */
    history(5000, 0);
    return 0;
}
