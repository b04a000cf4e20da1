/* SPDX-License-Identifier: MIT
 * Compresses and encodes payloads. See embedded.h. */
#include "export/page/embedded.h"

#include <stdlib.h>
#include <zlib.h>

#define LEVEL 7 /* a little better than the usual one; the last ones cost much for little */

static void base64(unsigned char *to, const unsigned char *from, size_t size) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = (uint32_t)from[i] << 16;
        if (i + 1 < size) bits |= (uint32_t)from[i + 1] << 8;
        if (i + 2 < size) bits |= from[i + 2];
        *to++ = (unsigned char)letters[bits >> 18];
        *to++ = (unsigned char)letters[bits >> 12 & 63];
        *to++ = (unsigned char)(i + 1 < size ? letters[bits >> 6 & 63] : '=');
        *to++ = (unsigned char)(i + 2 < size ? letters[bits & 63] : '=');
    }
}

int embedded_text(struct payload *text, struct payload *payload, struct failure *f) {
    uLongf size = compressBound(payload->size);
    unsigned char *packed = malloc(size);
    int failed =
        packed == NULL || compress2(packed, &size, payload->bytes, payload->size, LEVEL) != Z_OK;
    payload_release(payload);
    *text = (struct payload){failed ? NULL : malloc((size + 2) / 3 * 4 + 1), (size + 2) / 3 * 4};
    if (text->bytes != NULL) base64(text->bytes, packed, size);
    free(packed);
    return text->bytes != NULL ? 0
                               : failure_set(f, "cannot compress the page's data: out of memory");
}
