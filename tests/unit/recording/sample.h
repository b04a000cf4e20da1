/* SPDX-License-Identifier: MIT
 * Recordings for the tests: streams of events made from a seed, written and compared. */
#ifndef HEAPWISE_TESTS_UNIT_RECORDING_SAMPLE_H
#define HEAPWISE_TESTS_UNIT_RECORDING_SAMPLE_H

#include "recording/reader.h"
#include "recording/replay.h"
#include "recording/writer.h"
#include "unit/check.h"

/* How a program behaves. */
enum sample_style {
    SAMPLE_RANDOM,     /* any event, any block, any thread */
    SAMPLE_PERIODIC,   /* the same few stacks over and over, freed in order */
    SAMPLE_STACK,      /* what came last goes first */
    SAMPLE_HOARD,      /* nothing is freed until the end, then everything, newest first */
    SAMPLE_REALLOCS,   /* buffers that grow */
    SAMPLE_EXTREME,    /* sizes, nodes, threads and ticks at the ends of their ranges */
    SAMPLE_STYLES
};

struct sample {
    struct rec_event *events;
    size_t count;
    uint32_t node_count, thread_count;
};

void sample_make(struct sample *s, enum sample_style style, size_t count, uint64_t seed);
void sample_free(struct sample *s);

/* The address that block `block` of a sample lies at. */
uint64_t sample_address(uint64_t block);

struct sample_options {
    size_t snapshot_every; /* events; 0: none */
    size_t flush_every;    /* 0: none */
    size_t hold_every;     /* the encoder rests for the later half of each so many; 0: never */
    int symbols;
    int unfinished;        /* the process is killed: the file is copied before its end is written */
};
/* Writes the sample to `path`, with everything a recorder would. */
void sample_write(const struct sample *s, const char *path, const struct sample_options *options);

/* Checks that a file, opened, holds the events of the sample, all of them or the first ones; gives
 * their number. */
size_t sample_compare(const struct sample *s, struct rec_file *r);

/* A fresh folder for the files of this test, removed at its end with all that is in it. */
const char *sample_folder(void);
char *sample_path(const char *name); /* within it; to be freed */
uint8_t *sample_read_file(const char *path, size_t *size);
void sample_write_file(const char *path, const void *data, size_t size);

#endif
