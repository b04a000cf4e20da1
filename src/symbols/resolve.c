/* SPDX-License-Identifier: MIT
 * Resolves the addresses of a recording: module by module, on two threads. See symbols.h. */
#include <libelf.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "symbols/dwarf_guard.h"
#include "symbols/frame_list.h"
#include "symbols/module_symbols.h"
#include "symbols/perf_map.h"
#include "symbols/symbols.h"

#define WORKERS 2
#define ADDRESSES_FOR_TWO 256 /* with fewer a thread costs more than it brings */
#define PROGRESS_NS 100000000

/* The addresses of one module: lookups[first .. first + count). */
struct share {
    uint32_t module;
    size_t first, count;
};

struct job {
    const struct rec_module *modules;
    const struct sym_options *options;
    struct sym_lookup *lookups; /* grouped by module, ascending inside */
    uint8_t *worker_of;         /* of each lookup */
    struct share *shares;       /* those with most addresses first */
    size_t share_count, total;
    pthread_mutex_t lock;
    pthread_cond_t finished;
    /* Under the lock. */
    size_t next_share, done, running;
    int failed;
    uint32_t broken_module; /* one whose debug information libdw failed on; 0: none */
};

struct worker {
    struct job *job;
    struct sym_frame_list list;
    size_t counted; /* addresses of the share at hand that job->done counts already */
    uint64_t reported_ns;
    uint8_t number;
};

static int resolve_share(struct worker *worker, const struct share *share) {
    struct job *job = worker->job;
    struct sym_lookup *lookups = job->lookups + share->first;
    memset(job->worker_of + share->first, worker->number, share->count);
    if (share->module == 0)
        return sym_perf_map_file(job->options->pid, lookups, share->count, &worker->list);
    return sym_module_resolve(&job->modules[share->module], lookups, share->count, job->options,
                              &worker->list);
}

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The caller's progress function is called on the caller's thread alone, without the lock. */
static void report(struct job *job, size_t done) {
    if (job->options->progress != NULL)
        job->options->progress(job->options->progress_context, done, job->total);
}

static void on_advanced(void *context, size_t addresses) {
    struct worker *worker = context;
    pthread_mutex_lock(&worker->job->lock);
    size_t done = worker->job->done += addresses;
    pthread_mutex_unlock(&worker->job->lock);
    worker->counted += addresses;
    if (worker->number != 0 || worker->job->options->progress == NULL) return;
    uint64_t now = now_ns();
    if (now - worker->reported_ns < PROGRESS_NS) return;
    worker->reported_ns = now;
    report(worker->job, done);
}

static void work(struct worker *worker) {
    struct job *job = worker->job;
    worker->list.advanced = on_advanced;
    worker->list.advanced_context = worker;
    pthread_mutex_lock(&job->lock);
    while (job->next_share < job->share_count && !job->failed) {
        struct share *share = &job->shares[job->next_share++];
        pthread_mutex_unlock(&job->lock);
        worker->counted = 0;
        int result = resolve_share(worker, share);
        pthread_mutex_lock(&job->lock);
        if (result < 0) job->failed = 1;
        if (result == SYM_MODULE_BROKEN) job->broken_module = share->module;
        job->done += share->count - worker->counted;
    }
    job->running--;
    pthread_cond_signal(&job->finished);
    pthread_mutex_unlock(&job->lock);
}

static void *work_on_thread(void *argument) {
    work(argument);
    return NULL;
}

static void wait_for_others(struct job *job) {
    pthread_mutex_lock(&job->lock);
    while (job->running > 0) {
        size_t before = job->done;
        pthread_mutex_unlock(&job->lock);
        report(job, before);
        pthread_mutex_lock(&job->lock);
        if (job->running == 0) break;
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PROGRESS_NS;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&job->finished, &job->lock, &until);
    }
    pthread_mutex_unlock(&job->lock);
}

static void run(struct job *job, struct worker *workers) {
    pthread_t thread;
    job->running = 1;
    int has_thread = 0;
    if (job->total >= ADDRESSES_FOR_TWO && job->share_count > 1) {
        job->running = 2;
        has_thread = pthread_create(&thread, NULL, work_on_thread, &workers[1]) == 0;
        if (!has_thread) job->running = 1;
    }
    report(job, 0);
    work(&workers[0]);
    if (has_thread) {
        wait_for_others(job);
        pthread_join(thread, NULL);
    }
    report(job, job->done);
}

struct order {
    uint32_t module, index;
    uint64_t address;
};

static int compare_order(const void *a, const void *b) {
    const struct order *x = a, *y = b;
    if (x->module != y->module) return x->module < y->module ? -1 : 1;
    if (x->address != y->address) return x->address < y->address ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int compare_shares(const void *a, const void *b) {
    const struct share *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return x->module < y->module ? -1 : x->module > y->module;
}

/* What to look up for an address: the instruction itself, in the terms of its file. The call before
 * a return address may be the last of its function, so the return address itself could be in the
 * next one. A module that the table does not have is no file. */
static struct order order_of(const struct rec_address *address, size_t index,
                             const struct rec_module *modules, size_t module_count) {
    struct order order = {.index = (uint32_t)index};
    order.module = address->module < module_count ? address->module : 0;
    order.address = address->address - (order.module > 0 ? modules[order.module].bias : 0);
    if (!address->exact) order.address--;
    return order;
}

static int prepare(struct job *job, const struct rec_module *modules, size_t module_count,
                   const struct rec_address *addresses, size_t count) {
    struct order *orders = malloc((count + 1) * sizeof *orders);
    job->lookups = calloc(count + 1, sizeof *job->lookups);
    job->worker_of = calloc(count + 1, 1);
    job->shares = malloc((module_count + 1) * sizeof *job->shares);
    if (orders == NULL || job->lookups == NULL || job->worker_of == NULL || job->shares == NULL) {
        free(orders);
        return -1;
    }
    for (size_t i = 0; i < count; i++)
        orders[i] = order_of(&addresses[i], i, modules, module_count);
    if (count > 1) qsort(orders, count, sizeof *orders, compare_order);
    for (size_t i = 0; i < count; i++) {
        job->lookups[i].address = orders[i].address;
        job->lookups[i].index = orders[i].index;
        if (i == 0 || orders[i].module != orders[i - 1].module)
            job->shares[job->share_count++] = (struct share){orders[i].module, i, 0};
        job->shares[job->share_count - 1].count++;
    }
    free(orders);
    if (job->share_count > 1)
        qsort(job->shares, job->share_count, sizeof *job->shares, compare_shares);
    return 0;
}

/* Brings the workers' frames into the order of the addresses; one without any gets an empty frame,
 * so that every address has at least one. */
static int assemble(struct sym_result *out, const struct job *job, const struct worker *workers) {
    size_t count = job->total, frame_count = 0;
    out->first = calloc(count + 1, sizeof *out->first);
    size_t *place = malloc((count + 1) * sizeof *place);
    if (out->first == NULL || place == NULL) {
        free(place);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        frame_count += job->lookups[i].count > 0 ? job->lookups[i].count : 1;
        place[job->lookups[i].index] = i;
    }
    if (frame_count < UINT32_MAX) out->frames = calloc(frame_count + 1, sizeof *out->frames);
    if (out->frames == NULL) {
        free(place);
        return -1;
    }
    uint32_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const struct sym_lookup *lookup = &job->lookups[place[i]];
        const struct sym_frame_list *list = &workers[job->worker_of[place[i]]].list;
        out->first[i] = at;
        for (uint32_t j = 0; j < lookup->count; j++)
            out->frames[at + j] = list->frames[lookup->first + j];
        at += lookup->count > 0 ? lookup->count : 1;
    }
    out->first[count] = at;
    out->address_count = count;
    free(place);
    return 0;
}

int sym_resolve(struct sym_result *out, const struct rec_module *modules, size_t module_count,
                const struct rec_address *addresses, size_t address_count,
                const struct sym_options *options, struct failure *f) {
    static const struct sym_options none;
    memset(out, 0, sizeof *out);
    if (elf_version(EV_CURRENT) == EV_NONE)
        return failure_set(f, "cannot read symbols: libelf is too old");
    if (address_count >= UINT32_MAX)
        return failure_set(f, "cannot read symbols: %zu addresses are too many", address_count);
    struct job job = {.modules = modules,
                      .options = options != NULL ? options : &none,
                      .total = address_count,
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .finished = PTHREAD_COND_INITIALIZER};
    struct worker workers[WORKERS] = {{.job = &job, .number = 0}, {.job = &job, .number = 1}};
    struct sym_name_pool *strings = calloc(WORKERS, sizeof *strings);
    int result =
        strings == NULL ? -1 : prepare(&job, modules, module_count, addresses, address_count);
    if (result == 0) {
        sym_guard_begin();
        run(&job, workers);
        sym_guard_end();
        result = job.failed ? -1 : assemble(out, &job, workers);
    }
    for (size_t i = 0; strings != NULL && i < WORKERS; i++) {
        strings[i] = workers[i].list.names;
        memset(&workers[i].list.names, 0, sizeof workers[i].list.names);
        sym_frame_list_release(&workers[i].list);
    }
    out->strings = strings;
    free(job.lookups);
    free(job.worker_of);
    free(job.shares);
    if (result == 0 && job.broken_module != 0) out->broken_module = modules[job.broken_module].path;
    if (result == 0) return 0;
    sym_result_release(out);
    return failure_set(f, "cannot read symbols: memory is out");
}

void sym_result_release(struct sym_result *r) {
    struct sym_name_pool *strings = r->strings;
    for (size_t i = 0; strings != NULL && i < WORKERS; i++)
        sym_name_pool_release(&strings[i]);
    free(strings);
    free(r->first);
    free(r->frames);
    memset(r, 0, sizeof *r);
}
