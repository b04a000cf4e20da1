/* SPDX-License-Identifier: MIT
 * Words of a command line. See words.h. */
#include "import/words.h"

#include <stdlib.h>
#include <string.h>

int im_words_init(struct im_words *w, const char *text) {
    size_t count = 0;
    w->text = strdup(text);
    w->list[0] = NULL;
    if (w->text == NULL) return -1;
    for (char *at = w->text; count < IM_WORDS_MAX;) {
        while (*at == ' ')
            at++;
        if (*at == '\0') break;
        w->list[count++] = at;
        at = strchr(at, ' ');
        if (at == NULL || count == IM_WORDS_MAX) break;
        *at++ = '\0';
    }
    w->list[count] = NULL;
    return 0;
}

void im_words_release(struct im_words *w) {
    free(w->text);
    w->text = NULL;
    w->list[0] = NULL;
}
