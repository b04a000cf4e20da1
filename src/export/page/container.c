/* SPDX-License-Identifier: MIT
 * Makes containers. See container.h. */
#include "export/page/container.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX_BYTES 8 /* magic, length of the header */

static const char *const type_names[] = {[CONTAINER_U8] = "u8",
                                         [CONTAINER_U32] = "u32",
                                         [CONTAINER_U64] = "u64",
                                         [CONTAINER_UTF8] = "utf8"};
static const size_t type_bytes[] = {
    [CONTAINER_U8] = 1, [CONTAINER_U32] = 4, [CONTAINER_U64] = 8, [CONTAINER_UTF8] = 1};

static size_t aligned(size_t n) {
    return (n + 7) & ~(size_t)7;
}

void container_init(struct container *c, enum container_style style) {
    memset(c, 0, sizeof *c);
    c->style = style;
    c->meta.first = 1;
    c->meta.out = open_memstream(&c->meta_text, &c->meta_size);
    if (c->meta.out == NULL) {
        c->out_of_memory = 1;
        c->meta.out = fopen("/dev/null", "w"); /* so that makers need not ask */
    }
}

void container_release(struct container *c) {
    for (size_t i = 0; i < c->section_count; i++)
        free(c->sections[i].elements);
    if (c->meta.out != NULL) fclose(c->meta.out);
    free(c->meta_text);
    memset(c, 0, sizeof *c);
}

/* Whether the elements stand in a number of bytes of their own. */
static int is_packed(const char *encoding) {
    return encoding != NULL && (strcmp(encoding, "steps") == 0 || strcmp(encoding, "sparse") == 0);
}

static void add_section(struct container *c, const char *name, enum container_type type,
                        const char *encoding, void *elements, size_t count, size_t bytes) {
    if (elements == NULL || c->section_count == CONTAINER_SECTIONS_MAX) {
        free(elements);
        c->out_of_memory = 1;
        return;
    }
    c->sections[c->section_count].name = name;
    c->sections[c->section_count].type = type;
    c->sections[c->section_count].encoding = encoding;
    c->sections[c->section_count].elements = elements;
    c->sections[c->section_count].bytes = bytes;
    c->sections[c->section_count++].count = count;
}

void container_add(struct container *c, const char *name, enum container_type type, void *elements,
                   size_t count) {
    add_section(c, name, type, NULL, elements, count, count * type_bytes[type]);
}

#define VARINT_BYTES_MAX 10

/* Seven bits a byte, the lowest first; all bytes but the last have their highest bit set. */
static unsigned char *put_varint(unsigned char *at, uint64_t n) {
    for (; n >= 128; n >>= 7)
        *at++ = (unsigned char)(n | 128);
    *at++ = (unsigned char)n;
    return at;
}

static void add_steps(struct container *c, const char *name, uint32_t *indices, size_t count) {
    unsigned char *bytes = indices == NULL ? NULL : malloc(count * VARINT_BYTES_MAX + 1);
    unsigned char *at = bytes;
    for (size_t i = 0; bytes != NULL && i < count; i++)
        at = put_varint(at, indices[i] - (i > 0 ? indices[i - 1] : 0));
    free(indices);
    add_section(c, name, CONTAINER_U32, "steps", bytes, count, (size_t)(at - bytes));
}

static void add_sparse(struct container *c, const char *name, enum container_type type,
                       uint64_t *figures, size_t count) {
    size_t map = (count + 7) / 8;
    unsigned char *bytes = figures == NULL ? NULL : malloc(map + count * VARINT_BYTES_MAX + 1);
    unsigned char *at = bytes;
    if (bytes != NULL) {
        memset(bytes, 0, map);
        at += map;
    }
    for (size_t i = 0; bytes != NULL && i < count; i++) {
        if (figures[i] == 0) continue;
        bytes[i / 8] |= (unsigned char)(1u << i % 8);
        at = put_varint(at, figures[i]);
    }
    free(figures);
    add_section(c, name, type, "sparse", bytes, count, (size_t)(at - bytes));
}

void container_add_distances(struct container *c, const char *name, uint32_t *indices,
                             size_t count) {
    int packed = c->style == CONTAINER_PACKED && indices != NULL;
    for (size_t i = 0; packed && i < count; i++)
        indices[i] = (uint32_t)i - indices[i];
    container_add(c, name, CONTAINER_U32, indices, count);
    if (packed && c->section_count > 0) c->sections[c->section_count - 1].encoding = "distance";
}

void container_add_ascending(struct container *c, const char *name, uint32_t *indices,
                             size_t count) {
    if (c->style == CONTAINER_SPARSE) {
        add_steps(c, name, indices, count);
        return;
    }
    int packed = c->style == CONTAINER_PACKED && indices != NULL;
    for (size_t i = count; packed && i > 1; i--)
        indices[i - 1] -= indices[i - 2];
    container_add(c, name, CONTAINER_U32, indices, count);
    if (packed && c->section_count > 0) c->sections[c->section_count - 1].encoding = "delta";
}

void container_add_figures(struct container *c, const char *name, uint64_t *figures, size_t count) {
    uint64_t all = 0;
    for (size_t i = 0; figures != NULL && i < count; i++)
        all |= figures[i];
    if (figures != NULL && all == 0) {
        free(figures);
        return;
    }
    if (c->style == CONTAINER_SPARSE) {
        add_sparse(c, name, all > UINT32_MAX ? CONTAINER_U64 : CONTAINER_U32, figures, count);
        return;
    }
    if (all > UINT32_MAX || figures == NULL) {
        container_add(c, name, CONTAINER_U64, figures, count);
        return;
    }
    uint32_t *narrow = malloc((count + 1) * sizeof *narrow);
    for (size_t i = 0; narrow != NULL && i < count; i++)
        narrow[i] = (uint32_t)figures[i];
    free(figures);
    container_add(c, name, CONTAINER_U32, narrow, count);
}

/* The header's text; the caller frees it. */
static char *header_text(struct container *c, size_t *size) {
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (out == NULL) return NULL;
    struct ex_json j = {.out = out, .first = 1};
    size_t offset = 0;
    ex_json_open(&j, NULL, '{');
    ex_json_open(&j, "sections", '[');
    for (size_t i = 0; i < c->section_count; i++) {
        ex_json_open(&j, NULL, '{');
        ex_json_text(&j, "name", c->sections[i].name);
        ex_json_text(&j, "type", type_names[c->sections[i].type]);
        if (c->sections[i].encoding != NULL) ex_json_text(&j, "encoding", c->sections[i].encoding);
        ex_json_number(&j, "offset", offset);
        ex_json_number(&j, "count", c->sections[i].count);
        if (is_packed(c->sections[i].encoding))
            ex_json_number(&j, "bytes", c->sections[i].bytes);
        ex_json_close(&j, '}');
        offset = aligned(offset + c->sections[i].bytes);
    }
    ex_json_close(&j, ']');
    ex_json_open(&j, "meta", '{');
    if (c->meta_text != NULL) fputs(c->meta_text, out);
    ex_json_close(&j, '}');
    ex_json_close(&j, '}');
    int failed = ferror(out);
    if (fclose(out) == 0 && !failed) return text;
    free(text);
    return NULL;
}

int container_finish(struct container *c, struct payload *out, struct failure *f) {
    if (c->meta.out != NULL && fclose(c->meta.out) != 0) c->out_of_memory = 1;
    c->meta.out = NULL;
    size_t header_size = 0, size;
    char *header = c->out_of_memory ? NULL : header_text(c, &header_size);
    size_t start = size = aligned(PREFIX_BYTES + header_size);
    for (size_t i = 0; i < c->section_count; i++)
        size = aligned(size + c->sections[i].bytes);
    unsigned char *bytes = header == NULL ? NULL : calloc(size, 1);
    if (bytes == NULL) {
        free(header);
        container_release(c);
        return failure_set(f, "cannot put the answer together: out of memory");
    }
    uint32_t padded = (uint32_t)(start - PREFIX_BYTES);
    for (size_t i = 0; i < 4; i++)
        bytes[4 + i] = (unsigned char)(padded >> 8 * i);
    memcpy(bytes, "HWD1", 4);
    memset(bytes + PREFIX_BYTES, ' ', padded);
    memcpy(bytes + PREFIX_BYTES, header, header_size);
    free(header);
    size_t at = start;
    for (size_t i = 0; i < c->section_count; i++) {
        memcpy(bytes + at, c->sections[i].elements, c->sections[i].bytes);
        at = aligned(at + c->sections[i].bytes);
    }
    container_release(c);
    *out = (struct payload){bytes, size};
    return 0;
}

void payload_release(struct payload *p) {
    free(p->bytes);
    *p = (struct payload){NULL, 0};
}
