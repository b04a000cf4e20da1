/* SPDX-License-Identifier: MIT
 * Phases of one run, each begun by a mark and all of them over within a moment: what lies between
 * two marks is told by events alone, for no clock keeps them apart. Phase i allocates i blocks of
 * 100 * i + 1 bytes, keeps one of them, frees the others and what phase i - 2 has kept. */
#include <stdlib.h>

#include "heapwise/heapwise.h"

#define PHASES 6

int main(void) {
    static const char *const names[PHASES] = {"one", "two", "3s", "again", "again", "\"last\", so"};
    void *kept[PHASES + 1] = {NULL};
    for (int i = 1; i <= PHASES; i++) {
        void *blocks[PHASES];
        heapwise_mark(names[i - 1]);
        for (int k = 0; k < i; k++)
            blocks[k] = malloc((size_t)(100 * i + 1));
        for (int k = 1; k < i; k++)
            free(blocks[k]);
        kept[i] = blocks[0];
        if (i > 2) free(kept[i - 2]);
    }
    return 0;
}
