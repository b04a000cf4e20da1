/* SPDX-License-Identifier: MIT
 * The sites of the JSON report: one for each distinct call stack. */
#ifndef HEAPWISE_EXPORT_JSON_SITES_H
#define HEAPWISE_EXPORT_JSON_SITES_H

#include "export/json_text.h"
#include "export/report_output.h"

/* Writes "site_count" and "sites" as members of the object at hand. */
int ex_json_sites(struct ex_json *j, const struct ex_report *r, struct failure *f);

#endif
