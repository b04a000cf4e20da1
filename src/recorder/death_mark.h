/* SPDX-License-Identifier: MIT
 * A word of shared memory in which the kernel itself says that the recorder is gone: the agents of
 * all processes look there before they wait for it.
 *
 * The kernel keeps, for each thread, the address of a list of such words ("robust futexes"). When
 * the thread ends, however it does, FUTEX_OWNER_DIED is set in each word that holds its id. The
 * robust mutexes of libc would do as well, but they keep the links of that list inside the mutex:
 * there the recorded process could write, and the recorder would follow. So the links lie in a
 * private page before the shared memory, always at the same distance from their word:
 *
 *     mapping ─►┌─ private page ─────────────┬─ shared memory ──────────────┐
 *               │      link ●──► next link   │      word                    │
 *               └──────┼─────────────────────┴──────▲───────────────────────┘
 *                      └── DEATH_MARK_DISTANCE ─────┘
 *
 * What the process does to the word harms nobody but itself. */
#ifndef HEAPWISE_RECORDER_DEATH_MARK_H
#define HEAPWISE_RECORDER_DEATH_MARK_H

#include <stddef.h>
#include <stdint.h>

#define DEATH_MARK_DISTANCE 4096

/* Maps shared memory with the private page before it. Gives the shared memory, or NULL and errno.
 */
void *death_mark_map(int fd, size_t bytes);
void death_mark_unmap(void *shared, size_t bytes);

/* From here on until it is taken back, the end of the calling thread marks `word`, which lies in
 * the first page of what death_mark_map gave. Both in the same thread. Returns 0 or an errno. */
int death_mark_announce(uint32_t *word);
void death_mark_take_back(uint32_t *word);

#endif
