/* SPDX-License-Identifier: MIT
 * The descriptors that the main loop waits for. */
#include <stdlib.h>
#include <sys/epoll.h>

#include "recorder/recorder_state.h"

static int source_add(struct recorder *r, struct source *s) {
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = s};
    return epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, s->fd, &e);
}

struct source *source_make(struct recorder *r, enum source_kind kind, int fd, struct tracee *t,
                           pid_t pid) {
    struct source *s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    *s = (struct source){.kind = kind, .fd = fd, .tracee = t, .pid = pid, .next = r->sources};
    r->sources = s;
    if (source_add(r, s) < 0) {
        r->sources = s->next;
        free(s);
        return NULL;
    }
    return s;
}

int source_watch(struct recorder *r, struct source *s, enum source_kind kind, int fd) {
    *s = (struct source){.kind = kind, .fd = fd};
    return source_add(r, s);
}

void source_drop(struct recorder *r, struct source *s) {
    epoll_ctl(r->epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
    for (struct source **p = &r->sources; *p != NULL; p = &(*p)->next) {
        if (*p != s) continue;
        *p = s->next;
        break;
    }
    free(s);
}
