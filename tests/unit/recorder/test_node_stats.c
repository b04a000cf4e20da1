/* SPDX-License-Identifier: MIT
 * Per-node figures against their definition: after a random history every node's share of the peak
 * is what it held at the moment when all of them together held most, also for figures beyond 32
 * bits. */
#include <stdlib.h>
#include <string.h>

#include "recorder/node_stats.h"
#include "unit/check.h"

/* One node beyond those that allocate has a failure and nothing else, another has nothing. */
enum { NODES = 40, BLOCKS = 500, ONLY_FAILED = NODES, NOTHING = NODES + 1 };

/* In another order than the nodes themselves, with gaps. */
static uint32_t file_node_of(uint32_t node) {
    return 100 + 3 * (node * 7 % NODES);
}

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
    CHECK_EQ_I64(node_stats_init(&s, NODES + 2), 0);
    for (uint32_t n = 0; n < NODES; n++)
        node_stats_name(&s, n, file_node_of(n));
    node_stats_name(&s, ONLY_FAILED, 7);
    node_stats_name(&s, NOTHING, 200);
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
    node_stats_failed(&s, ONLY_FAILED);
    CHECK_EQ_I64(node_stats_collect(&s, temporary ? COLLECT_AND_KEEP : COLLECT_AND_RELEASE, &got, &count), 0);
    CHECK_EQ_U64(count, NODES + 1);
    CHECK_EQ_U64(got->node, 7);
    CHECK_EQ_U64(got->failed, 1);
    CHECK_EQ_U64(got->allocations, 0);
    for (uint32_t n = 0; n < NODES; n++) {
        const struct rec_node_totals *g = &got[1 + n * 7 % NODES];
        CHECK_EQ_U64(g->node, file_node_of(n));
        CHECK_EQ_U64(g->allocations, now[n].allocations);
        CHECK_EQ_U64(g->allocated_bytes, now[n].allocated_bytes);
        CHECK_EQ_U64(g->live_bytes, now[n].live_bytes);
        CHECK_EQ_U64(g->live_blocks, now[n].live_blocks);
        CHECK_EQ_U64(g->peak_bytes, peak[n].live_bytes);
        CHECK_EQ_U64(g->peak_blocks, peak[n].live_blocks);
        CHECK_EQ_U64(g->temporary, now[n].temporary);
        CHECK_EQ_U64(g->temporary_bytes, now[n].temporary_bytes);
        CHECK_EQ_U64(g->failed, n == 3 ? 2 : 0);
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
