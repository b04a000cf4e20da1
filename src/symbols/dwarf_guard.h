/* SPDX-License-Identifier: MIT
 * A way out of libdw, which ends the process in three ways when it gets no memory, and in two of
 * them also for debug information that is damaged: it calls its handler of lacking memory, an
 * assertion fails, or it follows a pointer that is none.
 *
 * A guarded piece of work is left at that point, in the thread that it runs in; faults and
 * assertions of any other code end the process as ever, and so do those of heapwise's own
 * instructions in guarded work, which say nothing of the debug information. What cannot be told
 * apart: an abort, a fault in libc (whoever called it), and SIGBUS (a mapped file that has become
 * shorter, whoever reads it). */
#ifndef HEAPWISE_SYMBOLS_DWARF_GUARD_H
#define HEAPWISE_SYMBOLS_DWARF_GUARD_H

#include <elfutils/libdw.h>

/* What a guarded piece of work returns when libdw did not let it come to its end. */
enum { SYM_GUARD_MEMORY_OUT = -1, SYM_GUARD_BROKEN = -2 };

/* Between the two, faults of guarded work are caught, in any thread. They nest, and count. */
void sym_guard_begin(void);
void sym_guard_end(void);

/* Calls `work`, which uses libdw, and gives what it returned, or a value of the enumeration. What
 * it held then is lost: its memory stays allocated, and handles of libdw's must not be used again.
 */
int sym_guard_call(int (*work)(void *context), void *context);

/* A handle for use in guarded work; NULL: libdw cannot read the file. */
Dwarf *sym_guard_dwarf(Elf *elf);

#endif
