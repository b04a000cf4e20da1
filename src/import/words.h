/* SPDX-License-Identifier: MIT
 * A command line that a file keeps as one text, as the list of words that a recording keeps. */
#ifndef HEAPWISE_IMPORT_WORDS_H
#define HEAPWISE_IMPORT_WORDS_H

#define IM_WORDS_MAX 1000

struct im_words {
    char *text;
    const char *list[IM_WORDS_MAX + 1]; /* ends with NULL */
};

/* Divides at blanks: where a word began or ended is not told by such files, if it has blanks
 * itself. What goes beyond IM_WORDS_MAX stays in the last word. 0, or -1 when memory is out. */
int im_words_init(struct im_words *w, const char *text);
void im_words_release(struct im_words *w);

#endif
