/* SPDX-License-Identifier: MIT
 * Where a module lies that the program names from its working directory (dlopen("./plugin.so"), a
 * relative LD_LIBRARY_PATH). */
#ifndef HEAPWISE_RECORDER_MODULE_PATH_H
#define HEAPWISE_RECORDER_MODULE_PATH_H

#include <stdint.h>
#include <sys/types.h>

/* The absolute path of the module that begins at `start`; the caller frees it. NULL: `path` is to
 * be kept, because it is absolute, or no path of a file, or memory is out. `directory` is where the
 * process began. */
char *module_path_absolute(const char *path, pid_t pid, uint64_t start, const char *directory);

#endif
