/* SPDX-License-Identifier: MIT
 * Keeps the kernel's list of the words to be marked at this thread's end. See death_mark.h. */
#include "recorder/death_mark.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/atomics.h"

/* The kernel's own layout; the list is circular and ends at its head. */
static __thread struct robust_list_head marks;

void *death_mark_map(int fd, size_t bytes) {
    char *page = mmap(NULL, DEATH_MARK_DISTANCE + bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (page == MAP_FAILED) return NULL;
    void *shared = mmap(page + DEATH_MARK_DISTANCE, bytes, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_NORESERVE | MAP_FIXED, fd, 0);
    if (shared != MAP_FAILED) return shared;
    int error = errno;
    munmap(page, DEATH_MARK_DISTANCE + bytes);
    errno = error;
    return NULL;
}

void death_mark_unmap(void *shared, size_t bytes) {
    munmap((char *)shared - DEATH_MARK_DISTANCE, DEATH_MARK_DISTANCE + bytes);
}

static struct robust_list *link_of(uint32_t *word) {
    return (struct robust_list *)(void *)((char *)word - DEATH_MARK_DISTANCE);
}

int death_mark_announce(uint32_t *word) {
    struct robust_list *link = link_of(word);
    if (marks.list.next == NULL) {
        marks.list.next = &marks.list;
        marks.futex_offset = DEATH_MARK_DISTANCE;
        if (syscall(SYS_set_robust_list, &marks, sizeof marks) != 0) {
            marks.list.next = NULL;
            return errno;
        }
    }
    store_relaxed(word, (uint32_t)syscall(SYS_gettid));
    link->next = marks.list.next;
    fence_signal(); /* should we be killed here: the list is whole before and after */
    marks.list.next = link;
    return 0;
}

void death_mark_take_back(uint32_t *word) {
    struct robust_list *before = &marks.list, *link = link_of(word);
    while (before->next != link && before->next != &marks.list)
        before = before->next;
    if (before->next == link) before->next = link->next;
    fence_signal();
    store_relaxed(word, 0);
}
