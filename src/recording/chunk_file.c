/* SPDX-License-Identifier: MIT
 * A recording being written. See chunk_file.h. */
#include "recording/chunk_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "recording/checksum.h"

/* The column of an INDEX chunk. */
enum { INDEX_CHUNKS = 1 };

static int write_whole(struct rec_chunk_file *file, struct iovec *parts, int count) {
    while (count > 0) {
        ssize_t n = writev(file->fd, parts, count);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EIO;
        while (count > 0 && (size_t)n >= parts->iov_len) {
            n -= (ssize_t)parts->iov_len;
            parts++;
            count--;
        }
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + n;
            parts->iov_len -= (size_t)n;
        }
    }
    return 0;
}

void rec_chunk_file_fail(struct rec_chunk_file *file, const char *why) {
    if (file->failed) return;
    file->failed = 1;
    failure_set(&file->failure, "cannot write the recording: %s; what was written until then can be read",
                why);
}

int rec_chunk_file_create(struct rec_chunk_file *file, const char *path, struct failure *f) {
    memset(file, 0, sizeof *file);
    file->fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0666);
    if (file->fd < 0) return failure_set_errno(f, errno, "cannot create %s", path);
    rec_bytes_put(&file->header, REC_FILE_MAGIC, REC_FILE_MAGIC_SIZE);
    rec_bytes_put_u16(&file->header, REC_VERSION_MAJOR);
    rec_bytes_put_u16(&file->header, REC_VERSION_MINOR);
    rec_bytes_put_u32(&file->header, rec_checksum(file->header.data, file->header.length));
    struct iovec part = {file->header.data, file->header.length};
    int error = file->header.failed ? ENOMEM : write_whole(file, &part, 1);
    if (error != 0) {
        failure_set_errno(f, error, "cannot write %s", path);
        rec_chunk_file_close(file);
        return -1;
    }
    file->length = REC_FILE_HEADER_SIZE;
    return 0;
}

void rec_index_put(struct rec_bytes *index, enum rec_chunk_kind kind, uint64_t length,
                   const struct rec_event_facts *facts) {
    rec_bytes_put_u8(index, (uint8_t)kind);
    rec_bytes_put_u8(index, REC_MUST_UNDERSTAND);
    rec_bytes_put_varint(index, length);
    if (kind != REC_CHUNK_EVENTS) return;
    rec_bytes_put_varint(index, facts->events);
    rec_bytes_put_varint(index, facts->records);
    rec_bytes_put_varint(index, facts->births);
    rec_bytes_put_varint(index, facts->first_tick);
    rec_bytes_put_varint(index, facts->last_tick - facts->first_tick);
    rec_bytes_put_varint(index, facts->first_thread);
    rec_bytes_put_varint(index, facts->last_thread);
    rec_bytes_put_varint(index, facts->top_node);
}

void rec_chunk_file_add(struct rec_chunk_file *file, enum rec_chunk_kind kind,
                        const struct rec_bytes *payload, const struct rec_event_facts *facts) {
    if (file->failed) return;
    if (payload == NULL) {
        rec_chunk_file_fail(file, "out of memory");
        return;
    }
    if (payload->length > REC_CHUNK_PAYLOAD_MAX) {
        rec_chunk_file_fail(file, "a table is too large for its format");
        return;
    }
    struct rec_bytes *h = &file->header;
    h->length = 0;
    rec_bytes_put_u32(h, REC_CHUNK_MARK);
    rec_bytes_put_u8(h, (uint8_t)kind);
    rec_bytes_put_u8(h, REC_MUST_UNDERSTAND);
    rec_bytes_put_u16(h, 0);
    rec_bytes_put_u32(h, (uint32_t)payload->length);
    rec_bytes_put_u32(h, file->chunk_count);
    rec_bytes_put_u32(h, rec_checksum(payload->data, payload->length));
    rec_bytes_put_u32(h, rec_checksum(h->data, h->length));
    struct iovec parts[2] = {{h->data, h->length}, {payload->data, payload->length}};
    int error = write_whole(file, parts, 2);
    if (error != 0) {
        char why[128];
        rec_chunk_file_fail(file, strerror_r(error, why, sizeof why));
        /* Best effort: a reader stops at the last whole chunk in any case. */
        if (ftruncate(file->fd, (off_t)file->length) != 0) return;
        return;
    }
    if (kind != REC_CHUNK_INDEX && kind != REC_CHUNK_END)
        rec_index_put(&file->index, kind, h->length + payload->length, facts);
    file->chunk_count++;
    file->length += h->length + payload->length;
}

void rec_chunk_file_finish(struct rec_chunk_file *file, struct rec_payload_writer *p) {
    uint64_t index_offset = file->length;
    rec_payload_begin(p);
    rec_payload_add(p, INDEX_CHUNKS, file->index.data, file->index.length, 3);
    p->failed |= file->index.failed;
    rec_chunk_file_add(file, REC_CHUNK_INDEX, rec_payload_end(p), NULL);
    struct rec_bytes end = {0};
    rec_bytes_put_u64(&end, index_offset);
    rec_bytes_put_u64(&end, file->length - index_offset);
    rec_chunk_file_add(file, REC_CHUNK_END, end.failed ? NULL : &end, NULL);
    rec_bytes_free(&end);
}

void rec_chunk_file_close(struct rec_chunk_file *file) {
    if (file->fd >= 0 && close(file->fd) != 0 && errno != EINTR) {
        char why[128];
        rec_chunk_file_fail(file, strerror_r(errno, why, sizeof why));
    }
    file->fd = -1;
    rec_bytes_free(&file->index);
    rec_bytes_free(&file->header);
}
