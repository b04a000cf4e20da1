/* SPDX-License-Identifier: MIT
 * Reads a program's first bytes and asks for its rights. See obstacle.h. */
#include "core/obstacle.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "core/syscall.h"

enum {
    LINE_MAX_BYTES = 256, /* what the kernel reads of a script's first line */
    SCRIPTS_MAX = 5,      /* scripts whose interpreter is a script: more, and the kernel refuses */
    DYNAMIC_MAX = 256,
    NO_SETID = 2 /* ST_NOSUID: the file system gives no rights */
};

static int read_at(int fd, void *buffer, long bytes, uint64_t at) {
    return sys_pread(fd, buffer, (size_t)bytes, (long)at) == bytes;
}

/* Whether the file says of itself that it is a program that may lie anywhere: a static one, then,
 * and not the loader, which somebody may also execute by its name. */
static int is_pie(int fd, const Elf64_Phdr *dynamic) {
    Elf64_Dyn d;
    for (uint64_t i = 0; i < DYNAMIC_MAX && (i + 1) * sizeof d <= dynamic->p_filesz; i++) {
        if (!read_at(fd, &d, sizeof d, dynamic->p_offset + i * sizeof d) || d.d_tag == DT_NULL)
            break;
        if (d.d_tag == DT_FLAGS_1) return (d.d_un.d_val & DF_1_PIE) != 0;
    }
    return 0;
}

static enum obstacle of_elf(int fd, const unsigned char *start) {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    int pie = 0;
    if (start[EI_CLASS] != ELFCLASS64) return OBSTACLE_FOREIGN;
    if (!read_at(fd, &header, sizeof header, 0)) return OBSTACLE_NONE;
    if (header.e_machine != EM_X86_64) return OBSTACLE_FOREIGN;
    if (header.e_phentsize != sizeof segment) return OBSTACLE_NONE;
    for (uint64_t i = 0; i < header.e_phnum; i++) {
        if (!read_at(fd, &segment, sizeof segment, header.e_phoff + i * sizeof segment))
            return OBSTACLE_NONE;
        if (segment.p_type == PT_INTERP) return OBSTACLE_NONE;
        if (segment.p_type == PT_DYNAMIC) pie = is_pie(fd, &segment);
    }
    return header.e_type == ET_EXEC || pie ? OBSTACLE_STATIC : OBSTACLE_NONE;
}

/* Whether the process would have other rights as this program than those it really has. */
static int gives_rights(int fd, const struct statx *s) {
    uint32_t real_user = (uint32_t)sys_raw6(SYS_getuid, 0, 0, 0, 0, 0, 0);
    uint32_t real_group = (uint32_t)sys_raw6(SYS_getgid, 0, 0, 0, 0, 0, 0);
    uint32_t user = (uint32_t)sys_raw6(SYS_geteuid, 0, 0, 0, 0, 0, 0);
    uint32_t group = (uint32_t)sys_raw6(SYS_getegid, 0, 0, 0, 0, 0, 0);
    int by_user = (s->stx_mode & S_ISUID) != 0;
    int by_group = (s->stx_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
    int by_file = by_user || by_group ||
                  (real_user != 0 &&
                   sys_raw6(SYS_fgetxattr, fd, (long)"security.capability", 0, 0, 0, 0) > 0);
    struct statfs system;
    if (by_file && sys_raw6(SYS_prctl, 39 /* PR_GET_NO_NEW_PRIVS */, 0, 0, 0, 0, 0) != 1 &&
        (sys_raw6(SYS_fstatfs, fd, (long)&system, 0, 0, 0, 0) < 0 ||
         (system.f_flags & NO_SETID) == 0)) {
        if (!by_user && !by_group) return 1;
        if (by_user) user = s->stx_uid;
        if (by_group) group = s->stx_gid;
    }
    return user != real_user || group != real_group;
}

/* The interpreter that a script's first line names, in place of the line. Returns 0 if none. */
static int interpreter(char *line, long length) {
    long at = 2, to = 0;
    while (at < length && (line[at] == ' ' || line[at] == '\t'))
        at++;
    while (at < length && line[at] != ' ' && line[at] != '\t' && line[at] != '\n' &&
           line[at] != '\0')
        line[to++] = line[at++];
    line[to] = '\0';
    return to > 0 && at < length;
}

enum obstacle obstacle_of_file(int directory, const char *path) {
    char line[LINE_MAX_BYTES];
    for (int script = 0; script < SCRIPTS_MAX; script++) {
        struct statx s;
        enum obstacle found = OBSTACLE_NONE;
        /* A look at what it is comes first: opening a pipe or a device does something. */
        if (sys_statx(directory, path, &s) != 0 || !S_ISREG(s.stx_mode)) return OBSTACLE_NO_PROGRAM;
        int fd = sys_openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (SYS_FAILED(fd)) return gives_rights(-1, &s) ? OBSTACLE_RIGHTS : OBSTACLE_NONE;
        long length = sys_pread(fd, line, sizeof line, 0);
        int is_script = length > 2 && line[0] == '#' && line[1] == '!';
        if (length > EI_NIDENT && line[0] == ELFMAG0 && line[1] == ELFMAG1 && line[2] == ELFMAG2 &&
            line[3] == ELFMAG3) {
            found = of_elf(fd, (const unsigned char *)line);
            if (found == OBSTACLE_NONE && gives_rights(fd, &s)) found = OBSTACLE_RIGHTS;
        }
        sys_close(fd);
        if (!is_script || !interpreter(line, length)) return found;
        path = line;
        directory = AT_FDCWD;
    }
    return OBSTACLE_NONE;
}
