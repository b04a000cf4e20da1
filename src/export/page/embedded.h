/* SPDX-License-Identifier: MIT
 * Payloads as text that may stand in HTML: compressed, then in base64, which has no character that
 * markup knows. */
#ifndef HEAPWISE_EXPORT_PAGE_EMBEDDED_H
#define HEAPWISE_EXPORT_PAGE_EMBEDDED_H

#include "base/failure.h"
#include "export/page/container.h"

/* Makes zlib-compressed base64 text of a payload, which is released whether it fails or not. */
int embedded_text(struct payload *text, struct payload *payload, struct failure *f);

#endif
