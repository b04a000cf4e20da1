/* SPDX-License-Identifier: MIT
 * One run of the recorder: what its main loop (recorder.c), the connections of agents (knock.c),
 * the list of the processes that are being recorded (roster.c) and signals (signals.c) share. One
 * thread uses all of it.
 *
 * Life of a process here:
 *   knock (hello received, region sent) ──its byte──► live ──exit, exec, or we let go──► finisher
 */
#ifndef HEAPWISE_RECORDER_RECORDER_STATE_H
#define HEAPWISE_RECORDER_RECORDER_STATE_H

#include <signal.h>

#include "recorder/finisher.h"
#include "recorder/listen.h"
#include "recorder/recorder.h"
#include "recorder/tracee.h"
#include "recorder/unentered.h"

/* What an epoll event is about. */
enum source_kind { SOURCE_LISTENER, SOURCE_KNOCK, SOURCE_TRACEE, SOURCE_PROGRAM, SOURCE_SIGNALS };

struct source {
    enum source_kind kind;
    int fd;
    struct tracee *tracee; /* SOURCE_KNOCK (after its hello) and SOURCE_TRACEE */
    pid_t pid;             /* SOURCE_KNOCK: the process, as the kernel names it */
    struct source *next;   /* of all that were made with malloc */
};

struct recorder {
    const struct recorder_options *options;
    struct recorder_result *result;
    struct listener listener;
    struct rec_encoder *encoder;
    struct finisher *finisher;
    struct finish_options finish;
    bool takes_turns; /* the encoder's thread rests while this one reads the rings */
    struct tracee *live;
    struct tracee *dying; /* the program, already with the finisher, which waits for its status */
    struct source *sources; /* made with malloc */
    struct source fixed[4]; /* the two listeners, signals, the program */
    int epoll_fd, signal_fd;
    enum wire_clock clock;
    uint64_t start_ns;
    uint32_t now_ms;
    pid_t program;
    bool program_ended, program_unwatched, letting_go, told_waiting, told_own_allocator;
    bool somebody_dies; /* one of `live` was seen dying */
    uint32_t program_ended_ms, silent_seen_ms;
    size_t silent;  /* processes that have not allocated since they were forked, after the end */
    bool beginning; /* one of them might be in the middle of an exec */
    uint64_t forks; /* by processes that have ended */
    uint64_t unrecorded; /* children of these that could get no region */
    uint32_t unrecorded_error;
    struct unentered unentered; /* programs that no agent was loaded into */
    size_t begun;      /* recordings */
    size_t knocks;     /* open connections */
    char **past_paths; /* of all recordings begun */
    struct failure first_failure;
    pid_t unmapped_pid; /* the first process that could not map its region; 0: none, or it could
                           then */
    struct failure unmapped;
};

/* sources.c: what the main loop waits for. source_make gives NULL when it cannot be waited for;
 * source_drop leaves the descriptor open: it is the owner's to close. */
struct source *source_make(struct recorder *r, enum source_kind kind, int fd, struct tracee *t,
                           pid_t pid);
void source_drop(struct recorder *r, struct source *s);
/* The same for one of `fixed`: the loop cannot do without it, so it is not left to malloc. */
int source_watch(struct recorder *r, struct source *s, enum source_kind kind, int fd);

/* knock.c: connections. The first takes one that waits at the door, the second hears what came on
 * one: a hello, or the byte that says "mapped". */
void knock_accept(struct recorder *r, int listen_fd);
void knock_hear(struct recorder *r, struct source *s);

/* roster.c: processes that are being recorded. The agent of `t` has mapped its region: the
 * recording begins. */
void roster_begin(struct recorder *r, struct tracee *t);
void roster_end(struct recorder *r, struct tracee *t, enum rec_end how, uint64_t status);
/* It will never run again, but how it ended is not known yet: its recording is finished while the
 * kernel takes its memory apart, which for a large process takes longer. */
void roster_dying(struct recorder *r, struct tracee *t);
/* `context` is the recorder (lineage.h asks for such a function). */
bool roster_has(void *context, pid_t pid);

/* signals.c: from signals_take on, signals wait to be heard; *before is the mask until then. After
 * signals_let_stop those that stop a process do so at once again. */
int signals_take(struct recorder *r, sigset_t *before, struct failure *f);
void signals_hear(struct recorder *r);
void signals_let_stop(void);

/* Something kept a process from being recorded: the first such thing is told. */
void recorder_complain(struct recorder *r, const struct failure *f);

#endif
