/* SPDX-License-Identifier: MIT
 * The answer to what a command's options ask of a recording, in two steps: what is asked is known
 * at once, the answer after symbols have been provided and events read, which may take a while. */
#ifndef HEAPWISE_COMMANDS_RECORDING_ANSWER_H
#define HEAPWISE_COMMANDS_RECORDING_ANSWER_H

#include "analysis/frames.h"
#include "analysis/profile.h"
#include "analysis/suppressions.h"
#include "base/failure.h"
#include "commands/question_options.h"
#include "commands/report_question.h"
#include "recording/reader.h"

/* All zero may be released. */
struct recording_answer {
    struct report_question question;
    struct an_frames frames;
    struct an_suppressions suppressions;
    uint32_t *suppressed;      /* by node, as an_suppressed_nodes gives it */
    struct an_profile profile; /* without suppressed leaks */
};

/* On failure the answer is released. */
int recording_answer_prepare(struct recording_answer *a, struct rec_file *r,
                             const struct question_options *o, struct failure *f);
/* Tells on a terminal how far it is. */
int recording_answer_get(struct recording_answer *a, struct rec_file *r,
                         const struct question_options *o, struct failure *f);
void recording_answer_release(struct recording_answer *a);

#endif
