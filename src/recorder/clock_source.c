/* SPDX-License-Identifier: MIT
 * Asks the kernel about the timestamp counter. See clock_source.h. The kernel takes "tsc" off its
 * list of clocks when it finds the counters of two cores apart or their rate unsteady. */
#include "recorder/clock_source.h"

#include <stdio.h>
#include <string.h>

#include "core/arch/x86_64/cpu.h"

/* Whether the first line that begins so has all of these words, up to a NULL. */
static bool file_has_words(const char *path, const char *line_start, const char *const *words) {
    char line[8192];
    bool all = false;
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, line_start, strlen(line_start)) != 0) continue;
        unsigned wanted = 0, found = 0;
        while (words[wanted] != NULL)
            wanted++;
        for (char *save, *w = strtok_r(line, " \t\n", &save); w != NULL && found < wanted;
             w = strtok_r(NULL, " \t\n", &save))
            for (unsigned i = 0; i < wanted; i++)
                found += strcmp(w, words[i]) == 0;
        all = found == wanted;
        break;
    }
    fclose(file);
    return all;
}

bool timestamp_counter_is_sound(void) {
    /* Once is enough: the kernel writes all of /proc/cpuinfo for each who reads it. */
    static const char *const steady[] = {"constant_tsc", "nonstop_tsc", NULL};
    static const char *const trusted[] = {"tsc", NULL};
    return cpu_has_stamps() && file_has_words("/proc/cpuinfo", "flags", steady) &&
           file_has_words("/sys/devices/system/clocksource/clocksource0/available_clocksource", "",
                          trusted);
}
