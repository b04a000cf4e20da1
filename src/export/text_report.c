/* SPDX-License-Identifier: MIT
 * The head of the text report, in its order. See report_output.h. */
#include "export/report_output.h"

#include "export/told.h"

void ex_text_head(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    ex_text_facts(out, r, s);
    ex_text_timeline(out, r, s);
    ex_text_marks(out, r, s);
}
