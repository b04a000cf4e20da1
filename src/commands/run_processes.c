/* SPDX-License-Identifier: MIT
 * Prints the processes of a run. See run_processes.h. */
#include "commands/run_processes.h"

#include <stdio.h>

#include "base/sizes.h"
#include "commands/recording_answer.h"
#include "recording/reader.h"

/* What the report on the process calls leaked. Only rules make it another figure than the
 * recorder's, so that nothing but the head of most recordings is looked at. */
static uint64_t leaked(const struct recorded_process *p, const struct question_options *options) {
    struct recording_answer a = {0};
    struct failure why;
    struct rec_file *file;
    uint64_t bytes = p->totals.leaked_bytes;
    if (p->path == NULL || rec_open(&file, p->path, &why) != 0) return bytes;
    if (recording_answer_prepare(&a, file, options, &why) == 0 && a.suppressions.count > 0 &&
        recording_answer_get(&a, file, options, &why) == 0)
        bytes = a.profile.sum.leaked_bytes;
    recording_answer_release(&a);
    rec_close(file);
    return bytes;
}

void run_processes_print(const struct recorder_result *r, const struct question_options *options) {
    fprintf(stderr, "\n%12s %12s %12s  %7s  %s\n", "peak", "leaked", "allocations", "pid",
            "command and recording");
    for (size_t i = 0; i < r->count; i++) {
        const struct recorded_process *p = &r->processes[i];
        char peak[32], lost[32];
        size_text(peak, sizeof peak, p->totals.peak_bytes);
        size_text(lost, sizeof lost, leaked(p, options));
        fprintf(stderr, "%12s %12s %12llu  %7d  %.60s\n%50s%s\n", peak, lost,
                (unsigned long long)p->totals.allocations, (int)p->pid, p->command, "", p->path);
    }
    fputc('\n', stderr);
}
