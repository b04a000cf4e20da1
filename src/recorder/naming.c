/* SPDX-License-Identifier: MIT
 * Makes the names of recordings. See naming.h. */
#include "recorder/naming.h"

#include <stdio.h>
#include <string.h>

/* Puts `what` in before the suffix of the last component. */
static void insert_before_suffix(char *path, size_t bytes, const char *what) {
    char *slash = strrchr(path, '/');
    char *dot = strrchr(slash != NULL ? slash + 1 : path, '.');
    if (dot == NULL || dot == path || (slash != NULL && dot == slash + 1))
        dot = path + strlen(path);
    size_t length = strlen(what), rest = strlen(dot) + 1;
    if ((size_t)(dot - path) + length + rest > bytes) return;
    memmove(dot + length, dot, rest);
    memcpy(dot, what, length);
}

void recording_name(char *path, size_t bytes, const char *pattern, const char *name, pid_t pid,
                    bool first, unsigned again) {
    char number[32];
    bool expanded = pattern == NULL;
    if (pattern == NULL) {
        snprintf(path, bytes, "heapwise.%s.%d.heapwise", name, (int)pid);
    } else {
        size_t used = 0;
        path[0] = '\0';
        for (const char *p = pattern; *p != '\0' && used + 1 < bytes; p++) {
            char one[2] = {*p, '\0'};
            const char *piece = one;
            if (*p == '%' && (p[1] == 'p' || p[1] == 'n' || p[1] == '%')) {
                p++;
                snprintf(number, sizeof number, "%d", (int)pid);
                piece = *p == 'p' ? number : *p == 'n' ? name : "%";
                expanded |= *p != '%';
            }
            used += (size_t)snprintf(path + used, bytes - used, "%s", piece);
        }
    }
    if (!expanded && !first) {
        snprintf(number, sizeof number, ".%d", (int)pid);
        insert_before_suffix(path, bytes, number);
    }
    if (again > 0 && (expanded || again > 1)) {
        snprintf(number, sizeof number, ".%u", again + expanded);
        insert_before_suffix(path, bytes, number);
    }
}
