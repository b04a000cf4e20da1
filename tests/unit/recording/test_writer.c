/* SPDX-License-Identifier: MIT
 * Writers when things go wrong: a full disk, a folder that is not there; a hundred at a time; and their encoder
 * when it is held, or gives memory back. */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "recording/encoder.h"
#include "unit/recording/sample.h"

static const char *const command[] = {"x", NULL};
static const struct rec_process process = {.pid = 1, .command = command};

/* The disk is full after `limit` bytes: the failure is said, and the file holds what fitted. */
static void check_full_disk(rlim_t limit) {
    struct sample s;
    struct rec_encoder *e;
    struct rec_writer *w;
    struct rec_file *r;
    struct failure f = {""};
    struct rlimit before, now;
    char *path = sample_path("full");
    sample_make(&s, SAMPLE_RANDOM, 40000, 3);
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    now = before;
    now.rlim_cur = limit;
    signal(SIGXFSZ, SIG_IGN);
    CHECK(rec_encoder_start(&e, &f) == 0);
    CHECK(rec_writer_open(&w, e, path, &process, &f) == 0);
    for (uint32_t i = 1; i < s.node_count; i++) rec_writer_node(w, 0, 0, i, 0, 0);
    CHECK(setrlimit(RLIMIT_FSIZE, &now) == 0);
    for (size_t i = 0; i < s.count; i++) {
        rec_event_append(w, rec_writer_events(w), s.events[i]);
        if (i % 1000 == 0) rec_writer_flush(w);
    }
    CHECK(rec_writer_close(w, &(struct rec_summary){0}, NULL, &f) < 0);
    CHECK(strstr(f.text, "File too large") != NULL);
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    rec_encoder_stop(e);
    CHECK(rec_open(&r, path, &f) == 0);
    CHECK(rec_damage(r) != NULL);
    size_t events = sample_compare(&s, r);
    CHECK(events < s.count);
    CHECK(limit < 5000 || events > 1000);
    rec_close(r);
    sample_free(&s);
    free(path);
}

static void check_no_folder(void) {
    struct rec_encoder *e;
    struct rec_writer *w;
    struct failure f;
    CHECK(rec_encoder_start(&e, &f) == 0);
    CHECK(rec_writer_open(&w, e, "/nonexistent/folder/x.heapwise", &process, &f) < 0);
    CHECK(strstr(f.text, "/nonexistent/folder/x.heapwise: No such file") != NULL);
    rec_encoder_stop(e);
}

#define MANY 100

/* One encoder serves many; each file holds its own events. */
static void check_many(void) {
    struct rec_encoder *e;
    static struct rec_writer *w[MANY];
    static struct sample s[MANY];
    struct failure f;
    CHECK(rec_encoder_start(&e, &f) == 0);
    size_t longest = 0;
    for (int i = 0; i < MANY; i++) {
        char name[32];
        snprintf(name, sizeof name, "many-%d", i);
        char *path = sample_path(name);
        CHECK(rec_writer_open(&w[i], e, path, &process, &f) == 0);
        free(path);
        sample_make(&s[i], (enum sample_style)(i % SAMPLE_EXTREME), 400 + 30 * (size_t)i, (uint64_t)i);
        for (uint32_t k = 1; k < s[i].node_count; k++) rec_writer_node(w[i], 0, 0, k, 0, 0);
        if (s[i].count > longest) longest = s[i].count;
    }
    for (size_t k = 0; k < longest; k++)
        for (int i = 0; i < MANY; i++) {
            if (k < s[i].count) rec_event_append(w[i], rec_writer_events(w[i]), s[i].events[k]);
            if (k % 100 == 0) rec_writer_tick(w[i]);
        }
    for (int i = 0; i < MANY; i++) {
        char name[32];
        struct rec_file *r;
        CHECK(rec_writer_close(w[i], &(struct rec_summary){0}, NULL, &f) == 0);
        snprintf(name, sizeof name, "many-%d", i);
        char *path = sample_path(name);
        CHECK(rec_open(&r, path, &f) == 0);
        CHECK_STR(rec_damage(r), NULL);
        CHECK_EQ_U64(sample_compare(&s[i], r), s[i].count);
        rec_close(r);
        sample_free(&s[i]);
        free(path);
    }
    rec_encoder_stop(e);
}

static unsigned queued(struct rec_encoder *e) {
    pthread_mutex_lock(&e->lock);
    unsigned n = e->queued;
    pthread_mutex_unlock(&e->lock);
    return n;
}

/* A held encoder does nothing, until half as much waits for it as may: then holding it lets it go. */
static void check_hold(void) {
    enum { HALF = REC_BUFFERS_WAITING_MAX / 2 };
    struct rec_encoder *e;
    struct rec_writer *w;
    struct failure f;
    char *path = sample_path("hold");
    CHECK(rec_encoder_start(&e, &f) == 0);
    CHECK(rec_writer_open(&w, e, path, &process, &f) == 0);
    rec_encoder_hold(e);
    while (queued(e) < HALF - 1)
        rec_event_append(w, rec_writer_events(w), (struct rec_event){.kind = REC_ALLOC, .size = 5});
    rec_encoder_hold(e);
    usleep(20000);
    CHECK_EQ_U64(queued(e), HALF - 1);
    while (queued(e) < HALF)
        rec_event_append(w, rec_writer_events(w), (struct rec_event){.kind = REC_ALLOC, .size = 5});
    rec_encoder_hold(e);
    for (int i = 0; i < 1000 && queued(e) > 0; i++) usleep(10000);
    CHECK_EQ_U64(queued(e), 0);
    CHECK(rec_writer_close(w, &(struct rec_summary){0}, NULL, &f) == 0);
    rec_encoder_stop(e);
    free(path);
}

static int is_idle(struct rec_encoder *e) {
    pthread_mutex_lock(&e->lock);
    int idle = e->queued == 0 && !e->working;
    pthread_mutex_unlock(&e->lock);
    return idle;
}

/* An encoder that shrinks in the middle of a chunk, or between two, loses nothing of it. */
static void check_shrink(void) {
    struct rec_encoder *e;
    struct rec_writer *w;
    struct rec_file *r;
    struct sample s;
    struct failure f;
    char *path = sample_path("shrink");
    sample_make(&s, SAMPLE_RANDOM, 2 * REC_EVENT_FULL_TABLES, 3);
    CHECK(rec_encoder_start(&e, &f) == 0);
    CHECK(rec_writer_open(&w, e, path, &process, &f) == 0);
    for (uint32_t k = 1; k < s.node_count; k++) rec_writer_node(w, 0, 0, k, 0, 0);
    for (size_t k = 0; k < s.count; k++) {
        if (k % (REC_EVENT_FULL_TABLES / 2) == REC_EVENT_FULL_TABLES / 4) {
            while (!is_idle(e)) usleep(1000);
            rec_encoder_shrink(e);
            usleep(5000);
        }
        rec_event_append(w, rec_writer_events(w), s.events[k]);
    }
    CHECK(rec_writer_close(w, &(struct rec_summary){0}, NULL, &f) == 0);
    rec_encoder_stop(e);
    CHECK(rec_open(&r, path, &f) == 0);
    CHECK_STR(rec_damage(r), NULL);
    CHECK_EQ_U64(sample_compare(&s, r), s.count);
    rec_close(r);
    sample_free(&s);
    free(path);
}

/* What was appended reaches the file within about a second, if only tick is called. */
static void check_tick(void) {
    struct rec_encoder *e;
    struct rec_writer *w;
    struct rec_file *r;
    struct failure f;
    char *path = sample_path("tick");
    size_t chunks = 0;
    CHECK(rec_encoder_start(&e, &f) == 0);
    CHECK(rec_writer_open(&w, e, path, &process, &f) == 0);
    rec_event_append(w, rec_writer_events(w), (struct rec_event){.kind = REC_ALLOC, .size = 5});
    for (int i = 0; i < 30 && chunks == 0; i++) {
        rec_writer_tick(w);
        usleep(100000);
        CHECK(rec_open(&r, path, &f) == 0);
        rec_chunks(r, &chunks);
        rec_close(r);
    }
    CHECK_EQ_U64(chunks, 1);
    CHECK(rec_writer_close(w, &(struct rec_summary){0}, NULL, &f) == 0);
    rec_encoder_stop(e);
    free(path);
}

struct reading {
    struct rec_file *r;
    const struct sample *s;
};

static void *compare_all(void *argument) {
    struct reading *reading = argument;
    CHECK_EQ_U64(sample_compare(reading->s, reading->r), reading->s->count);
    return NULL;
}

/* Chunks may be decoded by several threads at once. */
static void check_parallel_reading(void) {
    struct sample s;
    struct failure f;
    struct reading reading = {.s = &s};
    pthread_t threads[4];
    char *path = sample_path("parallel");
    sample_make(&s, SAMPLE_RANDOM, 20000, 8);
    sample_write(&s, path, &(struct sample_options){.flush_every = 1500});
    CHECK(rec_open(&reading.r, path, &f) == 0);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, compare_all, &reading) == 0);
    for (int i = 0; i < 4; i++) CHECK(pthread_join(threads[i], NULL) == 0);
    rec_close(reading.r);
    sample_free(&s);
    free(path);
}

int main(void) {
    check_parallel_reading();
    check_no_folder();
    check_full_disk(3000);
    check_full_disk(20000);
    check_many();
    check_hold();
    check_shrink();
    check_tick();
    return 0;
}
