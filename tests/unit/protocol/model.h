/* SPDX-License-Identifier: MIT
 * A small model checker that runs real code: every interleaving of a few tasks, to the end.
 *
 * Nouns:
 *   task      a function on a stack of its own. It stops before each load (and, where handlers may
 * come, before each store) of shared memory: what lies between two stops is one step core      what
 * tasks run on: a store buffer. The task and the handler that interrupts it share one, and the
 * handler runs to its end before the task goes on buffer    stores that the others do not see yet.
 * They leave in order, as on x86, or, where that is asked for, a relaxed store may overtake any
 * earlier one to another word, a release store none world     all memory that steps depend on; its
 * hash tells states apart
 *
 * model_explore tries every choice (which task steps next, which store leaves which buffer) in
 * every state once: the state is put back, not run up to again. A check that fails prints the
 * choices that led to it. Between its steps a task must depend on nothing but the world and its own
 * stack. */
#ifndef HEAPWISE_TESTS_UNIT_MODEL_H
#define HEAPWISE_TESTS_UNIT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_TASKS = 4, MODEL_STACK = 64 << 10, MODEL_BUFFER = 24 };
enum model_order { MODEL_RELAXED, MODEL_RELEASE };

struct model_task {
    void (*run)(void);
    unsigned core;
    bool handler; /* begins at any moment while another task of its core is under way; once at most
                   */
};

/* MODEL_IN_ORDER: as on x86. MODEL_OUT_OF_ORDER: relaxed stores overtake. */
enum model_stores { MODEL_IN_ORDER, MODEL_OUT_OF_ORDER };

/* Deliberate mistakes, to see that they are found. */
enum model_mistake { MODEL_SOUND, MODEL_NO_RELEASE, MODEL_NO_FENCE };

struct model_options {
    const struct model_task *tasks;
    unsigned task_count;
    void *world;
    size_t world_bytes;
    void *more; /* the rest of it, where that lies elsewhere; may be NULL */
    size_t more_bytes;
    void (*start)(void);      /* sets the world up */
    const char *(*end)(void); /* when no task can go on: NULL, or what is wrong */
    unsigned kills;           /* bit i: task i may be killed at any moment */
    unsigned jumps; /* bit i: a handler may jump out of task i, which then begins its next part */
    enum model_stores stores;
    enum model_mistake mistake;
};

struct model_result {
    uint64_t states, ends; /* different ones; ways to have come to an end */
    const char *wrong;     /* NULL: nothing. Static text */
};

struct model_result model_explore(const struct model_options *options);
/* In a step: what is wrong, from here on. */
void model_fail(const char *what);
/* In a task: whether task `i` sleeps, and whether it has ended or was killed. */
bool model_is_asleep(unsigned i);
bool model_has_ended(unsigned i);
bool model_is_quiet(void); /* no store waits in any buffer */
/* In a task that may be jumped out of: calls `part` with 0, 1, … until it gives false. A jump ends
 * the running part and begins the next. */
void model_parts(bool (*part)(unsigned number));

uint64_t model_load(const void *word, size_t bytes);
void model_store(void *word, size_t bytes, uint64_t value, enum model_order order);
uint64_t model_add(void *word, size_t bytes, uint64_t n);
uint64_t model_add_local(uint64_t *word, uint64_t n);
bool model_swap(void *word, size_t bytes, uint64_t expected, uint64_t desired);
void model_fence(void);
long model_futex(uint32_t *word, bool wait, uint32_t value);

#endif
