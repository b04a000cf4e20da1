/* SPDX-License-Identifier: MIT
 * Shared libraries that are loaded when they are needed. See late_library.h. */
#include "base/late_library.h"

#include <dlfcn.h>
#include <string.h>

int late_library_load(const char *library, const struct late_function *functions, size_t count,
                      struct failure *f) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) return failure_set(f, "cannot load %s: %s; install it", library, dlerror());
    for (size_t i = 0; i < count; i++) {
        void *function = dlsym(handle, functions[i].name);
        if (function == NULL)
            return failure_set(f, "cannot use %s: it has no %s; install a newer one", library,
                               functions[i].name);
        memcpy(functions[i].at, &function, sizeof function);
    }
    return 0;
}
