/* SPDX-License-Identifier: MIT
 * Asks the kernel about the timestamp counter. See clock_source.h. The kernel takes "tsc" off its
 * list of clocks when it finds the counters of two cores apart or their rate unsteady. */
#include "recorder/clock_source.h"

#include <stdio.h>
#include <string.h>

static bool file_has_word(const char *path, const char *line_start, const char *word) {
    char line[8192];
    bool found = false;
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, line_start, strlen(line_start)) != 0) continue;
        for (char *save, *w = strtok_r(line, " \t\n", &save); w != NULL && !found;
             w = strtok_r(NULL, " \t\n", &save))
            found = strcmp(w, word) == 0;
        break;
    }
    fclose(file);
    return found;
}

bool timestamp_counter_is_sound(void) {
    return file_has_word("/proc/cpuinfo", "flags", "constant_tsc") &&
           file_has_word("/proc/cpuinfo", "flags", "nonstop_tsc") &&
           file_has_word("/sys/devices/system/clocksource/clocksource0/available_clocksource", "",
                         "tsc");
}
