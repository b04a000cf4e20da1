/* SPDX-License-Identifier: MIT
 * The recording that another tool's file is turned into.
 *
 * Nouns:
 *   location   a place in the code with the frames that the file names for it; it becomes a code
 *              address of the recording. Files without addresses get made-up ones
 *   node       a call stack, as in the recording: its innermost location and its caller's node
 *
 * A file that keeps events is given event by event, and the target counts them; one that keeps
 * totals alone is given by node. Order of calls: open; then modules, locations, nodes, events and
 * totals in any mixture, each after what it names; then finish or give_up. A failed call leaves the
 * target failed: im_target_finish tells why, so that readers need not look at every step. */
#ifndef HEAPWISE_IMPORT_TARGET_H
#define HEAPWISE_IMPORT_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "recording/event.h"
#include "recording/tables.h"

struct im_target;

/* Writes to `path`. `process->source` says what the file knows. */
int im_target_open(struct im_target **out, const char *path, const struct rec_process *process,
                   struct failure *f);
/* Writes the end. Frees the target. */
int im_target_finish(struct im_target *t, struct failure *f);
void im_target_give_up(struct im_target *t);

/* The index of a module of this path; "" is module 0. `bias`: run-time address minus address in the
 * file, where it is known. The same path and bias give the same index. */
uint32_t im_target_module(struct im_target *t, const char *path, uint64_t bias);

/* A location with `count` frames, innermost first; strings are copied, and NULL is unknown. Address
 * 0: the file does not know one. The same module and address give the same location, with the
 * frames of the first call; without an address the same frames in the same module do. */
uint32_t im_target_location(struct im_target *t, uint32_t module, uint64_t address,
                            const struct rec_frame *frames, size_t count);
/* One that nothing but the address is known of, so that whoever reads the recording looks for its
 * symbols. `exact` 0: it is a return address. */
uint32_t im_target_address(struct im_target *t, uint32_t module, uint64_t address, int exact);

/* A new node, though there may be one of the same parent and location: numbered 1, 2, … in turn. */
uint32_t im_target_node(struct im_target *t, uint32_t parent, uint32_t location);
/* The node of this parent and location, new or known. */
uint32_t im_target_child(struct im_target *t, uint32_t parent, uint32_t location);

void im_target_event(struct im_target *t, enum rec_kind kind, uint64_t size, uint64_t block,
                     uint32_t node);
/* The number that the next block will bear. */
uint64_t im_target_next_block(const struct im_target *t);
/* From here on it is `ms` since the start; time that runs backwards stands still. */
void im_target_time(struct im_target *t, uint64_t ms);
/* Resident memory from here on. */
void im_target_rss(struct im_target *t, uint64_t bytes);

/* The program's own list of leaks to suppress, in LeakSanitizer's syntax, and what had it. */
void im_target_suppressions(struct im_target *t, const char *text, const char *from);

/* For files without events: adds to what `totals->node` came to. The recording's totals are the
 * sums. */
void im_target_add(struct im_target *t, const struct rec_node_totals *totals);
void im_target_point(struct im_target *t, const struct rec_time_point *point);
/* Totals besides the sums; fields that the sums decide are passed over. */
struct rec_totals *im_target_totals(struct im_target *t);

#endif
