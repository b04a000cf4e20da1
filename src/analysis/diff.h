/* SPDX-License-Identifier: MIT
 * Two recordings side by side, stack by stack.
 *
 * Stacks are the same when they pass the same functions, whatever the addresses, the builds and the
 * formats of the files. So that they can be:
 *   - plumbing (plumbing.h) is left out, of which some formats have more than others, unless a
 * stack has nothing else; recursion is collapsed
 *   - a function without a name counts as its module; several in a row are one
 *   - with AN_DIFF_BARE_NAMES overloads of a function count as one: some formats leave arguments
 * out
 *   - a module is known by the name of its file, without what follows ".so"
 *   - source lines count only with AN_DIFF_LINES: an edit further up in a file moves all of them
 *
 * Invariants: stack 0 is the root; a stack's parent, its caller, has a smaller index; the costs of
 * all stacks add up to those of both profiles. */
#ifndef HEAPWISE_ANALYSIS_DIFF_H
#define HEAPWISE_ANALYSIS_DIFF_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/cost.h"
#include "analysis/frames.h"
#include "analysis/profile.h"
#include "analysis/text_table.h"
#include "base/failure.h"
#include "recording/reader.h"

enum an_side { AN_BEFORE, AN_AFTER, AN_SIDES };
enum an_diff_by { AN_DIFF_FUNCTIONS, AN_DIFF_LINES };

/* Bare names are for files of different formats. */
enum an_diff_names { AN_DIFF_WHOLE_NAMES, AN_DIFF_BARE_NAMES };

struct an_diff_stack {
    uint32_t parent;
    uint32_t name; /* of its innermost function: text of `names` */
    uint32_t line; /* part of what it is with AN_DIFF_LINES; else where it stands, or 0 */
    uint32_t reserved;
    const char *file;                /* of the source, or NULL; owned by a recording */
    const char *module;              /* path, or NULL */
    struct an_costs costs[AN_SIDES]; /* of the allocations of this very stack */
};

struct an_diff {
    enum an_diff_by by;
    enum an_diff_names named;
    struct an_diff_stack *stacks;
    size_t count, capacity;
    uint32_t *slots; /* (parent, name, line) -> stack + 1 */
    size_t slot_count;
    struct an_text_table names;
};

int an_diff_init(struct an_diff *d, enum an_diff_by by, enum an_diff_names named,
                 struct failure *f);
/* How two files must be named so that their functions are found in each other. */
enum an_diff_names an_diff_names_for(const struct rec_file *before, const struct rec_file *after);
void an_diff_release(struct an_diff *d);
/* Adds one side's answer. The recording and its frames must live as long as `d`. */
int an_diff_add(struct an_diff *d, enum an_side side, struct rec_file *r, struct an_frames *frames,
                const struct an_profile *p, struct failure *f);

enum an_change { AN_SAME, AN_NEW, AN_GONE, AN_GROWN, AN_SHRUNK, AN_CHANGES };
/* What became of a figure. */
static inline enum an_change an_change_of(uint64_t before, uint64_t after) {
    if (before == after) return AN_SAME;
    if (before == 0) return AN_NEW;
    if (after == 0) return AN_GONE;
    return after > before ? AN_GROWN : AN_SHRUNK;
}
extern const char *const an_change_names[AN_CHANGES];

/* A stack whose main figure of a cost changed. */
struct an_diff_entry {
    uint32_t stack;
    uint32_t reserved;
    uint64_t before, after;
};
/* Those that changed by at least `least`, the greatest change first; the caller frees it. NULL when
 * memory is out. */
struct an_diff_entry *an_diff_list(const struct an_diff *d, enum an_cost cost, uint64_t least,
                                   size_t *count);

#endif
