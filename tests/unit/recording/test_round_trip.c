/* SPDX-License-Identifier: MIT
 * What is written is read back, whatever the program did. */
#include "unit/recording/sample.h"

static void check_process(struct rec_file *r) {
    const struct rec_process *p = rec_process(r);
    CHECK_EQ_U64(p->pid, 4711);
    CHECK_EQ_U64(p->start_unix_ns, 1700000000123456789u);
    CHECK_STR(p->executable, "/bin/sample");
    CHECK_STR(p->kernel, "Linux 6.1");
    CHECK_STR(p->clock, "tsc");
    CHECK_STR(p->command[2], "ärgument");
    CHECK_STR(p->command[3], "");
    CHECK(p->command[4] == NULL);
    CHECK_STR(p->environment_names[1], "HOME");
    CHECK(p->environment_names[2] == NULL);
    CHECK_STR(rec_version(r), "heapwise " HEAPWISE_VERSION);
}

static void check_tables(const struct sample *s, struct rec_file *r) {
    size_t count, addresses;
    struct failure f;
    const struct rec_module *modules = rec_modules(r, &count);
    CHECK_EQ_U64(count, 2);
    CHECK_STR(modules[0].path, "");
    CHECK_STR(modules[1].path, "/usr/lib/x86_64-linux-gnu/libsample.so.1");
    CHECK_EQ_U64(modules[1].build_id[19], 19 * 13);
    CHECK_EQ_U64(modules[1].bias, 0x7f0000000000);
    const struct rec_thread *threads = rec_threads(r, &count);
    CHECK_EQ_U64(count, s->thread_count);
    CHECK_EQ_U64(threads[1].tid, 1001);
    CHECK_STR(threads[0].name, "worker with a n");
    CHECK_STR(threads[1].name, "");
    const struct rec_node *nodes = rec_nodes(r, &count, &f);
    CHECK_EQ_U64(count, s->node_count);
    const struct rec_address *a = rec_addresses(r, &addresses, &f);
    for (uint32_t i = 1; i < s->node_count; i++) {
        CHECK_EQ_U64(nodes[i].parent, i / 2);
        CHECK_EQ_U64(a[nodes[i].address].address,
                     i % 3 == 0 ? 0x7f0000001000 + i % 2 : 0x7f0000002000 + i * 16);
        CHECK_EQ_U64(a[nodes[i].address].module, i % 5 != 0);
        CHECK_EQ_U64(a[nodes[i].address].exact, i % 11 == 0);
        CHECK_EQ_U64(a[nodes[i].address].guessed, i % 13 == 0);
    }
}

static void check_symbols(struct rec_file *r) {
    size_t address_count, count;
    struct failure f;
    CHECK(rec_has_symbols(r));
    CHECK(rec_addresses(r, &address_count, &f) != NULL);
    uint32_t k = 0;
    for (uint32_t i = 0; i < address_count; i++) {
        char name[32];
        const struct rec_frame *frames = rec_frames(r, i, &count, &f);
        snprintf(name, sizeof name, "_Z3fun%u", i);
        CHECK(frames != NULL);
        CHECK_EQ_U64(count, i % 4 == 3 ? 1 : i % 4 + 1);
        if (i % 4 == 3) {
            CHECK_STR(frames[0].function, NULL);
            continue;
        }
        for (size_t n = 0; n < count; n++, k++) {
            CHECK_STR(frames[n].function, name);
            CHECK_STR(frames[n].file, k % 3 == 0 ? NULL : "/src/sample.c");
            CHECK_EQ_U64(frames[n].line, k * 7 % 500);
            CHECK_EQ_U64(frames[n].inlined, n + 1 < count);
        }
    }
}

static void check_sample(enum sample_style style, size_t count, uint64_t seed,
                         const struct sample_options *options) {
    struct sample s;
    struct failure f = {""};
    struct rec_file *r;
    char *path = sample_path("round-trip");
    sample_make(&s, style, count, seed);
    sample_write(&s, path, options);
    if (rec_check(path, &f) != 0) fprintf(stderr, "style %d, seed %d: %s\n", style, (int)seed, f.text);
    CHECK_EQ_I64(rec_check(path, &f), 0);
    CHECK(rec_open(&r, path, &f) == 0);
    CHECK_STR(rec_damage(r), NULL);
    CHECK_EQ_U64(sample_compare(&s, r), s.count);
    check_process(r);
    check_tables(&s, r);
    if (options->symbols) check_symbols(r);
    CHECK_EQ_U64(rec_totals(r)->region_bytes, 12345);
    size_t leaked, snapshots;
    const struct rec_live_block *blocks = rec_leaked(r, &leaked, &f);
    CHECK_EQ_U64(leaked, rec_totals(r)->leaked_blocks);
    for (size_t i = 0; i < leaked; i++) CHECK_EQ_U64(blocks[i].address, sample_address(blocks[i].block));
    rec_snapshots(r, &snapshots);
    CHECK_EQ_U64(snapshots, options->snapshot_every == 0 ? 0 : (count - 1) / options->snapshot_every);
    rec_close(r);
    sample_free(&s);
    free(path);
}

int main(void) {
    for (int style = 0; style < SAMPLE_STYLES; style++) {
        for (uint64_t seed = 0; seed < 12; seed++)
            check_sample(style, 1 + seed * seed * 20, seed, &(struct sample_options){0});
        check_sample(style, 30000, 99, &(struct sample_options){.snapshot_every = 7001, .symbols = 1});
        check_sample(style, 3000, 98, &(struct sample_options){.flush_every = 111, .symbols = 1,
                                                               .snapshot_every = 500});
    }
    /* Several chunks, and tables of every size. */
    check_sample(SAMPLE_RANDOM, 300000, 5, &(struct sample_options){.snapshot_every = 100000});
    check_sample(SAMPLE_PERIODIC, 300000, 6, &(struct sample_options){0});
    /* Held and let go, also while it works on a chunk and when more waits than may; held at the end. */
    check_sample(SAMPLE_STACK, 600000, 7, &(struct sample_options){.hold_every = 3001});
    check_sample(SAMPLE_RANDOM, 600000, 8, &(struct sample_options){.hold_every = 590001, .snapshot_every = 250000});
    return 0;
}
