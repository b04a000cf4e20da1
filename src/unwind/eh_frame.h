/* SPDX-License-Identifier: MIT
 * .eh_frame: finds the description (FDE, with its CIE) of the function at an address. */
#ifndef HEAPWISE_UNWIND_EH_FRAME_H
#define HEAPWISE_UNWIND_EH_FRAME_H

#include <stdbool.h>
#include <stdint.h>

struct uw_fde {
    uint64_t start, stop;                 /* code addresses [start, stop) */
    const uint8_t *initial, *initial_end; /* CFA program of the CIE */
    const uint8_t *program, *program_end; /* and of the FDE */
    uint64_t code_factor;
    int64_t data_factor;
    uint64_t ra_column;
    uint8_t encoding;  /* of code addresses */
    bool signal_frame; /* the caller was interrupted: its pc is exact */
};

/* Fills `fde` for the code at `address`. Returns false when there is no unwind information. Takes
 * no lock and is async-signal-safe.
 *
 * A "return address" that no call made may be the first byte of a function: makecontext puts
 * __start_context under a coroutine's first function that way. The address looked up, one before,
 * is then in the padding, so where nothing covers the address a function that begins right behind
 * it is taken. */
bool uw__fde_find(uint64_t address, struct uw_fde *fde);

/* Reads a LEB128 number, or a pointer in encoding DW_EH_PE_*, and moves *p behind it. */
uint64_t uw__read_uleb(const uint8_t **p);
int64_t uw__read_sleb(const uint8_t **p);
uint64_t uw__read_encoded(const uint8_t **p, uint8_t encoding, uint64_t data_base);

#endif
