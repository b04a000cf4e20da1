/* SPDX-License-Identifier: MIT
 * How an agent and its recorder meet.
 *
 * The recorder listens on a unix stream socket whose path is in the environment
 * (WIRE_SOCKET_VARIABLE); the abstract socket of the same name serves programs that cannot see the
 * path (chroot).
 *
 *   agent                                recorder
 *   connect, send wire_hello    ──────►  checks; makes a region
 *                               ◄──────  wire_welcome, with the region's descriptor (SCM_RIGHTS)
 *   maps it; state = RUNNING
 *   send 1 byte                 ──────►  starts draining
 *   closes socket and descriptor
 *
 * An agent that cannot map the region (RLIMIT_AS) sends its hello again on the same connection with
 * attempt + 1 and is given a smaller one; WIRE_ATTEMPTS sizes exist. An agent waits for an answer
 * for WIRE_HELLO_TIMEOUT_MS at most and then leaves the program alone. */
#ifndef HEAPWISE_WIRE_HANDSHAKE_H
#define HEAPWISE_WIRE_HANDSHAKE_H

#include <stdint.h>

#define WIRE_SOCKET_VARIABLE "HEAPWISE_SOCKET"
#define WIRE_HELLO_TIMEOUT_MS 60000
#define WIRE_ATTEMPTS 3

struct wire_hello {
    uint64_t magic;   /* WIRE_MAGIC */
    uint32_t version; /* WIRE_VERSION */
    uint32_t attempt; /* 0 … WIRE_ATTEMPTS - 1 */
    uint32_t pid;     /* as the process itself sees it */
    uint32_t forked;  /* 1: a child of a recorded process, which has not called exec */
    uint32_t
        sanitizer; /* 1: the program has a sanitizer, which the agent leaves alone: to be refused */
    uint32_t reserved;
};

enum wire_answer { WIRE_ANSWER_RECORD = 1, WIRE_ANSWER_REFUSE = 2 };

struct wire_welcome {
    uint64_t magic;
    uint32_t version;
    uint32_t answer; /* enum wire_answer; the descriptor comes with RECORD only */
    uint64_t bytes;  /* of the region */
};

#endif
