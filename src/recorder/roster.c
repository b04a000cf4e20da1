/* SPDX-License-Identifier: MIT
 * The list of processes that are being recorded. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/atomics.h"
#include "recorder/naming.h"
#include "recorder/recorder_state.h"

/* Takes it out of the list and gives it to the finisher. */
static void leave(struct recorder *r, struct tracee *t, enum unentered_look look) {
    for (struct tracee **p = &r->live; *p != NULL; p = &(*p)->next) {
        if (*p != t) continue;
        *p = t->next;
        break;
    }
    for (struct source *s = r->sources; s != NULL; s = s->next) {
        if (s->kind != SOURCE_TRACEE || s->tracee != t) continue;
        source_drop(r, s);
        break;
    }
    tracee_sample_rss(t);
    const struct wire_region *region = t->region;
    r->forks += load_relaxed(&region->forks);
    r->unrecorded += load_relaxed(&region->children_unrecorded);
    if (region->children_error != 0) r->unrecorded_error = region->children_error;
    if (region->own_allocator != 0 && !r->told_own_allocator) {
        r->told_own_allocator = true;
        fprintf(stderr,
                "heapwise: %s brings a malloc of its own: what goes through it cannot be seen\n",
                t->facts->name);
    }
    if (load_relaxed(&region->gave_up) != 0)
        failure_set(&t->failure,
                    "process %d waited %g s for heapwise, which did not answer, and went on "
                    "without it: what came after that is not recorded",
                    (int)t->pid, recorder_silence_ms(r->options) / 1000.0);
    if (!r->options->no_follow)
        unentered_collect(&r->unentered, t,
                          t->pid != r->unmapped_pid ? look : UNENTERED_NOTES);
    struct tracee_memory shared = tracee_end(t);
    finisher_give(r->finisher, t);
    tracee_memory_release(&shared); /* takes a while, so the finisher has begun */
}

void roster_end(struct recorder *r, struct tracee *t, enum rec_end how, uint64_t status) {
    tracee_ended(t, how, status);
    leave(r, t, how == REC_END_EXEC ? UNENTERED_NOTES : UNENTERED_NOTES_AND_PROC);
}

void roster_dying(struct recorder *r, struct tracee *t) {
    if (t->pid == r->program) { /* of others how they ended is never told */
        t->end_to_come = true;
        r->dying = t;
    }
    leave(r, t, UNENTERED_NOTES_AND_PROC);
}

void recorder_complain(struct recorder *r, const struct failure *f) {
    if (r->first_failure.text[0] != '\0') return;
    r->first_failure = *f;
    fprintf(stderr, "heapwise: %s\n", f->text);
}

bool roster_has(void *context, pid_t pid) {
    const struct recorder *r = context;
    for (const struct tracee *t = r->live; t != NULL; t = t->next)
        if (t->pid == pid) return true;
    return false;
}

static bool path_is_taken(const struct recorder *r, const char *path) {
    for (size_t i = 0; i < r->begun; i++)
        if (r->past_paths[i] != NULL && strcmp(r->past_paths[i], path) == 0) return true;
    return false;
}

void roster_begin(struct recorder *r, struct tracee *t) {
    char path[PATH_MAX];
    unsigned again = 0;
    struct failure f;
    for (struct tracee *old = r->live; old != NULL; old = old->next) {
        if (old->pid != t->pid) continue;
        roster_end(r, old, REC_END_EXEC, 0); /* a new program in the same process */
        break;
    }
    if (r->unmapped_pid == t->pid) r->unmapped_pid = 0;
    t->first = r->begun == 0;
    do /* no recording takes the place of another one of this run */
        recording_name(path, sizeof path, r->options->output, t->facts->name, t->pid, t->first,
                       again);
    while (again++ < r->begun + 2 && path_is_taken(r, path));
    char **paths = realloc(r->past_paths, (r->begun + 1) * sizeof *paths);
    if (paths != NULL) {
        r->past_paths = paths;
        paths[r->begun++] = strdup(path);
    }
    t->path = strdup(path);
    t->facts->process.clock = r->clock == WIRE_CLOCK_TSC ? "tsc" : "counter";
    if (t->path == NULL ||
        rec_writer_open(&t->writer, r->encoder, path, &t->facts->process, &f) < 0) {
        struct failure told;
        if (t->path == NULL) failure_set(&f, "out of memory");
        store_release(&t->region->state, WIRE_CLOSED);
        failure_set(&told, "%s: %s runs unrecorded (-o FILE puts the recording elsewhere)", f.text,
                    t->facts->name);
        recorder_complain(r, &told);
        tracee_destroy(t);
        return;
    }
    t->events = rec_writer_events(t->writer);
    t->started = true;
    t->next = r->live;
    r->live = t;
    if (t->pidfd < 0 || source_make(r, SOURCE_TRACEE, t->pidfd, t, t->pid) == NULL)
        roster_end(r, t, REC_END_UNKNOWN, 0);
}
