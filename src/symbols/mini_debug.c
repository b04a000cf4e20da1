/* SPDX-License-Identifier: MIT
 * Mini debug info. See mini_debug.h. */
#include "symbols/mini_debug.h"

#include <stdlib.h>

#ifdef HEAPWISE_HAVE_LZMA
#include <lzma.h>

/* More than any real one by far; a bomb ends here. */
#define LARGEST_IMAGE ((size_t)256 << 20)
#define LARGEST_DECODER ((uint64_t)128 << 20)

int sym_mini_debug_open(struct sym_object *image, const struct sym_object *module) {
    *image = SYM_OBJECT_CLOSED;
    size_t packed_length = 0;
    const uint8_t *packed = sym_object_section(module, ".gnu_debugdata", &packed_length);
    if (packed == NULL || packed_length == 0) return -1;
    size_t size = packed_length * 4 + 4096;
    for (; size <= LARGEST_IMAGE; size *= 2) {
        uint8_t *bytes = malloc(size);
        if (bytes == NULL) return -1;
        uint64_t memory_limit = LARGEST_DECODER;
        size_t read = 0, written = 0;
        lzma_ret result = lzma_stream_buffer_decode(&memory_limit, LZMA_CONCATENATED, NULL, packed,
                                                    &read, packed_length, bytes, &written, size);
        if (result == LZMA_OK) return sym_object_open_image(image, bytes, written, 1);
        free(bytes);
        if (result != LZMA_BUF_ERROR) return -1;
    }
    return -1;
}

#else

int sym_mini_debug_open(struct sym_object *image, const struct sym_object *module) {
    (void)module;
    *image = SYM_OBJECT_CLOSED;
    return -1;
}

#endif
