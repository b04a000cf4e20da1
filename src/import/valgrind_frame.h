/* SPDX-License-Identifier: MIT
 * Frames as valgrind's tools write them: "0x4921B62: fwrite (iofwrite.c:39)", "0x48895AC: ??? (in
 * /usr/lib/libjq.so.1)", and the same without an address. */
#ifndef HEAPWISE_IMPORT_VALGRIND_FRAME_H
#define HEAPWISE_IMPORT_VALGRIND_FRAME_H

#include "import/target.h"

/* The location that the text tells of; the text is changed. */
uint32_t im_valgrind_frame(struct im_target *t, char *text);

#endif
