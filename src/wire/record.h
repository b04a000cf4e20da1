/* SPDX-License-Identifier: MIT
 * The records in a ring: words of 8 bytes, the same for both ends.
 *
 * Bit 63 of EVERY word is the lap bit: words written in the first pass over the ring have it set,
 * in the second pass clear, and so on. Memory that has not been written in this pass therefore
 * never looks written, and nobody has to clear anything.
 *
 *   first word   63 lap | 62..58 kind | 57 stamped | 56..48 zero | 47..0 address
 *   ALLOC        + [lap | 62..32 size | 31..0 node]                       size < 2^31
 *   ALLOC_BIG    + [node] [size]                                          any other size
 *   FREE         (nothing)
 *   REALLOC      + [node] [size] [old address]      address: the new block; one event
 *   FAILED       + [node] [size]                    address: 0
 *   TICK         address: clock_ms, which changed since this ring's last record
 *   OWNER        address: tid of the thread that writes from here on
 *   POOL_ALLOC   + [node] [size] [old address, or 0] [pool]      address: the new block; one event
 *   POOL_FREE    + [pool]
 *   POOL_RESET   + [pool]                           address: 0; all the pool's blocks end
 *   MARK         + [name]                           address: enum wire_mark
 *   FORBIDDEN    + [node] [size]                    address: name; the allocation just recorded was
 *                                                   made where the program allows none
 *   stamped ALLOC, ALLOC_BIG, FREE, FAILED and all from POOL_ALLOC on  + [stamp]
 *   stamped REALLOC                         + [stamp after the real call] [stamp before it]
 *
 * Names are indices into the region's table of names; a pool is its name in bits 15..0 and a number
 * that tells pools of one name apart above it.
 *
 * A record is published by the last store to its first word. Until then that word says PENDING with
 * the record's length, so that a record that never becomes whole (its thread was killed in the
 * middle) can be stepped over. The recorder then writes all its words for this pass, so that every
 * word that the tail has passed carries the lap bit of its pass, whoever wrote it. Life of the
 * words of a record:
 *
 *   free (other lap) --owner reserves, stores--> PENDING --owner stores--> whole
 *        ^                                         |                         |
 *        |        recorder, only when its owner is gone or has left it      | recorder
 *        +-------------------------- taken (tail passes) <-------------------+
 */
#ifndef HEAPWISE_WIRE_RECORD_H
#define HEAPWISE_WIRE_RECORD_H

#include <stdint.h>

enum wire_kind {
    WIRE_PENDING = 0, /* the address field holds the record's length in words */
    WIRE_ALLOC = 1,
    WIRE_ALLOC_BIG = 2,
    WIRE_FREE = 3,
    WIRE_REALLOC = 4,
    WIRE_FAILED = 5,
    WIRE_TICK = 6,
    WIRE_OWNER = 7,
    WIRE_POOL_ALLOC = 8,
    WIRE_POOL_FREE = 9,
    WIRE_POOL_RESET = 10,
    WIRE_MARK = 11,
    WIRE_FORBIDDEN = 12,
    WIRE_KINDS
};

enum wire_mark {
    WIRE_MARK_MOMENT = 0,
    WIRE_MARK_SNAPSHOT = 1,    /* the recorder is to write a snapshot, too */
    WIRE_MARK_THREAD_NAME = 2, /* no mark: the name of the thread that writes it */
};

#define WIRE_POOL_NAME 0xffffull

#define WIRE_LAP (1ull << 63)
#define WIRE_KIND_SHIFT 58
#define WIRE_STAMPED_SHIFT 57 /* right below the kind */
#define WIRE_STAMPED (1ull << WIRE_STAMPED_SHIFT)
#define WIRE_ADDRESS ((1ull << 48) - 1)
#define WIRE_SMALL_SIZE (1ull << 31) /* sizes below it fit an ALLOC */
#define WIRE_WORDS_MAX 6

/* Length in words of a whole record, from its first word; 0 for a kind that does not exist. */
static inline uint32_t wire_words(uint64_t first) {
#define WORDS(kind, plain, stamped) [2 * (kind)] = (plain), [2 * (kind) + 1] = (stamped)
    static const uint8_t words[64] = {
        WORDS(WIRE_ALLOC, 2, 3),      WORDS(WIRE_ALLOC_BIG, 3, 4),  WORDS(WIRE_FREE, 1, 2),
        WORDS(WIRE_REALLOC, 4, 6),    WORDS(WIRE_FAILED, 3, 4),     WORDS(WIRE_TICK, 1, 0),
        WORDS(WIRE_OWNER, 1, 0),      WORDS(WIRE_POOL_ALLOC, 5, 6), WORDS(WIRE_POOL_FREE, 2, 3),
        WORDS(WIRE_POOL_RESET, 2, 3), WORDS(WIRE_MARK, 2, 3),       WORDS(WIRE_FORBIDDEN, 3, 4),
    };
#undef WORDS
    return words[first >> WIRE_STAMPED_SHIFT & 63];
}

/* The lap bit of the word at position `position` of a ring with 2^capacity_log2 words. */
static inline uint64_t wire_lap(uint64_t position, uint32_t capacity_log2) {
    return ~(position << (63 - capacity_log2)) & WIRE_LAP;
}

#endif
