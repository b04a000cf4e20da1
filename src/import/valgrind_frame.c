/* SPDX-License-Identifier: MIT
 * Frames of valgrind's tools. See valgrind_frame.h. */
#include "import/valgrind_frame.h"

#include <stdlib.h>
#include <string.h>

#include "import/numbers.h"

/* Where " (in FILE)" or " (FILE:LINE)" begins at the end of the text, or NULL: names of C++
 * functions have brackets of their own. */
static char *find_place(char *text) {
    size_t length = strlen(text);
    if (length == 0 || text[length - 1] != ')') return NULL;
    char *open = NULL;
    for (char *at = strstr(text, " ("); at != NULL; at = strstr(at + 1, " ("))
        open = at;
    if (open == NULL) return NULL;
    if (strncmp(open, " (in ", 5) == 0) return open;
    char *colon = strrchr(open, ':');
    return colon != NULL && colon[1] >= '0' && colon[1] <= '9' ? open : NULL;
}

uint32_t im_valgrind_frame(struct im_target *t, char *text) {
    struct rec_frame frame = {0};
    uint64_t address = 0, line = 0;
    uint32_t module = 0;
    const char *at = text;
    if (im_take_text(&at, "0x") == 0 && im_take_hex(&at, &address) == 0 &&
        im_take_text(&at, ": ") == 0)
        text = (char *)at;
    char *place = find_place(text);
    if (place != NULL) {
        *place = '\0';
        place[strlen(place + 1)] = '\0'; /* the closing bracket */
        char *inside = place + 2;
        char *colon = strrchr(inside, ':');
        if (strncmp(inside, "in ", 3) == 0) {
            module = im_target_module(t, inside + 3, 0);
        } else if (colon != NULL) {
            const char *digits = colon + 1;
            if (im_take_decimal(&digits, &line) == 0 && line <= UINT32_MAX)
                frame.line = (uint32_t)line;
            *colon = '\0';
            frame.file = inside;
        }
    }
    if (text[0] != '\0' && strcmp(text, "???") != 0) frame.function = text;
    /* Inlined frames have the address of the one around them, so names tell frames apart; the
     * address is all there is of one without a name. */
    if (frame.function != NULL) address = 0;
    return im_target_location(t, module, address, &frame, 1);
}
