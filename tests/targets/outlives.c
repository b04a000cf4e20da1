/* SPDX-License-Identifier: MIT
 * Goes on whatever becomes of the recorder. Says its pid, then takes one step for each letter that it
 * reads, and says the letter when it is done:
 *   s  a small step: 1,000 pairs of malloc and free
 *   l  a large one, more than any ring holds: 300,000 pairs
 *   k  keeps 200,000 blocks
 *   r  makes all memory that it shares with the recorder read-only: whoever writes there ends it
 * At the end of its input it tells its truth. */
#include <fcntl.h>
#include <sys/mman.h>

#include "own.h"

static struct own own;

static void pairs(int count) {
    for (int i = 0; i < count; i++) own_free(&own, own_malloc(&own, 1013), 1013);
}

static void keep(void) {
    for (int i = 0; i < 200000; i++) own_malloc(&own, 37);
}

/* Gives how many mappings there were. */
static int make_read_only(void) {
    static char maps[1 << 16];
    size_t used = 0;
    ssize_t n;
    int fd = open("/proc/self/maps", O_RDONLY), count = 0;
    while ((n = read(fd, maps + used, sizeof maps - 1 - used)) > 0) used += (size_t)n;
    close(fd);
    for (char *line = maps, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        unsigned long from = strtoul(line, &line, 16), to = strtoul(line + 1, NULL, 16);
        if (strstr(line, "memfd:heapwise") == NULL) continue;
        if (mprotect((void *)from, to - from, PROT_READ) != 0) _exit(98);
        count++;
    }
    return count;
}

int main(void) {
    char line[40], step;
    snprintf(line, sizeof line, "%d\n", (int)getpid());
    own_write(line);
    while (read(STDIN_FILENO, &step, 1) == 1) {
        int regions = 0;
        switch (step) {
        case 's': pairs(1000); break;
        case 'l': pairs(300000); break;
        case 'k': keep(); break;
        case 'r': regions = make_read_only(); break;
        default: _exit(97);
        }
        snprintf(line, sizeof line, "%c %d\n", step, regions);
        own_write(line);
    }
    own_print("outlives", &own);
    return 6;
}
