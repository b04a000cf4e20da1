/* SPDX-License-Identifier: MIT
 * What the program told of itself (docs/c-api.md), and what was suppressed of its leaks, as parts
 * of the report. */
#ifndef HEAPWISE_EXPORT_TOLD_H
#define HEAPWISE_EXPORT_TOLD_H

#include "export/json_text.h"
#include "export/report_output.h"

/* Marks: needs nothing but the recording. */
void ex_text_marks(FILE *out, const struct ex_report *r, const struct ex_style *s);
/* Forbidden allocations with their call stacks. */
int ex_text_forbidden(FILE *out, const struct ex_report *r, const struct ex_style *s,
                      struct failure *f);
void ex_text_suppressed(FILE *out, const struct ex_report *r, const struct ex_style *s);
/* "marks": the first ones, at most so many. */
void ex_json_marks(struct ex_json *j, const struct ex_report *r, size_t most);
/* "suppressed"; needs no profile. */
void ex_json_suppressed(struct ex_json *j, const struct ex_report *r);
/* "suppressed", all "marks", and "forbidden". */
int ex_json_told(struct ex_json *j, const struct ex_report *r, struct failure *f);

#endif
