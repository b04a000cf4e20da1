/* SPDX-License-Identifier: MIT
 * UTF-8, of text that may be anything. */
#ifndef HEAPWISE_EXPORT_UTF8_H
#define HEAPWISE_EXPORT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes one character of a NUL-terminated text; returns its length in bytes, or 0 when it is no
 * UTF-8 (overlong forms and surrogates are none). */
size_t ex_utf8_decode(const char *text, uint32_t *character);

#endif
