/* SPDX-License-Identifier: MIT
 * What the JSON of a report says before it comes to call stacks: the process, totals, modules, the
 * timeline. docs/report-json.md is the specification. */
#ifndef HEAPWISE_EXPORT_JSON_HEAD_H
#define HEAPWISE_EXPORT_JSON_HEAD_H

#include "export/json_text.h"
#include "export/report_output.h"

/* Writes the members of the object at hand, from "schema" to "timeline". */
void ex_json_head(struct ex_json *j, const struct ex_report *r);

#endif
