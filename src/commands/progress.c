/* SPDX-License-Identifier: MIT
 * Shows progress. See progress.h. */
#include "commands/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SILENT_MS 1000
#define BETWEEN_MS 100

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void progress_start(struct progress *p, const char *what) {
    *p = (struct progress){.what = what, .started_ms = now_ms(), .is_terminal = isatty(2)};
}

void progress_tell(void *context, size_t done, size_t total) {
    struct progress *p = context;
    if (!p->is_terminal || total == 0) return;
    uint64_t now = now_ms();
    if (now < p->started_ms + SILENT_MS || now < p->shown_ms + BETWEEN_MS) return;
    p->shown_ms = now;
    fprintf(stderr, "\r\033[Kheapwise: %s: %zu %%", p->what, done * 100 / total);
}

void progress_end(struct progress *p) {
    if (p->shown_ms > 0) fputs("\r\033[K", stderr);
    p->shown_ms = 0;
}
