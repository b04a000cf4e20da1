/* SPDX-License-Identifier: MIT
 * Several threads ask one recording at once for what is loaded at first use: each of them gets it
 * whole, and it is read once. */
#include <pthread.h>

#include "unit/recording/sample.h"

enum { ROUNDS = 40, THREADS = 4, QUESTIONS = 4 };

static struct rec_file *file;
static pthread_barrier_t start;

struct answers {
    const void *tables[QUESTIONS];
    size_t counts[QUESTIONS];
    size_t named; /* addresses with a name */
};

static void ask_frames(struct answers *a) {
    struct failure f;
    size_t addresses, count;
    CHECK(rec_addresses(file, &addresses, &f) != NULL);
    a->tables[3] = rec_frames(file, 0, &a->counts[3], &f);
    for (uint32_t i = 0; i < addresses; i++)
        a->named += rec_frames(file, i, &count, &f)->function != NULL;
}

static void ask_table(struct answers *a, unsigned question) {
    struct failure f = {""};
    size_t *count = &a->counts[question];
    switch (question) {
    case 0: a->tables[0] = rec_nodes(file, count, &f); break;
    case 1: a->tables[1] = rec_node_totals(file, count, &f); break;
    case 2: a->tables[2] = rec_leaked(file, count, &f); break;
    default: ask_frames(a); break;
    }
    if (a->tables[question] == NULL) fprintf(stderr, "question %u: %s\n", question, f.text);
    CHECK(a->tables[question] != NULL);
}

struct asker {
    pthread_t thread;
    unsigned first; /* question */
    struct answers answers;
};

static void *ask(void *context) {
    struct asker *a = context;
    pthread_barrier_wait(&start);
    for (unsigned i = 0; i < QUESTIONS; i++)
        ask_table(&a->answers, (a->first + i) % QUESTIONS);
    return NULL;
}

static void check_round(const char *path, unsigned round, uint32_t node_count) {
    struct failure f;
    struct asker askers[THREADS] = {0};
    CHECK(rec_open(&file, path, &f) == 0);
    pthread_barrier_init(&start, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++) {
        askers[i].first = round % 2 == 0 ? round / 2 : i; /* all of them the same, or each another */
        CHECK(pthread_create(&askers[i].thread, NULL, ask, &askers[i]) == 0);
    }
    for (unsigned i = 0; i < THREADS; i++) pthread_join(askers[i].thread, NULL);
    CHECK_EQ_U64(askers[0].answers.counts[0], node_count);
    CHECK_EQ_U64(askers[0].answers.counts[2], rec_totals(file)->leaked_blocks);
    CHECK(askers[0].answers.named > 0);
    for (unsigned i = 1; i < THREADS; i++)
        CHECK(memcmp(&askers[i].answers, &askers[0].answers, sizeof askers[i].answers) == 0);
    pthread_barrier_destroy(&start);
    rec_close(file);
}

int main(void) {
    struct sample s;
    char *path = sample_path("shared");
    sample_make(&s, SAMPLE_RANDOM, 3000, 1);
    sample_write(&s, path, &(struct sample_options){.symbols = 1});
    for (unsigned round = 0; round < ROUNDS; round++) check_round(path, round, s.node_count);
    sample_free(&s);
    free(path);
    return 0;
}
