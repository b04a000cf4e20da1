/* SPDX-License-Identifier: MIT
 * Lines of heaptrack's files that tell what happened. See heaptrack_reader.h. */
#include "import/heaptrack_reader.h"

#include "import/numbers.h"

static int bad_stack(const struct im_heaptrack_reader *r, uint64_t stack, struct failure *f) {
    return im_input_bad_line(r->in, f, "there is no call stack %llu", (unsigned long long)stack);
}

static int read_kind_of_block(struct im_heaptrack_reader *r, const char *at, struct failure *f) {
    uint64_t size, stack;
    if (im_take_hex(&at, &size) != 0 || im_take_hex(&at, &stack) != 0)
        return im_input_bad_line(r->in, f, "the allocation is incomplete");
    if (stack > r->traces) return bad_stack(r, stack, f);
    return im_heaptrack_live_kind(&r->live, size, (uint32_t)stack) == 0
               ? 0
               : im_heaptrack_out_of_memory(r, f);
}

static int read_allocation(struct im_heaptrack_reader *r, const char *at, struct failure *f) {
    uint64_t first, stack, address, block = im_target_next_block(r->target);
    if (im_take_hex(&at, &first) != 0)
        return im_input_bad_line(r->in, f, "the allocation is incomplete");
    if (!r->has_pointers) {
        if (first >= r->live.kind_count)
            return im_input_bad_line(r->in, f, "there is no allocation %llu",
                                     (unsigned long long)first);
        const struct im_heaptrack_kind *kind = &r->live.kinds[first];
        im_target_event(r->target, REC_ALLOC, kind->size, 0, kind->node);
        return im_heaptrack_live_birth(&r->live, (uint32_t)first, block) == 0
                   ? 0
                   : im_heaptrack_out_of_memory(r, f);
    }
    if (im_take_hex(&at, &stack) != 0 || im_take_hex(&at, &address) != 0)
        return im_input_bad_line(r->in, f, "the allocation is incomplete");
    if (stack > r->traces) return bad_stack(r, stack, f);
    im_target_event(r->target, REC_ALLOC, first, 0, (uint32_t)stack);
    return im_block_map_put(&r->pointers, address, block) == 0 ? 0
                                                               : im_heaptrack_out_of_memory(r, f);
}

static int read_free(struct im_heaptrack_reader *r, const char *at, struct failure *f) {
    uint64_t which, block;
    if (im_take_hex(&at, &which) != 0)
        return im_input_bad_line(r->in, f, "the deallocation is incomplete");
    int known = r->has_pointers ? im_block_map_take(&r->pointers, which, &block) == 0
                                : im_heaptrack_live_end(&r->live, which, &block) == 0;
    if (known)
        im_target_event(r->target, REC_FREE, 0, block, 0);
    else
        im_target_event(r->target, REC_UNKNOWN_FREE, which, 0, 0);
    return 0;
}

static int read_time(struct im_heaptrack_reader *r, const char *at, struct failure *f) {
    uint64_t ms;
    if (im_take_hex(&at, &ms) != 0) return im_input_bad_line(r->in, f, "the time is incomplete");
    im_target_time(r->target, ms);
    return 0;
}

static int read_rss(struct im_heaptrack_reader *r, const char *at, struct failure *f) {
    uint64_t pages, bytes;
    if (im_take_hex(&at, &pages) != 0) return im_input_bad_line(r->in, f, "the RSS is incomplete");
    if (!__builtin_mul_overflow(pages, r->page_size, &bytes)) im_target_rss(r->target, bytes);
    return 0;
}

int im_heaptrack_event(struct im_heaptrack_reader *r, char letter, const char *at,
                       struct failure *f) {
    switch (letter) {
    case 'a':
        return read_kind_of_block(r, at, f);
    case '+':
        return read_allocation(r, at, f);
    case '-':
        return read_free(r, at, f);
    case 'c':
        return read_time(r, at, f);
    default:
        return read_rss(r, at, f);
    }
}
