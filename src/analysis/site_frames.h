/* SPDX-License-Identifier: MIT
 * The site of each call stack: the innermost frame that is no plumbing, which is the line of the program
 * that allocated. */
#ifndef HEAPWISE_ANALYSIS_SITE_FRAMES_H
#define HEAPWISE_ANALYSIS_SITE_FRAMES_H

#include "analysis/frames.h"

/* By node: an index into frames->frames. Of a stack that is plumbing throughout it is the innermost frame;
 * the root, and stacks without a frame, have frames->frame_count. Hidden frames are no sites. `plumbing`
 * is that of an_plumbing_build, or NULL. The caller frees it; NULL on failure. */
uint32_t *an_site_frames(struct rec_file *r, const struct an_frames *frames, const uint8_t *plumbing,
                         struct failure *f);

#endif
