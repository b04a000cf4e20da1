/* SPDX-License-Identifier: MIT
 * Listens for agents. See listen.h. */
#include "recorder/listen.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire/region.h"

static int listen_at(const char *path, bool abstract, struct failure *f) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return failure_set_errno(f, errno, "cannot make a socket");
    memcpy(address.sun_path + abstract, path, length + !abstract);
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
    if (bind(fd, (struct sockaddr *)&address, bytes) < 0 || listen(fd, 512) < 0) {
        failure_set_errno(f, errno, "cannot listen at %s", path);
        close(fd);
        return -1;
    }
    return fd;
}

/* Where the socket goes: into memory if possible, since directories on a disk take a millisecond to
 * come and go. */
static const char *base_directory(void) {
    const char *const candidates[] = {getenv("XDG_RUNTIME_DIR"), "/dev/shm"};
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (candidates[i] != NULL && strlen(candidates[i]) <= 32 &&
            access(candidates[i], W_OK | X_OK) == 0)
            return candidates[i];
    return "/tmp";
}

int listener_open(struct listener *l, struct failure *f) {
    const char *base = base_directory();
    *l = (struct listener){.path_fd = -1, .abstract_fd = -1};
    snprintf(l->directory, sizeof l->directory, "%s/heapwise-XXXXXX", base);
    if (mkdtemp(l->directory) == NULL)
        return failure_set_errno(f, errno, "cannot make a directory in %s", base);
    snprintf(l->path, sizeof l->path, "%s/agent", l->directory);
    l->path_fd = listen_at(l->path, false, f);
    l->abstract_fd = l->path_fd < 0 ? -1 : listen_at(l->path, true, f);
    if (l->abstract_fd >= 0) return 0;
    listener_close(l);
    return -1;
}

void listener_close(struct listener *l) {
    if (l->path_fd >= 0) close(l->path_fd);
    if (l->abstract_fd >= 0) close(l->abstract_fd);
    unlink(l->path);
    rmdir(l->directory);
    l->path_fd = l->abstract_fd = -1;
}

int listener_accept(int listen_fd, pid_t *pid, bool *own_user) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return -1;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.pid <= 0) {
        close(fd);
        return -1;
    }
    *own_user = peer.uid == geteuid() || peer.uid == 0;
    *pid = peer.pid;
    return fd;
}

int hello_read(int fd, struct wire_hello *hello) {
    ssize_t n = recv(fd, hello, sizeof *hello, MSG_PEEK);
    if (n < 0) return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (n == 0) return -1;
    if (n < (ssize_t)sizeof *hello) return 0;
    if (recv(fd, hello, sizeof *hello, 0) != (ssize_t)sizeof *hello) return -1;
    if (hello->magic != WIRE_MAGIC || hello->version != WIRE_VERSION ||
        hello->attempt >= WIRE_ATTEMPTS)
        return -1;
    return 1;
}

int welcome_send(int fd, enum wire_answer answer, uint64_t region_bytes, int region_fd) {
    struct wire_welcome welcome = {
        .magic = WIRE_MAGIC, .version = WIRE_VERSION, .answer = answer, .bytes = region_bytes};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec piece = {.iov_base = &welcome, .iov_len = sizeof welcome};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (region_fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &region_fd, sizeof(int));
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)sizeof welcome ? 0 : -1;
}
