/* SPDX-License-Identifier: MIT
 * The head of the text report, in its order. See report.h. */
#include "export/report.h"

void ex_text_head(FILE *out, const struct ex_report *r, const struct ex_style *s) {
    ex_text_facts(out, r, s);
    ex_text_timeline(out, r, s);
}
