/* SPDX-License-Identifier: MIT
 * The tables of a recording besides its events: plain structures, shared by writer and reader.
 *
 * Every index is 0-based. Strings are NUL-terminated UTF-8 (or whatever bytes the program had: they
 * are data, never markup), owned as each function says. Bytes are requested sizes. */
#ifndef HEAPWISE_RECORDING_TABLES_H
#define HEAPWISE_RECORDING_TABLES_H

#include <stdint.h>

#define REC_NONE UINT32_MAX
#define REC_BUILD_ID_MAX 32

/* What a recording can tell that was made from another tool's file; one that heapwise recorded itself
 * can tell all of it. A figure that is not known means nothing, whatever stands in its place in the
 * tables (0, where there are no events); it is shown as not known, never as a number. */
enum rec_known {
    REC_KNOWS_TIME = 1 << 0,          /* ticks are milliseconds of the run */
    REC_KNOWS_EVENTS = 1 << 1,        /* each event in its order; without them there are totals alone */
    REC_KNOWS_FREES = 1 << 2,         /* how many blocks ended, and their bytes */
    REC_KNOWS_LIFETIMES = 1 << 3,     /* which very block a free ended */
    REC_KNOWS_THREADS = 1 << 4,
    REC_KNOWS_TEMPORARY = 1 << 5,
    REC_KNOWS_CALLS = 1 << 6,         /* number of allocations */
    REC_KNOWS_ALLOCATED = 1 << 7,     /* their bytes */
    REC_KNOWS_PEAK = 1 << 8,          /* bytes alive at the peak */
    REC_KNOWS_PEAK_BLOCKS = 1 << 9,
    REC_KNOWS_LEAKED = 1 << 10,       /* bytes alive at the end */
    REC_KNOWS_LEAKED_BLOCKS = 1 << 11,
    REC_KNOWS_FAILED = 1 << 12,
    REC_KNOWS_REALLOCATIONS = 1 << 13,
    REC_KNOWS_SIZES = 1 << 14,        /* the size of each block */
    REC_KNOWS_RSS = 1 << 15,
};
#define REC_KNOWN_COUNT 16

/* The file of another tool that a recording was made from. */
struct rec_source {
    const char *format;    /* "heaptrack 3", "massif", "pprof", ... */
    const char *generator; /* the program that wrote the file, or "" */
    const char *time_unit; /* what ticks count when REC_KNOWS_TIME is not there, or "" */
    uint64_t time_scale;   /* such units a tick */
    uint32_t known;        /* enum rec_known */
    uint32_t is_sampled;   /* 1: the tool saw some allocations alone, and the figures are its estimates */
};

/* Facts of the process, known when it is first seen. */
struct rec_process {
    uint32_t pid, parent_pid;
    uint32_t forked;             /* 1: began by fork of a recorded process, so it inherited blocks */
    uint32_t page_size;
    uint64_t start_unix_ns;      /* time of day of tick 0 */
    const char *executable;      /* absolute path */
    const char *working_directory;
    const char *const *command;  /* the argument vector, NULL-terminated */
    const char *const *environment_names; /* names only, NULL-terminated */
    const char *host, *kernel;   /* as uname tells them */
    const char *clock;           /* what orders events between threads: "tsc" or "counter" */
    const struct rec_source *source; /* NULL: recorded by heapwise itself */
};

/* A file mapped for execution in the process. Module 0 always exists and stands for "no file" (code
 * made at run time, or unknown); its offsets are absolute addresses. */
struct rec_module {
    const char *path;
    uint64_t start, end;   /* where its mappings lay, [start, end) */
    uint64_t bias;         /* run-time address minus address in the file */
    uint8_t build_id[REC_BUILD_ID_MAX];
    uint32_t build_id_length; /* 0: it has none */
    uint32_t reserved;
};

/* One code address. For a return address (exact == 0) a symbol is looked up at address - 1. */
struct rec_address {
    uint64_t address;  /* run-time address */
    uint32_t module;
    uint8_t exact;     /* 1: the very instruction, as in the frame that a signal interrupted */
    uint8_t guessed;   /* 1: reached through a frame pointer, where there was no unwind information */
    uint8_t reserved[2];
};

/* One call stack: its innermost frame and the stack of its caller. node 0 is the root; a parent's
 * index is always smaller than its child's. */
struct rec_node {
    uint32_t parent;
    uint32_t address;  /* index into the address table */
};

/* Special addresses in module 0, which stand for what could not be seen. */
#define REC_ADDRESS_UNWIND_STOPPED 1 /* the outermost frame of a stack whose callers are unknown */

/* One source-level frame of an address; inlined frames come innermost first and the last one of an
 * address is the function that really stands there. */
struct rec_frame {
    const char *function; /* linkage name as in the symbol table (mangled), or NULL */
    const char *file;     /* or NULL */
    uint32_t line;        /* 0: unknown */
    uint32_t inlined;     /* 1: this function was inlined into the next frame */
};

struct rec_thread {
    uint32_t tid;
    uint32_t reserved;
    char name[16];
};

/* A moment that the program named, and what held then. */
struct rec_mark {
    uint32_t tick, thread; /* thread: index */
    uint64_t event;        /* events before it (of all kinds but THREAD and TICK) */
    uint64_t live_bytes, live_blocks;
    uint64_t allocations, allocated_bytes; /* since the start of the recording */
    uint32_t has_snapshot; /* 1: the recording has a snapshot of it */
    uint32_t reserved;
    const char *name;
};

/* A pool of the program's. Its blocks' innermost frame is at address REC_ADDRESS_POOLS + number, in
 * module 0, and is shown as "[pool NAME]". */
struct rec_pool {
    uint32_t number;
    const char *name;
};
#define REC_ADDRESS_POOLS 0x1000
#define REC_POOLS_MAX 0xfff
/* Set in the address of a living block that is a pool's. */
#define REC_POOL_BLOCK (1ull << 47)

/* Allocations by one call stack inside a piece of the program that allows none. */
struct rec_forbidden {
    uint32_t node, reserved;
    uint64_t allocations, bytes;
    const char *label; /* which piece: "file.c:17" */
};

/* What one node's own allocations (not its callees') came to. */
struct rec_node_totals {
    uint32_t node;
    uint32_t reserved;
    uint64_t allocations, allocated_bytes;
    uint64_t temporary, temporary_bytes;
    uint64_t failed;
    uint64_t live_blocks, live_bytes; /* at the moment asked about; at the end these are the leaks */
    uint64_t peak_blocks, peak_bytes; /* at the moment of the process's peak */
};

/* One point of the timeline: what held in the bucket of ticks that begins at `tick`. */
struct rec_time_point {
    uint32_t tick;
    uint32_t reserved;
    uint64_t live_bytes, live_blocks;  /* at the end of the bucket */
    uint64_t peak_bytes;               /* the most within the bucket */
    uint64_t allocations, allocated_bytes; /* since the start of the recording */
    uint64_t rss_bytes;                /* last sample; the agent's own memory is taken off */
};

/* Totals of a recording. `allocations` counts every block that came into being and `frees` every
 * block that ended: a successful realloc of a block ends one, brings one, and is counted once more
 * in `reallocations` (also where the block that it ended was not known, or had been ended before:
 * then it is not one of `frees`). A block is temporary when its end is the next event of the very thread that
 * brought it into being, right after its birth. */
struct rec_totals {
    uint64_t allocations, frees, reallocations, failed, unknown_frees;
    uint64_t allocated_bytes, freed_bytes;
    uint64_t temporary, temporary_bytes;
    uint64_t leaked_blocks, leaked_bytes;
    uint64_t peak_bytes, peak_blocks, peak_tick, peak_event; /* peak_event: number of events (of all
                                                  kinds but THREAD and TICK) up to and with the peak */
    uint64_t duration_ms, peak_rss_bytes;
    uint64_t threads, events;       /* events: all kinds but THREAD and TICK */
    /* What could not be seen or had to be guessed. */
    uint64_t stacks_truncated;      /* captures whose outermost callers are unknown */
    uint64_t stacks_guessed;        /* captures that passed a frame by its frame pointer */
    uint64_t order_repairs;         /* events whose order between threads had to be settled later */
    uint64_t lost_events;           /* records that never became whole (the thread was killed in it) */
    uint64_t region_bytes;          /* shared memory that heapwise used beside the program, at most */
    uint64_t ended_by_signal;       /* 0, or the signal that ended the process */
    uint64_t exit_status;           /* of a process that exited */
    uint64_t ended_how;             /* enum rec_end */
};

enum rec_end {
    REC_END_UNKNOWN = 0, REC_END_EXIT = 1, REC_END_SIGNAL = 2, REC_END_EXEC = 3,
    REC_END_DETACHED = 4, /* the recorder stopped listening before the process ended */
};

#define REC_HISTOGRAM_BUCKETS 65 /* bucket b counts values v with bit length b: 0, 1, 2-3, 4-7, … */
struct rec_histogram {
    uint64_t count[REC_HISTOGRAM_BUCKETS];
    uint64_t bytes[REC_HISTOGRAM_BUCKETS];
};

#endif
