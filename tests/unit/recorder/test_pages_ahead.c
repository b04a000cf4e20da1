/* SPDX-License-Identifier: MIT
 * Pages made ahead of who fills them: how many, and that they are there. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recorder/pages_ahead.h"
#include "unit/check.h"

enum { KIB = 1024, CAPACITY = 4096 * KIB, PAGES = CAPACITY / 4096 };

static void *region(void) {
    int fd = memfd_create("pages", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, CAPACITY) == 0);
    void *memory = mmap(NULL, CAPACITY, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(memory != MAP_FAILED);
    close(fd);
    return memory;
}

static void as_many_again_as_are_filled(void) {
    static const struct {
        uint64_t filled, made;
    } steps[] = {{0, 0},
                 {2047, 0},
                 {2048, 4096},
                 {32 * KIB, 64 * KIB},
                 {100 * KIB, 200 * KIB},
                 {50 * KIB, 200 * KIB},
                 {400 * KIB, 456 * KIB}, /* in one call no more */
                 {400 * KIB, 656 * KIB}};
    void *memory = region();
    uint64_t made = 0;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        pages_ahead(memory, CAPACITY, steps[i].filled, &made);
        CHECK_EQ_U64(made, steps[i].made);
    }
    munmap(memory, CAPACITY);
}

/* What the process says may be anything. */
static void never_more_than_there_is(void) {
    void *memory = region();
    uint64_t made = 0;
    pages_ahead(memory, CAPACITY, UINT64_MAX, &made);
    CHECK_EQ_U64(made, 256 * KIB);
    for (int i = 0; i < 20; i++)
        pages_ahead(memory, CAPACITY, UINT64_MAX - (uint64_t)i, &made);
    CHECK_EQ_U64(made, CAPACITY);
    munmap(memory, CAPACITY);
}

static void they_are_there(void) {
    unsigned char *present = malloc(PAGES);
    char *memory = region();
    uint64_t made = 0;
    pages_ahead(memory, CAPACITY, 32 * KIB, &made);
    CHECK_EQ_U64(made, 64 * KIB);
    if (madvise(memory, 4096, MADV_POPULATE_WRITE) == 0) { /* Linux 5.14 */
        CHECK(mincore(memory, CAPACITY, present) == 0);
        for (uint64_t i = 0; i < PAGES; i++)
            CHECK_EQ_U64(present[i] & 1, i < made / 4096);
    }
    for (size_t i = 0; i < CAPACITY; i++)
        CHECK(memory[i] == 0);
    munmap(memory, CAPACITY);
    free(present);
}

int main(void) {
    as_many_again_as_are_filled();
    never_more_than_there_is();
    they_are_there();
    return 0;
}
