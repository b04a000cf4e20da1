/* SPDX-License-Identifier: MIT
 * Separate debug files from debuginfod servers, through elfutils' client library.
 *
 * The library is loaded when it is first asked for something: it brings a whole HTTP client along,
 * which a run that does not use it must not pay for. */
#ifndef HEAPWISE_SYMBOLS_DEBUGINFOD_H
#define HEAPWISE_SYMBOLS_DEBUGINFOD_H

#include "symbols/object_file.h"

/* Opens the debug file of this build-id. -1: no server has it, or there is no client library. */
int sym_debuginfod_open(struct sym_object *object, struct sym_build_id id);

#endif
