/* SPDX-License-Identifier: MIT
 * A frame as the JSON of a report shows it; docs/report-json.md is the specification. */
#ifndef HEAPWISE_EXPORT_JSON_FRAME_H
#define HEAPWISE_EXPORT_JSON_FRAME_H

#include "analysis/frames.h"
#include "export/json_text.h"

/* Writes the members of a frame's object. */
void ex_json_frame(struct ex_json *j, struct an_frames *t, uint32_t frame);

#endif
