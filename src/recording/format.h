/* SPDX-License-Identifier: MIT
 * Numbers of the recording's format, version 1.2. docs/recording-format.md is the specification;
 * what a field means stands there.
 *
 *   file    := file header, chunk…, END chunk
 *   chunk   := chunk header, payload
 *   payload := column count, column header…, data of each column
 *
 * All numbers are little-endian. */
#ifndef HEAPWISE_RECORDING_FORMAT_H
#define HEAPWISE_RECORDING_FORMAT_H

#include <stdint.h>

#define REC_VERSION_MAJOR 1
#define REC_VERSION_MINOR 3

/* File header: magic, major u16, minor u16, checksum u32 of the 12 bytes before it. */
#define REC_FILE_MAGIC "\x89HWREC\r\n"
#define REC_FILE_MAGIC_SIZE 8
#define REC_FILE_HEADER_SIZE 16

/* Chunk header: mark u32, kind u8, flags u8, reserved u16, payload length u32, sequence u32,
 * checksum of the payload u32, checksum u32 of the 20 bytes before it. */
#define REC_CHUNK_MARK 0x4b4e4843u /* "CHNK" */
#define REC_CHUNK_HEADER_SIZE 24
#define REC_CHUNK_PAYLOAD_MAX (1u << 30)

/* In the flags of a chunk and of a column: a reader that does not know it must refuse the file,
 * instead of skipping it. */
#define REC_MUST_UNDERSTAND 1

enum rec_chunk_kind {
    REC_CHUNK_END = 0,
    REC_CHUNK_PROCESS = 1,
    REC_CHUNK_MODULES = 2,
    REC_CHUNK_NODES = 3,
    REC_CHUNK_THREADS = 4,
    REC_CHUNK_EVENTS = 5,
    REC_CHUNK_SNAPSHOT = 6,
    REC_CHUNK_NODE_TOTALS = 7,
    REC_CHUNK_LIVE_BLOCKS = 8,
    REC_CHUNK_STRINGS = 9,
    REC_CHUNK_SYMBOLS = 10,
    REC_CHUNK_SUMMARY = 11,
    REC_CHUNK_TIMELINE = 12,
    REC_CHUNK_INDEX = 13,
    REC_CHUNK_SOURCE = 14,
    REC_CHUNK_MARKS = 15,
    REC_CHUNK_KINDS
};

/* Payload: column count u32; then for each: id u8, codec u8, flags u8, reserved u8, stored length
 * u32, raw length u32; then the stored bytes of each, in that order. */
#define REC_COLUMN_HEADER_SIZE 12
#define REC_COLUMNS_MAX 64
enum rec_codec { REC_CODEC_STORED = 0, REC_CODEC_ZSTD = 1 };

/* The payload of the END chunk, always the last bytes of a whole file: offset u64 and length u64 of
 * the INDEX chunk, headers included. */
#define REC_END_SIZE 16

/* No chunk holds more entries of a table, or records, than this. */
#define REC_CHUNK_ENTRIES_MAX (1u << 20)
/* Raw bytes of strings in one chunk: a chunk ends at the first string that passes it. */
#define REC_CHUNK_STRINGS_TARGET (8u << 20)
/* The longest string that is kept whole. */
#define REC_STRING_MAX (1u << 20)

/* NODE_TOTALS and LIVE_BLOCKS: the snapshot that they belong to, or the end of the recording. */
#define REC_OWNER_END UINT32_MAX

#endif
