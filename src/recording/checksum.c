/* SPDX-License-Identifier: MIT
 * CRC-32C, eight bytes a step with one table for each byte of the step. See checksum.h. */
#include "recording/checksum.h"

#include <pthread.h>

#define POLYNOMIAL 0x82f63b78u

/* table[k][b]: the remainder of byte b followed by k zero bytes. */
static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void fill_table(void) {
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t r = b;
        for (int bit = 0; bit < 8; bit++) r = (r >> 1) ^ (r & 1 ? POLYNOMIAL : 0);
        table[0][b] = r;
    }
    for (int k = 1; k < 8; k++)
        for (int b = 0; b < 256; b++)
            table[k][b] = (table[k - 1][b] >> 8) ^ table[0][table[k - 1][b] & 0xff];
}

uint32_t rec_checksum(const void *data, size_t length) {
    pthread_once(&table_once, fill_table);
    const uint8_t *p = data;
    uint32_t r = UINT32_MAX;
    for (; length >= 8; length -= 8, p += 8) {
        uint32_t low = r ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                            (uint32_t)p[3] << 24);
        r = table[7][low & 0xff] ^ table[6][(low >> 8) & 0xff] ^ table[5][(low >> 16) & 0xff] ^
            table[4][low >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
    }
    for (; length > 0; length--, p++) r = (r >> 8) ^ table[0][(r ^ *p) & 0xff];
    return ~r;
}
