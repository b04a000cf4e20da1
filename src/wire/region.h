/* SPDX-License-Identifier: MIT
 * The shared region: the one contract between the agent in the profiled process and the recorder.
 *
 * The recorder makes it (a memfd), the agent receives it through the handshake (handshake.h), maps
 * it and keeps no descriptor. It is sparse: what is never touched costs nothing.
 *
 *   header   struct wire_region: facts, the clock, counters
 *   modules  struct wire_module[]: files mapped for execution, appended by the agent
 *   names    struct wire_name[]: what the program calls its pools, marks and scopes (C API)
 *   rings    struct wire_ring[]: one for each thread; ring.h
 *   nodes    struct wire_node[]: the call tree; a node's index is its id, 0 is the root
 *   data     the words of the rings
 *
 * Every field says who writes it and when. The recorder trusts nothing that the agent writes: it
 * copies, checks and uses the copy. Both ends are built together and refuse any other version. */
#ifndef HEAPWISE_WIRE_REGION_H
#define HEAPWISE_WIRE_REGION_H

#include <stddef.h>
#include <stdint.h>

#include "core/atomics.h"
#include "wire/ring_layout.h"
#include "wire_version.h"

#define WIRE_MAGIC 0x31657369777061ull /* "apwise1" */
/* WIRE_VERSION is made by the build from the text of the headers of this folder: agent and recorder
 * of different builds never talk past each other. */
#define WIRE_LINE 64
#define WIRE_PATH_MAX 416
#define WIRE_UNENTERED_MAX 8 /* notes; more such programs are counted */
#define WIRE_UNENTERED_PATH 248
#define WIRE_BUILD_ID_MAX 32

/* How events are ordered between threads (written by the recorder before the agent starts). */
enum wire_clock {
    WIRE_CLOCK_TSC = 1,     /* the timestamp counter: invariant and equal on all cores */
    WIRE_CLOCK_COUNTER = 2, /* a shared counter, incremented for every stamp */
};

enum wire_state {
    WIRE_STARTING = 0, /* recorder: the agent has not mapped the region yet */
    WIRE_RUNNING = 1,  /* agent: events may be in the rings */
    WIRE_CLOSED = 2,   /* recorder: it listens no more; the agent turns itself off */
};

struct wire_module {
    uint64_t start, end; /* agent, before module_count passes it */
    uint64_t bias;
    uint32_t build_id_length;
    uint8_t build_id[WIRE_BUILD_ID_MAX];
    char path[WIRE_PATH_MAX]; /* NUL-terminated; "" is the program itself */
    uint32_t reserved;
};
_Static_assert(sizeof(struct wire_module) == 480, "no padding");

/* A text of the program's, named by its index (0: none). Written once by the agent, before any record
 * that names it is published. */
struct wire_name {
    uint32_t whole; /* WIRE_NAME_WHOLE: the text is complete (release) */
    char text[60];  /* NUL-terminated, cut if longer */
};
_Static_assert(sizeof(struct wire_name) == 64, "no padding");
#define WIRE_NAME_WHOLE 2u
#define WIRE_NAMES_MAX 4096u
/* The frame on top of the stacks of a pool's blocks: no module, and this address plus the name. */
#define WIRE_POOL_ADDRESS 0x1000ull

/* One node: the stack of `parent` and one frame more. Written once by the agent, before any event
 * or node that names it is published. */
struct wire_node {
    uint64_t pc;     /* 63 exact | 62 guessed | 61..48 module id | 47..0 code address */
    uint32_t parent; /* smaller than the node's own id */
    uint32_t reserved;
};
_Static_assert(sizeof(struct wire_node) == 16, "no padding");
#define WIRE_NODE_MODULE_SHIFT 48
#define WIRE_NODE_ADDRESS ((1ull << 48) - 1)
#define WIRE_NODE_EXACT (1ull << 63)
#define WIRE_NODE_GUESSED (1ull << 62)
#define WIRE_MODULES_MAX 8192u /* fits the 14 bits */

/* A program that was started (by exec or spawn) and that no agent could be loaded into. Life of a
 * note; who starts a program may be a child that has no region of its own, or shares our memory:
 *
 *   FREE ──agent takes it──► TAKEN ──text is whole──► WHOLE ──the exec has failed──► FREE */
struct wire_unentered {
    uint32_t state; /* enum wire_note */
    uint32_t why;   /* enum obstacle (core/obstacle.h) */
    char path[WIRE_UNENTERED_PATH]; /* as the program named it; NUL-terminated, cut if longer */
};
enum wire_note { WIRE_NOTE_FREE = 0, WIRE_NOTE_TAKEN = 1, WIRE_NOTE_WHOLE = 2 };

/* What the unwinder counts (unwind.h's struct uw_counters, whose layout this is). */
struct wire_unwind_counters {
    uint64_t captures_guessed, captures_truncated, captures_slow, rules_compiled, private_bytes;
};

struct wire_ring {
    /* Line 0: written by the agent when the ring changes hands. */
    uint32_t owner; /* tid of the thread that writes here; 0: nobody yet */
    uint8_t pad0[WIRE_LINE - 4];
    /* Line 1: written by the owning thread at every event. */
    uint64_t head;    /* words reserved so far */
    uint64_t limit;   /* head may go so far without a look at tail, or at what is mapped */
    uint64_t mapped;  /* words whose pages the owner has looked for (ring_wait.c) */
    uint8_t pad1[WIRE_LINE - 24];
    /* Line 2: written by the recorder; `waiting` also by the owner, before it sleeps. Not in line 1:
     * the recorder's looks at it would take that line away from the owner, time and again. */
    uint64_t tail;    /* words taken so far: release, pairs with the agent's acquire */
    uint32_t space;   /* futex: changes when there is space again */
    uint32_t waiting; /* 1: the owner sleeps on `space`; cleared by the recorder */
    uint8_t pad2[WIRE_LINE - 16];
};
_Static_assert(sizeof(struct wire_ring) == 3 * WIRE_LINE, "three lines");
_Static_assert(offsetof(struct wire_ring, head) == WIRE_LINE, "line 1");
_Static_assert(offsetof(struct wire_ring, tail) == 2 * WIRE_LINE, "line 2");

struct wire_region {
    /* Written by the recorder before the agent sees the region. */
    uint64_t magic;
    uint32_t version;
    uint32_t header_bytes;
    uint64_t bytes; /* of the whole region */
    uint64_t modules_offset, rings_offset, nodes_offset;
    uint32_t modules_max, rings_max, nodes_max;
    uint32_t clock_kind; /* enum wire_clock */
    uint32_t follow;     /* 1: forked children announce themselves too */
    uint32_t abort_where_forbidden; /* 1: an allocation where the program allows none ends it */
    struct wire_ring_layout ring_layout;
    uint64_t names_offset;
    uint32_t silence_max_ms; /* who waits at a full ring gives up after so long without a sign of
                                life from the recorder */
    uint8_t pad0[2 * WIRE_LINE - 124];

    /* The pulse: one look of 8 bytes tells an agent whether anything has changed since its last
     * event. */
    union {
        uint64_t pulse;
        struct {
            uint32_t clock_ms; /* recorder, every millisecond: since it began */
            uint32_t threaded; /* agent: 1 from the first moment of a second thread on, for ever;
                                  then every event carries a stamp */
        };
    };
    uint32_t state; /* enum wire_state */
    uint32_t reserved1;
    uint32_t recorder_thread; /* recorder: its thread's id; the kernel sets FUTEX_OWNER_DIED in it
                                 when that is gone; 0 once the region is let go */
    uint8_t pad1[WIRE_LINE - 20];

    /* Written by the agent, rarely. */
    uint32_t agent_pid;     /* as the process itself sees it */
    uint32_t ring_count;    /* rings ever used: indices below this */
    uint32_t module_count;  /* modules announced; one whose `end` is 0 is not yet whole */
    uint32_t own_allocator; /* 1: the program brings a malloc of its own, which no hook sees */
    /* These four also by forked children that have no region of their own yet: this line is what
     * they still share. */
    uint32_t forks;               /* children begun through libc's fork */
    uint32_t children_unrecorded; /* of these and others: how many could get no region */
    uint32_t children_error;      /* why the last of them could not: an errno */
    uint32_t gave_up; /* 1: the recorder was silent for too long, and the agent turned itself off */
    uint8_t pad2[WIRE_LINE - 32];

    uint32_t node_count;    /* ids handed out; an id in an event is always whole */
    uint32_t nodes_lost;    /* nodes that found no room */
    uint64_t private_bytes; /* memory that the agent mapped for itself */
    struct wire_unwind_counters unwind;
    uint64_t events_unrecorded; /* events met while the agent could not record them */
    uint8_t pad3[2 * WIRE_LINE - 64];

    uint64_t counter; /* WIRE_CLOCK_COUNTER: the last stamp; all threads add */
    uint8_t pad4[WIRE_LINE - 8];

    /* Written by the agent, in forked children too: see `forks`. */
    uint32_t unentered_more; /* for which there was no note */
    uint32_t went_on;        /* 1: agent_pid itself executed the last of them */
    struct wire_unentered unentered[WIRE_UNENTERED_MAX];
};
_Static_assert(sizeof(struct wire_region) <= 4096, "a page: what forked children share (agent)");

/* A page that is met by a write is mapped alone. A look maps all that there are in a stretch of so many
 * bytes (the kernel's fault_around_bytes), for a fifth of the time and without a system call; and the
 * recorder makes them ahead (pages_ahead.h). So who fills a large part of the region looks once in so
 * many bytes. The stretches do not begin where his do: he looks at the next one. */
#define WIRE_LOOK_BYTES 65536
static inline void wire_look_ahead(const volatile uint64_t *place) {
    (void)load_relaxed(place); /* another thread may be writing there already */
}

_Static_assert(offsetof(struct wire_region, clock_ms) == 2 * WIRE_LINE, "own line");
_Static_assert(offsetof(struct wire_region, agent_pid) == 3 * WIRE_LINE, "own line");
_Static_assert(offsetof(struct wire_region, node_count) == 4 * WIRE_LINE, "own line");
_Static_assert(offsetof(struct wire_region, counter) == 6 * WIRE_LINE, "own line");

#endif
