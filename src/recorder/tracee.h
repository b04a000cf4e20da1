/* SPDX-License-Identifier: MIT
 * A tracee: one process that is being recorded, from its handshake to its end.
 *
 * Everything in `region` is written by a process that we do not trust: offsets, limits and ids are
 * our own copies here, and what is read from there is checked before use. */
#ifndef HEAPWISE_RECORDER_TRACEE_H
#define HEAPWISE_RECORDER_TRACEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/failure.h"
#include "recorder/facts.h"
#include "recorder/live_heap.h"
#include "recorder/node_stats.h"
#include "recorder/owed_ends.h"
#include "recorder/region_layout.h"
#include "recorder/timeline.h"
#include "recording/writer.h"
#include "wire/region.h"

/* The recorder's side of one ring. */
struct ring_reader {
    const uint64_t *data;
    uint64_t tail;  /* words taken */
    uint64_t given; /* of these, given back to the owner */
    uint64_t mask;  /* capacity - 1 */
    uint64_t made;  /* bytes whose pages have been made ahead of the owner */
    uint64_t end; /* nothing is taken from here on: set for the last drain, so that it ends even if
                     somebody still writes */
    uint32_t capacity_log2;
    uint32_t thread;     /* index in the recording of the ring's present owner, or RING_OF_NOBODY */
    uint32_t tid;        /* that owner */
    uint32_t named;      /* 1: the program itself named the owner, whatever the kernel calls it */
    uint64_t last_birth; /* block number + 1 when this thread's last event in the recording was its
                            birth; else 0 */
    uint64_t last_stamp;
    uint64_t
        pending_since; /* monotonic ms at which its first record was seen unfinished; 0: not so */
};

#define RING_OF_NOBODY UINT32_MAX /* nothing of it has been read yet */

/* An end whose stamp lies just before that of the birth of its block (see account.c). */
struct early_end {
    uint64_t address, stamp;
    struct ring_reader *ring; /* in which it was met */
    uint32_t thread;          /* its owner then */
};
#define EARLY_ENDS_MAX 32
#define EARLY_ENDS_SPAN                                                                            \
    (1u << 16) /* ticks of the timestamp counter: some 20 µs, 100 times what it takes */

struct tracee {
    struct tracee *next; /* of those that run, or of those that wait to be finished */
    pid_t pid;
    int pidfd;
    int memory_fd; /* of the region: to see how much of it is in use */
    int statm_fd;  /* /proc/PID/statm; -1 when gone */
    enum wire_clock clock;
    bool forked;
    bool first;   /* of the run */
    bool started; /* its agent has mapped the region */
    bool ended;
    bool dying;       /* it was seen to have no memory any more */
    bool end_to_come; /* how it ended is told later (finisher.h) */
    uint32_t quiet_ms; /* for how long it has written nothing */
    uint64_t events_seen;
    struct process_facts *facts; /* as they were at its handshake */
    char *path;                  /* of the recording */
    struct stat executable;      /* as it was at its handshake, if it could be read */
    bool knows_executable;
    bool is_another_program; /* when last looked */
    char *unentered;         /* what it went on as since, unrecorded; NULL: nothing is known */

    struct wire_region *region;
    struct region_layout layout;
    struct ring_reader *rings;
    uint32_t rings_known;
    uint32_t *file_module; /* agent's module id -> module of the recording; 0: not yet given */

    struct live_heap *heap;
    struct node_stats stats;
    uint64_t nodes_made; /* bytes whose pages have been made ahead of the agent */
    uint32_t nodes_left; /* nodes below it were read, and their pages let go */
    struct timeline timeline;
    struct owed_ends owed;
    struct told *told; /* told.h; NULL until the program tells something of itself */
    struct early_end early[EARLY_ENDS_MAX];
    uint32_t early_count;

    struct rec_writer *writer;
    struct rec_event_buffer *events; /* of the writer */
    uint32_t file_nodes;
    uint32_t current_thread; /* of the event stream */
    uint32_t tick;           /* of the event stream */
    uint32_t start_ms;       /* the recorder's clock at tick 0 */
    uint64_t live_bytes, live_blocks;
    uint64_t rss_bytes;
    uint64_t events_at_snapshot;
    struct rec_totals totals;
    struct rec_histogram sizes, lifetimes;
    bool out_of_memory;  /* the recording ends at the event that there was no room for */
    uint64_t file_bytes; /* after the end */
    struct failure failure; /* the first thing that went wrong with its recording; "" if nothing */
};

struct tracee *tracee_create(pid_t pid, bool forked, struct failure *f);
/* After tracee_finish. */
void tracee_destroy(struct tracee *t);

/* Memory for the event at hand cannot be had: the recording ends before it, unfinished, so that its
 * figures are those of its events, and the agent turns itself off. */
void tracee_out_of_memory(struct tracee *t);

/* Region of size class `attempt` (handshake.h), replacing one that could not be mapped. */
int tracee_make_region(struct tracee *t, uint32_t attempt, bool follow, enum wire_clock clock,
                       struct failure *f);

/* drain.c: takes what is in the rings, in order. `final`: the process is no more, so take
 * everything, and step over records that never became whole. Returns the share of the fullest ring
 * in 1/256. */
enum drain_how { DRAIN_RUNNING, DRAIN_FINAL };
uint32_t tracee_drain(struct tracee *t, enum drain_how how);

/* account.c: one event each, in their final order. `node` and `thread` are the agent's node id and
 * our ring; `stamp` is 0 where there is none. */
void account_birth(struct tracee *t, struct ring_reader *r, uint64_t address, uint64_t size,
                   uint32_t node, uint64_t stamp);
void account_end(struct tracee *t, struct ring_reader *r, uint64_t address, uint64_t stamp);
void account_move(struct tracee *t, struct ring_reader *r, uint64_t old, uint64_t address,
                  uint64_t size, uint32_t node, uint64_t before, uint64_t stamp);
void account_failure(struct tracee *t, struct ring_reader *r, uint64_t size, uint32_t node);
void account_tick(struct tracee *t, uint32_t tick);
/* Ends that found no block, with stamps before `until`, are of blocks that this recording does not
 * know. */
void account_early_ends(struct tracee *t, uint64_t until);

/* learn.c: tells the recording of a node, and of all its callers and modules, that it has not yet.
 */
void tracee_learn_node(struct tracee *t, uint32_t node);
void tracee_learn_thread(struct tracee *t, struct ring_reader *r, uint32_t tid);
/* Reads the names of threads again; programs set them late. */
void tracee_learn_names(struct tracee *t);

/* own_suppressions.c: after the end, before the symbols. */
void tracee_learn_suppressions(struct tracee *t);

/* sample.c */
void tracee_sample_rss(struct tracee *t);
/* Whether it will never run again, though the kernel may still be busy with its end, and how it
 * ended is not to be had yet. To be asked every millisecond; it looks seldom once the process has
 * written no event for long. */
bool tracee_is_dying(struct tracee *t);
struct rec_time_point tracee_now(const struct tracee *t);

/* finish.c: ends a recording. */
struct finish_options {
    const char *const *debug_directories;
    bool use_debuginfod;
    bool c_library_lines;
    bool resolve_symbols;
    void (*progress)(void *context, const char *what, size_t done, size_t total);
    void *progress_context;
};
/* What a process shared with us. */
struct tracee_memory {
    struct wire_region *region;
    struct region_layout layout;
    int fd;
};
/* The process is gone (or is let go): takes what is left in its rings and lets go of the region, which
 * the caller releases: after it has handed the rest over, since the kernel takes a while. Both in the
 * thread that made the region. */
struct tracee_memory tracee_end(struct tracee *t);
void tracee_memory_release(const struct tracee_memory *shared);
/* How it ended. `status` is the exit status or the signal. */
void tracee_ended(struct tracee *t, enum rec_end how, uint64_t status);
/* After tracee_end, in any thread: writes all that follows from the events, and resolves symbols.
 * `summary` must stay where it is until tracee_finish, which writes the rest and closes the file. */
void tracee_sum_up(struct tracee *t, const struct finish_options *options,
                   struct rec_summary *summary);
void tracee_finish(struct tracee *t, struct rec_summary *summary);
/* Writes a snapshot of this moment. False when it would be too large beside the heap, or memory is
 * out. */
bool tracee_snapshot(struct tracee *t);
/* The same when enough has happened since the last one. */
void tracee_snapshot_if_due(struct tracee *t);

#endif
