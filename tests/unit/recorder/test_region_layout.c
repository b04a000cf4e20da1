/* SPDX-License-Identifier: MIT
 * The rings of a region lie one behind the other, each as long as it says, up to the region's end;
 * the first are not smaller than the later ones; and each attempt asks for less than the one
 * before. */
#include "recorder/region_layout.h"
#include "unit/check.h"

static void check_rings(const struct region_layout *l) {
    uint64_t at = l->data.data_offset;
    uint32_t before = 63;
    for (uint32_t ring = 0; ring < l->rings_max; ring++) {
        uint32_t log2 = wire_ring_log2(&l->data, ring);
        CHECK_EQ_U64(wire_ring_offset(&l->data, ring), at);
        CHECK(log2 <= before && log2 >= 10);
        at += 8ull << log2;
        before = log2;
    }
    CHECK_EQ_U64(l->bytes, at);
}

int main(void) {
    uint64_t bytes = UINT64_MAX;
    for (uint32_t attempt = 0; attempt < 3; attempt++) {
        struct region_layout l = region_layout_of(attempt);
        check_rings(&l);
        CHECK(l.bytes < bytes);
        bytes = l.bytes;
    }
    return 0;
}
