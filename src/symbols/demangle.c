/* SPDX-License-Identifier: MIT
 * Readable names from linkage names, through libiberty. See symbols.h.
 *
 * A name comes from a file that anyone may have made, so its length, the demangler's recursion and
 * the length of what comes out are all bounded; a name beyond the bounds stays as it is. */
#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/symbols.h"

#define LONGEST_INPUT ((size_t)64 << 10)
#define LONGEST_OUTPUT ((size_t)1 << 20)
#define STYLE (DMGL_PARAMS | DMGL_ANSI)

struct output {
    char *text; /* NULL: memory is out */
    size_t length, capacity;
    jmp_buf give_up;
};

/* Called by libiberty with the next piece. A few dozen bytes can stand for gigabytes, and the only
 * way out of the demangler is to leave it: it holds no memory of the heap while it prints. */
static void append(const char *piece, size_t length, void *context) {
    struct output *output = context;
    if (length >= LONGEST_OUTPUT - output->length) longjmp(output->give_up, 1);
    if (output->length + length >= output->capacity) {
        size_t capacity = (output->length + length + 1) * 2;
        char *grown = realloc(output->text, capacity);
        if (grown == NULL) longjmp(output->give_up, 1);
        output->text = grown;
        output->capacity = capacity;
    }
    memcpy(output->text + output->length, piece, length);
    output->length += length;
    output->text[output->length] = '\0';
}

typedef int demangler(const char *name, int options, demangle_callbackref callback, void *context);

static char *demangle_with(demangler *demangle, const char *name) {
    struct output *output = calloc(1, sizeof *output);
    if (output == NULL) return NULL;
    char *text = NULL;
    if (setjmp(output->give_up) == 0 && demangle(name, STYLE, append, output) != 0) {
        text = output->text;
        output->text = NULL;
    }
    free(output->text);
    free(output);
    return text;
}

/* libiberty's D demangler gathers its text in memory from these, whose own versions end the process
 * when memory is out. Here they are where it is bounded; the one buffer it has is then lost, which
 * only a name made for it can bring about. */
static _Thread_local jmp_buf *memory_end;

static void *checked(void *memory) {
    if (memory != NULL) return memory;
    if (memory_end != NULL) longjmp(*memory_end, 1);
    abort();
}

void *xmalloc(size_t size);
void *xrealloc(void *memory, size_t size);
void *xcalloc(size_t count, size_t size);

void *xmalloc(size_t size) {
    return checked(size > 2 * LONGEST_OUTPUT ? NULL : malloc(size > 0 ? size : 1));
}

void *xrealloc(void *memory, size_t size) {
    return checked(size > 2 * LONGEST_OUTPUT ? NULL : realloc(memory, size > 0 ? size : 1));
}

void *xcalloc(size_t count, size_t size) {
    return checked(calloc(count > 0 ? count : 1, size > 0 ? size : 1));
}

static char *demangle_d(const char *name) {
    jmp_buf end;
    char *volatile text = NULL;
    memory_end = &end;
    if (setjmp(end) == 0) text = dlang_demangle(name, STYLE);
    memory_end = NULL;
    return text;
}

static int starts_with(const char *name, const char *start) {
    return strncmp(name, start, strlen(start)) == 0;
}

/* Functions that compilers make to run a file's constructors of static objects, and what they call
 * them: by a name of that file. */
static char *demangle_initializers(const char *name) {
    static const char *const starts[] = {"_GLOBAL__sub_I_", "_GLOBAL__sub_D_"};
    static const char *const words[] = {"initializers", "finalizers"};
    for (size_t i = 0; i < 2; i++) {
        if (!starts_with(name, starts[i])) continue;
        const char *inner = name + strlen(starts[i]);
        if (starts_with(inner, "_GLOBAL__sub_")) return NULL; /* would nest as deep as it is long */
        char *of = sym_demangle(inner), *text = NULL;
        if (of == NULL || asprintf(&text, "{static %s of %s}", words[i], of) < 0) text = NULL;
        free(of);
        return text;
    }
    return NULL;
}

char *sym_demangle(const char *linkage_name) {
    char *readable = NULL;
    if (strnlen(linkage_name, LONGEST_INPUT) < LONGEST_INPUT) {
        if (starts_with(linkage_name, "_GLOBAL__sub_"))
            readable = demangle_initializers(linkage_name);
        else if (starts_with(linkage_name, "_R") || starts_with(linkage_name, "_ZN"))
            readable = demangle_with(rust_demangle_callback, linkage_name);
        if (readable == NULL && starts_with(linkage_name, "_Z"))
            readable = demangle_with(cplus_demangle_v3_callback, linkage_name);
        if (readable == NULL && starts_with(linkage_name, "_D"))
            readable = demangle_d(linkage_name);
    }
    return readable != NULL ? readable : strdup(linkage_name);
}
