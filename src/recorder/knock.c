/* SPDX-License-Identifier: MIT
 * Connections of agents: from the knock at the door to the process that is being recorded
 * (wire/handshake.h). */
#include <sys/socket.h>
#include <unistd.h>

#include "core/atomics.h"
#include "recorder/lineage.h"
#include "recorder/recorder_state.h"

void knock_accept(struct recorder *r, int listen_fd) {
    pid_t pid;
    bool own_user;
    int fd = listener_accept(listen_fd, &pid, &own_user);
    if (fd < 0) return;
    /* The abstract socket is open to all users; those of our programs that became others may come.
     */
    if (!own_user && !lineage_descends(pid, getpid(), roster_has, r)) {
        close(fd);
        return;
    }
    if (source_make(r, SOURCE_KNOCK, fd, NULL, pid) == NULL)
        close(fd);
    else
        r->knocks++;
}

static void knock_end(struct recorder *r, struct source *s) {
    int fd = s->fd;
    tracee_destroy(s->tracee);
    source_drop(r, s);
    close(fd);
    r->knocks--;
}

static void knock_refuse(struct recorder *r, struct source *s) {
    welcome_send(s->fd, WIRE_ANSWER_REFUSE, 0, -1);
    knock_end(r, s);
}

/* It hung up after it had been sent a region. It may knock again, with higher limits. A forked
 * child tells its parent's region. */
static void knock_failed(struct recorder *r, const struct tracee *t) {
    if (t->forked || r->unmapped_pid != 0) return;
    r->unmapped_pid = t->pid;
    failure_set(
        &r->unmapped,
        "%s (process %d) could not map the memory that it shares with heapwise: its limit of "
        "descriptors (ulimit -n) or of address space (ulimit -v) is too low; it ran unrecorded",
        t->facts->name, (int)t->pid);
}

void knock_hear(struct recorder *r, struct source *s) {
    struct failure f;
    char byte;
    if (s->tracee != NULL && recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && byte == 0) {
        struct tracee *t = s->tracee;
        s->tracee = NULL;
        knock_end(r, s);
        roster_begin(r, t);
        return;
    }
    struct wire_hello hello;
    int heard = hello_read(s->fd, &hello);
    if (heard == 0) return;
    if (heard < 0) {
        if (s->tracee != NULL && s->tracee->region != NULL) knock_failed(r, s->tracee);
        knock_end(r, s);
        return;
    }
    if (hello.sanitizer != 0) {
        failure_set(&f,
                    "process %d is built with a sanitizer, which must be the first to see malloc: "
                    "it runs unrecorded (build it without -fsanitize to record it)",
                    (int)s->pid);
        recorder_complain(r, &f);
        knock_refuse(r, s);
        return;
    }
    if (s->tracee == NULL) s->tracee = tracee_create(s->pid, hello.forked != 0, &f);
    if (s->tracee == NULL || r->letting_go || (r->options->no_follow && r->begun > 0)) {
        knock_refuse(r, s);
        return;
    }
    uint32_t attempt = hello.attempt;
    while (tracee_make_region(s->tracee, attempt, !r->options->no_follow, r->clock, &f) < 0) {
        if (++attempt < WIRE_ATTEMPTS)
            continue; /* our own address space may be the one that is small */
        recorder_complain(r, &f);
        knock_refuse(r, s);
        return;
    }
    s->tracee->region->abort_where_forbidden = r->options->abort_where_forbidden;
    s->tracee->region->silence_max_ms = recorder_silence_ms(r->options);
    s->tracee->start_ms = r->now_ms;
    store_relaxed(&s->tracee->region->clock_ms, r->now_ms);
    if (welcome_send(s->fd, WIRE_ANSWER_RECORD, s->tracee->layout.bytes, s->tracee->memory_fd) < 0)
        knock_end(r, s);
}
