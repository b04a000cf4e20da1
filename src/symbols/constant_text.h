/* SPDX-License-Identifier: MIT
 * What a function of a program returns, when it does nothing but return a constant text: read from
 * the file, so that nothing of the program is run. */
#ifndef HEAPWISE_SYMBOLS_CONSTANT_TEXT_H
#define HEAPWISE_SYMBOLS_CONSTANT_TEXT_H

enum sym_constant_text {
    SYM_TEXT_NONE,    /* the file has no such function (or can not be read) */
    SYM_TEXT_UNKNOWN, /* it has, but what it returns is worked out when it runs */
    SYM_TEXT_FOUND,   /* *text holds it; the caller frees it */
};

/* Looks in the symbol tables of the ELF file at `path`, those of linking included. */
enum sym_constant_text sym_constant_text(const char *path, const char *function, char **text);

#endif
