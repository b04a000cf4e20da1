/* SPDX-License-Identifier: MIT
 * Containers: columns of numbers and text in one piece of bytes, as docs/http-api.md specifies.
 *
 * Nouns:
 *   section   one column: a name, a type, a count of elements, and where they stand
 *   meta      the members of a JSON object beside the sections
 *   payload   finished bytes, owned by whoever asked for them
 *
 * A column is handed over as an array from malloc, also where it is NULL because memory was out:
 * that is remembered, and told by container_finish, so that a maker of columns checks once. */
#ifndef HEAPWISE_EXPORT_PAGE_CONTAINER_H
#define HEAPWISE_EXPORT_PAGE_CONTAINER_H

#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"
#include "export/json_text.h"

#define CONTAINER_SECTIONS_MAX 32

/* How columns of indices and figures are written: as they are, so that they are used where they
 * lie; indices as differences, which compress well; or both in few bytes. */
enum container_style { CONTAINER_PLAIN, CONTAINER_PACKED, CONTAINER_SPARSE };

enum container_type { CONTAINER_U8, CONTAINER_U32, CONTAINER_U64, CONTAINER_UTF8 };

struct payload {
    unsigned char *bytes;
    size_t size;
};

struct container {
    struct {
        const char *name; /* a literal */
        enum container_type type;
        const char *encoding; /* a literal, or NULL: the elements as they are */
        void *elements;
        size_t count, bytes; /* in fewer bytes than the elements' own where it is sparse */
    } sections[CONTAINER_SECTIONS_MAX];
    size_t section_count;
    enum container_style style;
    struct ex_json meta; /* write members of the meta object here */
    char *meta_text;
    size_t meta_size;
    int out_of_memory;
};

void container_init(struct container *c, enum container_style style);
void container_release(struct container *c);
/* Takes `elements` over. */
void container_add(struct container *c, const char *name, enum container_type type, void *elements,
                   size_t count);
/* Takes indices over that are often a little below their place, respectively above the one before.
 */
void container_add_distances(struct container *c, const char *name, uint32_t *indices,
                             size_t count);
void container_add_ascending(struct container *c, const char *name, uint32_t *indices,
                             size_t count);
/* Takes figures over; they become u32 when all of them fit. A column of zeros is left out. */
void container_add_figures(struct container *c, const char *name, uint64_t *figures, size_t count);
/* Makes the payload; the container is released, whether it fails or not. */
int container_finish(struct container *c, struct payload *out, struct failure *f);

void payload_release(struct payload *p);

#endif
