/* SPDX-License-Identifier: MIT
 * A program with valgrind's pool requests, through heapwise's header alone. */
#include <stdio.h>
#include <stdlib.h>

#include "heapwise/mempool.h"

static char memory[4096];
static struct arena { int used; } first, second;

int main(void) {
    VALGRIND_CREATE_MEMPOOL(&first, 0, 0);
    VALGRIND_CREATE_MEMPOOL(&second, 0, 0);
    for (int i = 0; i < 8; i++)
        VALGRIND_MEMPOOL_ALLOC(&first, memory + 64 * i, 60);
    VALGRIND_MEMPOOL_FREE(&first, memory);
    VALGRIND_MEMPOOL_CHANGE(&first, memory + 64, memory + 1024, 500);
    for (int i = 0; i < 5; i++)
        VALGRIND_MEMPOOL_ALLOC(&second, memory + 2048 + 64 * i, 50);
    VALGRIND_MEMPOOL_TRIM(&second, memory, 0);
    VALGRIND_MEMPOOL_ALLOC(&second, memory + 2048, 51);
    VALGRIND_MOVE_MEMPOOL(&second, &memory);
    VALGRIND_MEMPOOL_ALLOC(&memory, memory + 3000, 9);
    VALGRIND_MALLOCLIKE_BLOCK(memory + 4000, 40, 0, 0);
    printf("exists %d %d %d\n", VALGRIND_MEMPOOL_EXISTS(&first) != 0,
           VALGRIND_MEMPOOL_EXISTS(&second) != 0, VALGRIND_MEMPOOL_EXISTS(&memory) != 0);
    fflush(stdout);
    VALGRIND_DESTROY_MEMPOOL(&first);
    return 0; /* left: of second 51 + 9 bytes, without a pool 40 */
}
