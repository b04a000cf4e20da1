/* SPDX-License-Identifier: MIT
 * The door at which agents knock: two unix sockets, one with a path in a private directory and one
 * in the abstract name space, for programs that cannot see the path (wire/handshake.h). */
#ifndef HEAPWISE_RECORDER_LISTEN_H
#define HEAPWISE_RECORDER_LISTEN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/failure.h"
#include "wire/handshake.h"

struct listener {
    int path_fd, abstract_fd;
    char directory[64], path[96]; /* of the socket; removed by listener_close */
};

int listener_open(struct listener *l, struct failure *f);
void listener_close(struct listener *l);

/* Takes one waiting connection, if there is one. Gives its descriptor (close-on-exec,
 * non-blocking), the process as the kernel names it and whether it is of our own user (or of root),
 * or -1. */
int listener_accept(int listen_fd, pid_t *pid, bool *own_user);

/* Reads a hello. Returns 1 when *hello is whole and sound, 0 when nothing has come yet, -1 when the
 * connection is over or speaks another language. */
int hello_read(int fd, struct wire_hello *hello);

/* Sends the answer; `region_fd` is -1 with WIRE_ANSWER_REFUSE. Returns 0 or -1. */
int welcome_send(int fd, enum wire_answer answer, uint64_t region_bytes, int region_fd);

#endif
