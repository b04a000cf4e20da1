/* SPDX-License-Identifier: MIT
 * Answers a question to a recording. See recording_answer.h. */
#include "commands/recording_answer.h"

#include <stdlib.h>
#include <string.h>

#include "commands/progress.h"
#include "commands/recording_suppressions.h"
#include "commands/recording_symbols.h"

static int ask(struct recording_answer *a, struct rec_file *r, struct failure *f) {
    struct progress progress;
    progress_start(&progress, "reading events");
    a->question.question.progress = progress_tell;
    a->question.question.progress_context = &progress;
    int failed = an_ask(&a->profile, r, &a->question.question, &a->frames, f);
    progress_end(&progress);
    a->question.question.progress = NULL;
    return failed;
}

int recording_answer_prepare(struct recording_answer *a, struct rec_file *r,
                             const struct question_options *o, struct failure *f) {
    memset(a, 0, sizeof *a);
    if (recording_suppressions_read(&a->suppressions, r, o, f) != 0) {
        recording_answer_release(a);
        return -1;
    }
    if (report_question_init(&a->question, r, o, f) == 0) return 0;
    recording_answer_release(a);
    return -1;
}

int recording_answer_get(struct recording_answer *a, struct rec_file *r,
                         const struct question_options *o, struct failure *f) {
    if (recording_symbols_provide(r, o, f) != 0 || an_frames_build(&a->frames, r, f) != 0 ||
        an_suppressed_nodes(&a->suppressed, &a->suppressions, r, &a->frames, f) != 0 ||
        ask(a, r, f) != 0)
        return -1;
    an_suppress(&a->suppressions, a->suppressed, &a->profile);
    return 0;
}

void recording_answer_release(struct recording_answer *a) {
    an_profile_release(&a->profile);
    an_frames_release(&a->frames);
    an_suppressions_release(&a->suppressions);
    free(a->suppressed);
    a->suppressed = NULL;
    report_question_release(&a->question);
}
