/* SPDX-License-Identifier: MIT
 * Makes a file of any bytes. With checksums made right a reader of recordings does not refuse it at
 * once: otherwise nearly every input would end at the first of them. */
#ifndef HEAPWISE_TESTS_FUZZ_RECORDING_INPUT_H
#define HEAPWISE_TESTS_FUZZ_RECORDING_INPUT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording/checksum.h"
#include "recording/format.h"

static uint32_t get_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_u32(uint8_t *p, uint32_t v) {
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (8 * i));
}

static void repair_checksums(uint8_t *data, size_t size) {
    if (size < REC_FILE_HEADER_SIZE) return;
    memcpy(data, REC_FILE_MAGIC, REC_FILE_MAGIC_SIZE);
    put_u32(data + 12, rec_checksum(data, 12));
    uint32_t sequence = 0;
    for (size_t at = REC_FILE_HEADER_SIZE; size - at >= REC_CHUNK_HEADER_SIZE;) {
        uint8_t *header = data + at;
        size_t left = size - at - REC_CHUNK_HEADER_SIZE, length = get_u32(header + 8);
        if (length > left) length = left;
        put_u32(header, REC_CHUNK_MARK);
        put_u32(header + 8, (uint32_t)length);
        put_u32(header + 12, sequence++);
        put_u32(header + 16, rec_checksum(header + REC_CHUNK_HEADER_SIZE, length));
        put_u32(header + 20, rec_checksum(header, 20));
        at += REC_CHUNK_HEADER_SIZE + length;
    }
}

enum recording_sums { RECORDING_AS_IT_IS, RECORDING_REPAIRED };

/* Its path is valid until the next call. */
static const char *recording_input(const uint8_t *data, size_t size, enum recording_sums sums) {
    static int file = -1;
    static char path[64];
    uint8_t *copy = malloc(size + 1);
    if (copy == NULL) abort();
    memcpy(copy, data, size);
    if (sums == RECORDING_REPAIRED) repair_checksums(copy, size);
    if (file < 0) file = memfd_create("recording", 0);
    if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, copy, size, 0) != (ssize_t)size) abort();
    free(copy);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return path;
}

#endif
