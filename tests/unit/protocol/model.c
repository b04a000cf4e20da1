/* SPDX-License-Identifier: MIT
 * The model checker of model.h: tasks as coroutines, their steps, and the search over all states.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CORES = MODEL_TASKS, TRACE_MAX = 1 << 16 };

struct store {
    void *word;
    uint64_t value;
    uint32_t bytes, order;
};

struct task {
    void *sp; /* while it stands still */
    void *sleeps_on;
    void **part_target; /* for __builtin_longjmp; on its stack */
    uint32_t started, ended, asleep, jumps_now;
};

/* All of the model's own state. */
static struct machine {
    struct task tasks[MODEL_TASKS];
    struct store buffers[CORES][MODEL_BUFFER];
    uint32_t waiting[CORES]; /* stores in the buffer */
    uint32_t killed, jumped;
} m;

static _Alignas(64) unsigned char stacks[MODEL_TASKS][MODEL_STACK];
static const struct model_options *options;
static unsigned now; /* the task that runs */
static void *search_sp;
static const char *wrong;

/* ---- tasks ---- */

void model_switch(void **from, void *to);
__asm__(".text\n.globl model_switch\n.type model_switch,@function\nmodel_switch:\n"
        "push %rbp\npush %rbx\npush %r12\npush %r13\npush %r14\npush %r15\n"
        "mov %rsp, (%rdi)\nmov %rsi, %rsp\n"
        "pop %r15\npop %r14\npop %r13\npop %r12\npop %rbx\npop %rbp\nret\n"
        ".size model_switch, . - model_switch\n");

static void stand_still(void) {
    model_switch(&m.tasks[now].sp, search_sp);
}

static void task_main(void) {
    options->tasks[now].run();
    m.tasks[now].ended = 1;
    stand_still();
}

static void task_prepare(unsigned i) {
    uint64_t *top = (uint64_t *)(void *)(stacks[i] + MODEL_STACK - 64);
    *--top = 0;
    *--top = (uint64_t)(uintptr_t)task_main;
    for (int saved = 0; saved < 6; saved++)
        *--top = 0;
    m.tasks[i].sp = top;
}

static void task_go(unsigned i) {
    now = i;
    m.tasks[i].started = 1;
    model_switch(&search_sp, m.tasks[i].sp);
}

static void step(void) {
    stand_still();
    if (!m.tasks[now].jumps_now) return;
    m.tasks[now].jumps_now = 0;
    __builtin_longjmp(m.tasks[now].part_target, 1);
}

void model_parts(bool (*part)(unsigned number)) {
    void *target[5];
    volatile unsigned number = 0;
    m.tasks[now].part_target = target;
    if (__builtin_setjmp(target) != 0) number++;
    while (part(number))
        number++;
    m.tasks[now].part_target = NULL;
}

bool model_is_asleep(unsigned i) {
    return m.tasks[i].asleep;
}
bool model_has_ended(unsigned i) {
    return m.tasks[i].ended && m.waiting[options->tasks[i].core] == 0;
}
bool model_is_quiet(void) {
    for (unsigned core = 0; core < CORES; core++)
        if (m.waiting[core] != 0) return false;
    return true;
}
void model_fail(const char *what) {
    if (wrong == NULL) wrong = what;
}

/* ---- store buffers ---- */

static bool overlap(const struct store *s, const void *word, size_t bytes) {
    const char *a = s->word, *b = word;
    return a < b + bytes && b < a + s->bytes;
}

static uint64_t memory_read(const void *word, size_t bytes) {
    uint64_t value = 0;
    memcpy(&value, word, bytes);
    return value;
}

static void store_leaves(unsigned core, unsigned at) {
    struct store *b = m.buffers[core], s = b[at];
    memcpy(s.word, &s.value, s.bytes);
    memmove(&b[at], &b[at + 1], (--m.waiting[core] - at) * sizeof *b);
    memset(&b[m.waiting[core]], 0, sizeof *b);
}

static bool store_may_leave(unsigned core, unsigned at) {
    const struct store *b = m.buffers[core];
    if (options->stores == MODEL_IN_ORDER) return at == 0;
    if (at > 0 && b[at].order == MODEL_RELEASE && options->mistake != MODEL_NO_RELEASE)
        return false;
    for (unsigned i = 0; i < at; i++)
        if (overlap(&b[i], b[at].word, b[at].bytes)) return false;
    return true;
}

static void drain_buffer(void) {
    unsigned core = options->tasks[now].core;
    while (m.waiting[core] > 0)
        store_leaves(core, 0);
}

static uint64_t read_now(const void *word, size_t bytes) {
    unsigned core = options->tasks[now].core;
    for (unsigned i = m.waiting[core]; i-- > 0;) {
        const struct store *s = &m.buffers[core][i];
        if (s->word == word && s->bytes == bytes) return s->value;
        if (overlap(s, word, bytes)) drain_buffer();
    }
    return memory_read(word, bytes);
}

static void buffer_store(void *word, size_t bytes, uint64_t value, enum model_order order) {
    unsigned core = options->tasks[now].core;
    if (m.waiting[core] == MODEL_BUFFER) store_leaves(core, 0);
    m.buffers[core][m.waiting[core]++] =
        (struct store){.word = word, .value = value, .bytes = (uint32_t)bytes, .order = order};
}

/* Whether it matters what lies between a task's stores. */
static bool is_disturbed(void) {
    if (options->kills != 0 || options->jumps != 0) return true;
    for (unsigned i = 0; i < options->task_count; i++)
        if (options->tasks[i].handler && options->tasks[i].core == options->tasks[now].core)
            return true;
    return false;
}

uint64_t model_load(const void *word, size_t bytes) {
    step();
    return read_now(word, bytes);
}

void model_store(void *word, size_t bytes, uint64_t value, enum model_order order) {
    if (is_disturbed()) step();
    buffer_store(word, bytes, value, order);
}

uint64_t model_add_local(uint64_t *word, uint64_t n) {
    if (is_disturbed()) step();
    uint64_t before = read_now(word, sizeof *word);
    buffer_store(word, sizeof *word, before + n, MODEL_RELAXED);
    return before;
}

uint64_t model_add(void *word, size_t bytes, uint64_t n) {
    step();
    drain_buffer();
    uint64_t before = memory_read(word, bytes), after = before + n;
    memcpy(word, &after, bytes);
    return before;
}

bool model_swap(void *word, size_t bytes, uint64_t expected, uint64_t desired) {
    step();
    drain_buffer();
    if (memory_read(word, bytes) != expected) return false;
    memcpy(word, &desired, bytes);
    return true;
}

void model_fence(void) {
    step();
    if (options->mistake != MODEL_NO_FENCE) drain_buffer();
}

long model_futex(uint32_t *word, bool wait, uint32_t value) {
    step();
    if (options->mistake != MODEL_NO_FENCE || wait) drain_buffer();
    if (!wait) {
        for (unsigned i = 0; i < options->task_count; i++)
            if (m.tasks[i].sleeps_on == word) m.tasks[i].asleep = 0, m.tasks[i].sleeps_on = NULL;
        return 0;
    }
    if (memory_read(word, sizeof *word) != value) return -11; /* EAGAIN */
    m.tasks[now].asleep = 1;
    m.tasks[now].sleeps_on = word;
    step();
    return 0;
}

/* ---- states ---- */

struct snapshot {
    unsigned char *bytes;
    size_t size, capacity;
};

static size_t stack_used(unsigned i) {
    return (size_t)(stacks[i] + MODEL_STACK - (unsigned char *)m.tasks[i].sp);
}

static void take(struct snapshot *s) {
    size_t size = sizeof m + options->world_bytes + options->more_bytes;
    for (unsigned i = 0; i < options->task_count; i++)
        size += stack_used(i);
    if (size > s->capacity) {
        free(s->bytes);
        s->bytes = malloc(size);
        if (s->bytes == NULL) abort();
        s->capacity = size;
    }
    s->size = size;
    unsigned char *to = s->bytes;
    to = (unsigned char *)memcpy(to, &m, sizeof m) + sizeof m;
    to = (unsigned char *)memcpy(to, options->world, options->world_bytes) + options->world_bytes;
    if (options->more_bytes > 0)
        to = (unsigned char *)memcpy(to, options->more, options->more_bytes) + options->more_bytes;
    for (unsigned i = 0; i < options->task_count; i++)
        to = (unsigned char *)memcpy(to, m.tasks[i].sp, stack_used(i)) + stack_used(i);
}

static void put_back(const struct snapshot *s) {
    const unsigned char *from = s->bytes;
    memcpy(&m, from, sizeof m);
    from += sizeof m;
    memcpy(options->world, from, options->world_bytes);
    from += options->world_bytes;
    if (options->more_bytes > 0) memcpy(options->more, from, options->more_bytes);
    from += options->more_bytes;
    for (unsigned i = 0; i < options->task_count; i++) {
        memcpy(m.tasks[i].sp, from, stack_used(i));
        from += stack_used(i);
    }
}

struct name {
    uint64_t a, b;
};

static struct name name_of(const struct snapshot *s) {
    struct name n = {0x9e3779b97f4a7c15ull, s->size};
    for (size_t i = 0; i < s->size; i += 8) {
        uint64_t word = 0;
        memcpy(&word, s->bytes + i, s->size - i < 8 ? s->size - i : 8);
        n.a = (n.a ^ word) * 0xbf58476d1ce4e5b9ull;
        n.a ^= n.a >> 29;
        n.b = (n.b + word) * 0x94d049bb133111ebull;
        n.b ^= n.b >> 31;
    }
    n.a |= 1;
    return n;
}

/* Those met so far. */
static struct {
    struct name *names;
    size_t count, capacity;
} met;

static bool meet(struct name n) {
    if (2 * met.count >= met.capacity) {
        size_t old = met.capacity;
        struct name *before = met.names;
        met.capacity = old == 0 ? 1 << 16 : 2 * old;
        met.names = calloc(met.capacity, sizeof *met.names);
        if (met.names == NULL) abort();
        met.count = 0;
        for (size_t i = 0; i < old; i++)
            if (before[i].a != 0) meet(before[i]);
        free(before);
    }
    for (size_t i = n.b & (met.capacity - 1);; i = (i + 1) & (met.capacity - 1)) {
        if (met.names[i].a == n.a && met.names[i].b == n.b) return false;
        if (met.names[i].a != 0) continue;
        met.names[i] = n;
        met.count++;
        return true;
    }
}

/* ---- choices ---- */

enum kind { STEP, STORE, KILL, JUMP };
struct choice {
    uint8_t kind, task, at; /* STORE: of core `task` */
};
struct choices {
    struct choice list[MODEL_TASKS * (MODEL_BUFFER + 3)];
    unsigned count;
};

static bool may_step(unsigned i) {
    const struct model_task *t = &options->tasks[i];
    if (m.tasks[i].ended) return false;
    for (unsigned k = 0; k < options->task_count; k++) {
        if (k == i || options->tasks[k].core != t->core) continue;
        if (t->handler && !m.tasks[i].started && (!m.tasks[k].started || m.tasks[k].ended))
            return false;
        if (!t->handler && m.tasks[k].started && !m.tasks[k].ended)
            return false; /* a handler runs */
    }
    return !m.tasks[i].asleep;
}

static void choices_find(struct choices *c) {
    c->count = 0;
    for (uint8_t i = 0; i < options->task_count; i++) {
        if (may_step(i)) c->list[c->count++] = (struct choice){STEP, i, 0};
        if (!m.tasks[i].started || m.tasks[i].ended) continue;
        if ((options->kills >> i & 1) != 0 && !m.killed)
            c->list[c->count++] = (struct choice){KILL, i, 0};
        if ((options->jumps >> i & 1) != 0 && !m.jumped && m.tasks[i].part_target != NULL)
            c->list[c->count++] = (struct choice){JUMP, i, 0};
    }
    for (uint8_t core = 0; core < CORES; core++)
        for (uint8_t at = 0; at < m.waiting[core]; at++)
            if (store_may_leave(core, at)) c->list[c->count++] = (struct choice){STORE, core, at};
}

static void choose(struct choice c) {
    switch ((enum kind)c.kind) {
    case STEP:
        /* A handler ends the sleep of whom it interrupts. */
        for (unsigned k = 0; k < options->task_count && options->tasks[c.task].handler; k++)
            if (k != c.task && options->tasks[k].core == options->tasks[c.task].core)
                m.tasks[k].asleep = 0, m.tasks[k].sleeps_on = NULL;
        task_go(c.task);
        break;
    case STORE:
        store_leaves(c.task, c.at);
        break;
    case KILL:
        m.killed = 1;
        m.tasks[c.task].ended = 1;
        break;
    case JUMP:
        m.jumped = 1;
        m.tasks[c.task].jumps_now = 1;
        m.tasks[c.task].asleep = 0;
        m.tasks[c.task].sleeps_on = NULL;
        task_go(c.task);
        break;
    }
}

/* ---- the search ---- */

struct node {
    struct snapshot state;
    struct choices choices;
    unsigned next;
};

static void tell(const struct node *path, size_t depth) {
    static const char *const names[] = {"step of task", "store of core", "end of task",
                                        "jump of task"};
    fprintf(stderr, "%s, after:", wrong);
    for (size_t i = 0; i < depth; i++) {
        struct choice c = path[i].choices.list[path[i].next - 1];
        fprintf(stderr, " %s %u%s", names[c.kind], c.task,
                c.kind == STORE && c.at > 0 ? " (overtakes)" : "");
        fputc(i + 1 < depth ? ',' : '\n', stderr);
    }
}

struct model_result model_explore(const struct model_options *o) {
    struct model_result result = {0};
    struct node *path = calloc(TRACE_MAX, sizeof *path);
    size_t depth = 0;
    if (path == NULL) abort();
    options = o;
    wrong = NULL;
    memset(&m, 0, sizeof m);
    memset(stacks, 0, sizeof stacks);
    memset(&met, 0, sizeof met);
    o->start();
    for (unsigned i = 0; i < o->task_count; i++)
        task_prepare(i);
    take(&path[0].state);
    choices_find(&path[0].choices);
    depth = 1;
    while (depth > 0 && wrong == NULL) {
        struct node *at = &path[depth - 1];
        if (at->next == at->choices.count) {
            depth--;
            continue;
        }
        put_back(&at->state);
        choose(at->choices.list[at->next++]);
        if (wrong != NULL || depth + 1 == TRACE_MAX) break;
        struct node *child = &path[depth];
        take(&child->state);
        if (!meet(name_of(&child->state))) continue;
        result.states++;
        choices_find(&child->choices);
        child->next = 0;
        if (child->choices.count == 0) {
            result.ends++;
            const char *bad = o->end();
            if (bad != NULL) model_fail(bad);
            continue;
        }
        depth++;
    }
    if (depth + 1 == TRACE_MAX) model_fail("the search is too deep");
    if (wrong != NULL && o->mistake == MODEL_SOUND) tell(path, depth);
    result.wrong = wrong;
    for (size_t i = 0; i < TRACE_MAX; i++)
        free(path[i].state.bytes);
    free(path);
    free(met.names);
    return result;
}
