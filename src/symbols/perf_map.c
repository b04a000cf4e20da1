/* SPDX-License-Identifier: MIT
 * /tmp/perf-PID.map. See perf_map.h. */
#include "symbols/perf_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/range_sweep.h"

#define LARGEST_MAP ((off_t)1 << 30)

struct entries {
    struct sym_range *ranges; /* id: where in the text the name begins */
    size_t count, capacity;
};

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads a number and the blanks around it; NULL when there is none or it is too large. */
static const char *read_hex(const char *at, const char *end, uint64_t *value) {
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x') at += 2;
    const char *digits = at;
    uint64_t number = 0;
    for (int digit; at < end && (digit = hex_digit(*at)) >= 0; at++) {
        if (number >> 60 != 0) return NULL;
        number = number << 4 | (uint64_t)digit;
    }
    if (at == digits || at == end || (*at != ' ' && *at != '\t')) return NULL;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    *value = number;
    return at;
}

static int add_line(struct entries *entries, const char *text, const char *line, const char *end) {
    uint64_t start, size;
    const char *name = read_hex(line, end, &start);
    if (name != NULL) name = read_hex(name, end, &size);
    if (name == NULL || name == end || size == 0 || start + size <= start) return 0;
    if (entries->count == entries->capacity) {
        size_t capacity = entries->capacity == 0 ? 1024 : entries->capacity * 2;
        struct sym_range *grown = realloc(entries->ranges, capacity * sizeof *grown);
        if (grown == NULL) return -1;
        entries->ranges = grown;
        entries->capacity = capacity;
    }
    entries->ranges[entries->count] = (struct sym_range){
        .start = start,
        .end = start + size,
        .priority = entries->count, /* the later line wins */
        .id = (uint64_t)(name - text),
    };
    entries->count++;
    return 0;
}

static const char *line_end(const char *at, const char *text_end) {
    const char *end = memchr(at, '\n', (size_t)(text_end - at));
    return end == NULL ? text_end : end;
}

static int parse(struct entries *entries, const char *text, size_t length) {
    const char *text_end = text + length;
    for (const char *at = text; at < text_end;) {
        const char *end = line_end(at, text_end);
        if (add_line(entries, text, at, end) != 0) return -1;
        at = end < text_end ? end + 1 : text_end;
    }
    return 0;
}

static int answer(const struct entries *entries, const char *text, size_t length,
                  struct sym_lookup *lookups, size_t count, struct sym_frame_list *list) {
    struct sym_sweep sweep;
    if (sym_sweep_init(&sweep, entries->ranges, entries->count) != 0) return -1;
    for (size_t i = 0; i < count; i++) {
        size_t range = sym_sweep_at(&sweep, lookups[i].address);
        if (range == SYM_RANGE_NONE) continue;
        const char *name = text + entries->ranges[range].id;
        const char *end = line_end(name, text + length);
        while (end > name && (end[-1] == '\r' || end[-1] == ' '))
            end--;
        if (end == name) continue;
        lookups[i].first = (uint32_t)list->count;
        lookups[i].count = 1;
        sym_frame_list_push(list, sym_frame_list_name(list, name, (size_t)(end - name)), NULL, 0,
                            0);
    }
    sym_sweep_release(&sweep);
    return list->out_of_memory ? -1 : 0;
}

int sym_perf_map_text(const char *text, size_t length, struct sym_lookup *lookups, size_t count,
                      struct sym_frame_list *list) {
    struct entries entries = {0};
    int result = parse(&entries, text, length);
    sym_ranges_sort(entries.ranges, entries.count);
    if (result == 0) result = answer(&entries, text, length, lookups, count, list);
    free(entries.ranges);
    return result;
}

/* The file's bytes in memory of our own, since the process may still write to it; NULL: unusable.
 */
static char *read_file(uint32_t pid, size_t *length) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%u.map", (unsigned)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return NULL;
    struct stat status;
    char *text = NULL;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 &&
        status.st_size <= LARGEST_MAP && (status.st_uid == geteuid() || status.st_uid == 0))
        text = malloc((size_t)status.st_size);
    for (*length = 0; text != NULL && *length < (size_t)status.st_size;) {
        ssize_t got = read(fd, text + *length, (size_t)status.st_size - *length);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        *length += (size_t)got;
    }
    close(fd);
    return text;
}

int sym_perf_map_file(uint32_t pid, struct sym_lookup *lookups, size_t count,
                      struct sym_frame_list *list) {
    size_t length;
    char *text = pid == 0 ? NULL : read_file(pid, &length);
    if (text == NULL) return 0;
    int result = sym_perf_map_text(text, length, lookups, count, list);
    free(text);
    return result;
}
