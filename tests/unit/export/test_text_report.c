/* SPDX-License-Identifier: MIT
 * The text report on histories, word for word: text_report.txt holds cases of the form
 *
 *   === NAME: OPTIONS
 *   history
 *   ---
 *   what is printed
 *
 * Options: width=N, ascii, colour, bytes, all-frames, top-down, top=N, sort=COST, from=MS, to=MS.
 * `test_text_report FILE --update` writes what is printed now; review the difference. */
#include "../check.h"
#include "analysis/question.h"
#include "export/report_output.h"
#include "unit/analysis/history.h"

struct options {
    struct ex_style style;
    struct ex_report report;
    struct an_question question;
};

static void read_options(struct options *o, char *words) {
    *o = (struct options){.style = {.unicode = 1, .width = 80},
                          .report = {.path = "app.heapwise", .sort = -1, .top = SIZE_MAX}};
    for (char *w; (w = strsep(&words, " ")) != NULL;) {
        const char *value = strchr(w, '=');
        value = value != NULL ? value + 1 : "";
        if (strncmp(w, "width=", 6) == 0) o->style.width = strtoul(value, NULL, 10);
        else if (strcmp(w, "ascii") == 0) o->style.unicode = 0;
        else if (strcmp(w, "colour") == 0) o->style.colour = 1;
        else if (strcmp(w, "bytes") == 0) o->style.sizes = EX_SIZE_EXACT;
        else if (strcmp(w, "all-frames") == 0) o->report.all_frames = 1;
        else if (strcmp(w, "top-down") == 0) o->report.direction = AN_TOP_DOWN;
        else if (strncmp(w, "top=", 4) == 0) o->report.top = strtoul(value, NULL, 10);
        else if (strncmp(w, "sort=", 5) == 0) o->report.sort = an_cost_named(value);
        else if (strncmp(w, "from=", 5) == 0) o->question.from_tick = strtoul(value, NULL, 10);
        else if (strncmp(w, "to=", 3) == 0) o->question.to_tick = strtoul(value, NULL, 10);
        else CHECK(w[0] == '\0');
    }
}

static char *print(char *option_words, const char *history) {
    struct options o;
    struct an_profile profile;
    struct an_frames frames;
    struct failure f = {""};
    read_options(&o, option_words);
    struct rec_file *r = history_open(history, 4);
    CHECK(an_frames_build(&frames, r, &f) == 0);
    CHECK_STR(an_ask(&profile, r, &o.question, &frames, &f) == 0 ? "" : f.text, "");
    o.report.file = r;
    o.report.profile = &profile;
    o.report.frames = &frames;
    o.report.is_part = o.question.from_tick > 0 || o.question.to_tick > 0;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ex_text_head(out, &o.report, &o.style);
    CHECK_STR(ex_text_trees(out, &o.report, &o.style, &f) == 0 ? "" : f.text, "");
    fclose(out);
    an_profile_release(&profile);
    an_frames_release(&frames);
    history_close(r);
    return text;
}

static char *read_file(const char *path) {
    FILE *in = fopen(path, "r");
    CHECK(in != NULL);
    char *text = NULL;
    size_t size = 0;
    CHECK(getdelim(&text, &size, '\0', in) > 0);
    fclose(in);
    return text;
}

int main(int argc, char **argv) {
    CHECK(argc >= 2);
    int update = argc > 2, differs = 0;
    char *all = read_file(argv[1]), *rest = all;
    FILE *updated = NULL; /* the new text, until it is known to be whole */
    char *new_text = NULL;
    size_t new_size;
    if (update) updated = open_memstream(&new_text, &new_size);
    while (rest != NULL && *rest != '\0') {
        char *next = strstr(rest + 1, "\n=== ");
        if (next != NULL) *next++ = '\0';
        char *line = strsep(&rest, "\n"), *history = rest;
        char *expected = strstr(rest, "\n---");
        CHECK(strncmp(line, "=== ", 4) == 0 && expected != NULL);
        *expected = '\0';
        expected += 4 + (expected[4] == '\n');
        char *name = strdup(line), *options = strchr(line, ':');
        CHECK(options != NULL);
        char *text = print(options + 2, history);
        if (update) {
            fprintf(updated, "%s%s\n%s\n---\n%s", ftell(updated) > 0 ? "\n" : "", name, history, text);
        } else if (strncmp(text, expected, strlen(text)) != 0 ||
                   strspn(expected + strlen(text), "\n") != strlen(expected + strlen(text))) {
            fprintf(stderr, "%s\nprints:\n%s\nbut must print:\n%s\n", name, text, expected);
            differs = 1;
        }
        free(text);
        free(name);
        rest = next;
    }
    if (update) {
        fclose(updated);
        FILE *file = fopen(argv[1], "w");
        CHECK(file != NULL && fputs(new_text, file) >= 0 && fclose(file) == 0);
        free(new_text);
    }
    free(all);
    return differs;
}
