/* SPDX-License-Identifier: MIT
 * Where the debug information of a module is: in itself or in a separate file.
 *
 * In this order: the module itself; DIRECTORY/.build-id/ab/cdef….debug and DIRECTORY/NAME.debug of
 * each --debug-dir, then of the system's directory; the file that .gnu_debuglink names, beside the
 * module, in .debug/ beside it, and under each directory; a debuginfod server. A file is taken only
 * if it has the module's build-id, or, where there is none, the checksum of .gnu_debuglink. */
#ifndef HEAPWISE_SYMBOLS_DEBUG_FILE_H
#define HEAPWISE_SYMBOLS_DEBUG_FILE_H

#include "symbols/object_file.h"
#include "symbols/symbols.h"

/* `module` may be closed (the file is gone): then the build-id alone leads the way. `path` is the
 * module's. 0: `object` is open and is the caller's; -1: there is none. */
int sym_debug_file_open(struct sym_object *object, const struct sym_object *module,
                        const char *path, struct sym_build_id id,
                        const struct sym_options *options);

/* The file with this build-id under the directories' .build-id; for the dwz alternate files too. */
int sym_debug_file_open_by_id(struct sym_object *object, struct sym_build_id id,
                              const struct sym_options *options);

#endif
