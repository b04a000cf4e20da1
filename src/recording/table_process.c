/* SPDX-License-Identifier: MIT
 * Columns of the small tables: process facts, modules, threads. See table_codec.h. */
#include "recording/format.h"
#include "recording/table_codec.h"

#define FACTS_LIMIT (16u << 20)

int rec_table_reserve(void **entries, size_t *capacity, size_t count, size_t more, size_t size,
                      struct failure *f) {
    if (*entries != NULL && *capacity - count >= more) return 0;
    size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
    if (wanted < count + more) wanted = count + more;
    void *grown = wanted > SIZE_MAX / size ? NULL : realloc(*entries, wanted * size);
    if (grown == NULL) return failure_set(f, "out of memory for %zu entries", wanted);
    *entries = grown;
    *capacity = wanted;
    return 0;
}

enum { PROCESS_NUMBERS = 1, PROCESS_STRINGS, PROCESS_COMMAND, PROCESS_ENVIRONMENT, PROCESS_COLUMNS };

static void put_list(struct rec_payload_writer *p, uint8_t id, const char *const *list) {
    struct rec_bytes b = {0};
    for (; list != NULL && *list != NULL; list++) rec_bytes_put_string(&b, *list);
    rec_payload_add_bytes(p, id, &b, 3);
}

void rec_process_write(struct rec_payload_writer *p, const struct rec_process *process) {
    struct rec_bytes numbers = {0}, strings = {0};
    rec_bytes_put_varint(&numbers, process->pid);
    rec_bytes_put_varint(&numbers, process->parent_pid);
    rec_bytes_put_varint(&numbers, process->forked);
    rec_bytes_put_varint(&numbers, process->page_size);
    rec_bytes_put_varint(&numbers, process->start_unix_ns);
    rec_bytes_put_string(&strings, "heapwise " HEAPWISE_VERSION);
    rec_bytes_put_string(&strings, process->executable);
    rec_bytes_put_string(&strings, process->working_directory);
    rec_bytes_put_string(&strings, process->host);
    rec_bytes_put_string(&strings, process->kernel);
    rec_bytes_put_string(&strings, process->clock);
    rec_payload_add_bytes(p, PROCESS_NUMBERS, &numbers, 1);
    rec_payload_add_bytes(p, PROCESS_STRINGS, &strings, 3);
    put_list(p, PROCESS_COMMAND, process->command);
    put_list(p, PROCESS_ENVIRONMENT, process->environment_names);
}

/* The NUL-terminated strings of a column, as a NULL-terminated array. */
static int take_list(const char ***out, struct rec_cursor *c, struct failure *f) {
    size_t count = 0;
    for (const uint8_t *b = c->next; b != c->end; b++) count += *b == 0;
    const char **list = malloc((count + 1) * sizeof *list);
    if (list == NULL) return failure_set(f, "out of memory for %zu strings", count);
    for (size_t i = 0; i < count; i++) list[i] = rec_cursor_string(c);
    list[count] = NULL;
    *out = list;
    return 0;
}

void rec_process_release(struct rec_process_table *t) {
    for (int i = 0; i < 4; i++) free(t->storage[i]);
    for (int i = 0; i < 2; i++) free(t->lists[i]);
    memset(t, 0, sizeof *t);
}

int rec_process_read(struct rec_process_table *t, const struct rec_payload *p, struct failure *f) {
    struct rec_cursor numbers, strings, command, environment;
    rec_process_release(t);
    if (rec_payload_column(p, PROCESS_NUMBERS, FACTS_LIMIT, &t->storage[0], &numbers, f) < 0 ||
        rec_payload_column(p, PROCESS_STRINGS, FACTS_LIMIT, &t->storage[1], &strings, f) < 0 ||
        rec_payload_column(p, PROCESS_COMMAND, FACTS_LIMIT, &t->storage[2], &command, f) < 0 ||
        rec_payload_column(p, PROCESS_ENVIRONMENT, FACTS_LIMIT, &t->storage[3], &environment, f) < 0)
        return -1;
    struct rec_process *process = &t->process;
    process->pid = (uint32_t)rec_cursor_varint(&numbers);
    process->parent_pid = (uint32_t)rec_cursor_varint(&numbers);
    process->forked = (uint32_t)rec_cursor_varint(&numbers);
    process->page_size = (uint32_t)rec_cursor_varint(&numbers);
    process->start_unix_ns = rec_cursor_varint(&numbers);
    t->version = rec_cursor_string(&strings);
    process->executable = rec_cursor_string(&strings);
    process->working_directory = rec_cursor_string(&strings);
    process->host = rec_cursor_string(&strings);
    process->kernel = rec_cursor_string(&strings);
    process->clock = rec_cursor_string(&strings);
    if (numbers.failed || strings.failed) return failure_set(f, "the process facts are incomplete");
    if (take_list(&t->lists[0], &command, f) < 0 || take_list(&t->lists[1], &environment, f) < 0)
        return -1;
    process->command = t->lists[0];
    process->environment_names = t->lists[1];
    return 0;
}

enum { MODULES_NUMBERS = 1, MODULES_PATHS, MODULES_BUILD_IDS, MODULES_COLUMNS };

void rec_modules_write(struct rec_payload_writer *p, const struct rec_module *modules, size_t count) {
    struct rec_bytes numbers = {0}, paths = {0}, ids = {0};
    rec_bytes_put_varint(&numbers, count);
    for (size_t i = 0; i < count; i++) {
        const struct rec_module *m = &modules[i];
        rec_bytes_put_varint(&numbers, m->start);
        rec_bytes_put_varint(&numbers, m->end - m->start);
        rec_bytes_put_varint(&numbers, rec_zigzag((int64_t)(m->bias - m->start)));
        rec_bytes_put_varint(&numbers, m->build_id_length);
        rec_bytes_put_string(&paths, m->path);
        rec_bytes_put(&ids, m->build_id, m->build_id_length);
    }
    rec_payload_add_bytes(p, MODULES_NUMBERS, &numbers, 1);
    rec_payload_add_bytes(p, MODULES_PATHS, &paths, 3);
    rec_payload_add_bytes(p, MODULES_BUILD_IDS, &ids, 1);
}

int rec_module_add(struct rec_module_table *t, const struct rec_module *m) {
    if (rec_table_reserve((void **)&t->entries, &t->capacity, t->count, 1, sizeof *m, NULL) < 0)
        return -1;
    char *path = strdup(m->path == NULL ? "" : m->path);
    if (path == NULL) return -1;
    t->entries[t->count] = *m;
    t->entries[t->count].path = path;
    if (t->entries[t->count].build_id_length > REC_BUILD_ID_MAX)
        t->entries[t->count].build_id_length = REC_BUILD_ID_MAX;
    t->count++;
    return 0;
}

int rec_modules_read(struct rec_module_table *t, const struct rec_payload *p, struct failure *f) {
    uint8_t *raw[3] = {0};
    struct rec_cursor numbers, paths, ids;
    int result = -1;
    if (rec_payload_column(p, MODULES_NUMBERS, FACTS_LIMIT, &raw[0], &numbers, f) < 0 ||
        rec_payload_column(p, MODULES_PATHS, FACTS_LIMIT, &raw[1], &paths, f) < 0 ||
        rec_payload_column(p, MODULES_BUILD_IDS, FACTS_LIMIT, &raw[2], &ids, f) < 0)
        goto out;
    uint64_t count = rec_cursor_varint(&numbers);
    for (uint64_t i = 0; i < count; i++) {
        struct rec_module m = {0};
        m.start = rec_cursor_varint(&numbers);
        m.end = m.start + rec_cursor_varint(&numbers);
        m.bias = m.start + (uint64_t)rec_unzigzag(rec_cursor_varint(&numbers));
        uint64_t id_length = rec_cursor_varint(&numbers);
        m.path = rec_cursor_string(&paths);
        if (numbers.failed || paths.failed || id_length > REC_BUILD_ID_MAX ||
            (size_t)(ids.end - ids.next) < id_length) {
            failure_set(f, "module %zu is damaged", t->count);
            goto out;
        }
        if (id_length > 0) memcpy(m.build_id, ids.next, id_length);
        ids.next += id_length;
        m.build_id_length = (uint32_t)id_length;
        if (rec_module_add(t, &m) < 0) {
            failure_set(f, "out of memory for the modules");
            goto out;
        }
    }
    result = numbers.failed ? failure_set(f, "the modules are damaged") : 0;
out:
    for (int i = 0; i < 3; i++) free(raw[i]);
    return result;
}

void rec_modules_release(struct rec_module_table *t) {
    for (size_t i = 0; i < t->count; i++) free((char *)t->entries[i].path);
    free(t->entries);
    memset(t, 0, sizeof *t);
}

enum { THREADS_NUMBERS = 1, THREADS_NAMES, THREADS_COLUMNS };

void rec_threads_write(struct rec_payload_writer *p, const struct rec_thread *threads,
                       const uint32_t *indexes, size_t count) {
    struct rec_bytes numbers = {0}, names = {0};
    rec_bytes_put_varint(&numbers, count);
    for (size_t i = 0; i < count; i++) {
        const struct rec_thread *t = &threads[indexes[i]];
        rec_bytes_put_varint(&numbers, indexes[i]);
        rec_bytes_put_varint(&numbers, t->tid);
        rec_bytes_put(&names, t->name, strnlen(t->name, sizeof t->name));
        rec_bytes_put_u8(&names, 0);
    }
    rec_payload_add_bytes(p, THREADS_NUMBERS, &numbers, 1);
    rec_payload_add_bytes(p, THREADS_NAMES, &names, 1);
}

int rec_thread_set(struct rec_thread_table *t, uint32_t index, const struct rec_thread *thread) {
    if (index > t->count) return -1;
    if (index == t->count) {
        if (rec_table_reserve((void **)&t->entries, &t->capacity, t->count, 1, sizeof *thread,
                              NULL) < 0)
            return -1;
        t->count++;
    }
    t->entries[index] = *thread;
    return 0;
}

int rec_threads_read(struct rec_thread_table *t, const struct rec_payload *p, struct failure *f) {
    uint8_t *raw[2] = {0};
    struct rec_cursor numbers, names;
    int result = -1;
    if (rec_payload_column(p, THREADS_NUMBERS, FACTS_LIMIT, &raw[0], &numbers, f) == 0 &&
        rec_payload_column(p, THREADS_NAMES, FACTS_LIMIT, &raw[1], &names, f) == 0) {
        uint64_t count = rec_cursor_varint(&numbers);
        result = 0;
        for (uint64_t i = 0; i < count && result == 0; i++) {
            struct rec_thread thread = {0};
            uint64_t index = rec_cursor_varint(&numbers), tid = rec_cursor_varint(&numbers);
            const char *name = rec_cursor_string(&names);
            if (name != NULL) memcpy(thread.name, name, strnlen(name, sizeof thread.name - 1));
            thread.tid = (uint32_t)tid;
            if (numbers.failed || names.failed || index > t->count || tid > UINT32_MAX ||
                rec_thread_set(t, (uint32_t)index, &thread) < 0)
                result = failure_set(f, "the threads are damaged");
        }
        if (numbers.failed) result = failure_set(f, "the threads are damaged");
    }
    free(raw[0]);
    free(raw[1]);
    return result;
}

void rec_threads_release(struct rec_thread_table *t) {
    free(t->entries);
    memset(t, 0, sizeof *t);
}
