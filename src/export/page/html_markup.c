/* SPDX-License-Identifier: MIT
 * Writes the markup. See html_markup.h. */
#include "export/page/html_markup.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "export/page/ui_files.h"

#define MARKUP_BYTES 4096 /* what is written beside the files of ui/ and the data, at most */

/* The element that refers to a file in the page of ui/, from '<' to behind its '>'. */
struct reference {
    const char *begin, *end;
};

static size_t bytes_of(const char *name) {
    const struct ui_file *file = ui_file_named(name);
    return file != NULL ? (size_t)(file->end - file->bytes) : 0;
}

size_t html_markup_bytes(void) {
    return bytes_of("index.html") + bytes_of("app.js") + bytes_of("app.css") + MARKUP_BYTES;
}

static const char *find(const char *from, const char *end, const char *text) {
    return memmem(from, (size_t)(end - from), text, strlen(text));
}

/* `attribute` is href="app.css" or src="app.js"; `close` what the element ends with. */
static int find_reference(struct reference *r, const char *from, const char *end,
                          const char *attribute, const char *close) {
    const char *at = find(from, end, attribute);
    if (at == NULL) return -1;
    r->begin = at;
    while (r->begin > from && *r->begin != '<')
        r->begin--;
    r->end = find(at, end, close);
    if (r->end == NULL) return -1;
    r->end += strlen(close);
    return 0;
}

static int make_nonce(char nonce[33], struct failure *f) {
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return failure_set_errno(f, errno, "cannot make a random word");
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
    return 0;
}

static void put(FILE *out, const char *from, const char *to) {
    fwrite(from, 1, (size_t)(to - from), out);
}

static void put_file(FILE *out, const char *name) {
    const struct ui_file *file = ui_file_named(name);
    fwrite(file->bytes, 1, (size_t)(file->end - file->bytes), out);
}

/* Text that would end the element it is to stand in. */
static int ends_element(const char *name, const char *mark) {
    const struct ui_file *file = ui_file_named(name);
    return find((const char *)file->bytes, (const char *)file->end, mark) != NULL;
}

static const char *behind_head(const char *from, const char *end) {
    const char *at = find(from, end, "<head>");
    return at != NULL ? at + strlen("<head>") : NULL;
}

int html_markup_begin(struct html_markup *m, FILE *out, struct failure *f) {
    struct reference style, script;
    *m = (struct html_markup){.out = out};
    if (ui_file_named("app.js") == NULL || ui_file_named("app.css") == NULL)
        return failure_set(f, "cannot write a page: this heapwise was built without its browser "
                              "pages (-Dui=false); build it with them");
    const struct ui_file *index = ui_file_named("index.html");
    const char *from = (const char *)index->bytes;
    m->end = (const char *)index->end;
    const char *head = behind_head(from, m->end);
    if (head == NULL || find_reference(&style, head, m->end, "href=\"app.css\"", ">") != 0 ||
        find_reference(&script, style.end, m->end, "src=\"app.js\"", "</script>") != 0 ||
        ends_element("app.js", "</script") || ends_element("app.css", "</style"))
        return failure_set(f, "cannot write a page: the browser page that this heapwise was built "
                              "with is not of the form that is known");
    if (make_nonce(m->nonce, f) != 0) return -1;
    put(out, from, head);
    fprintf(out,
            "\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            "script-src 'nonce-%s'; style-src 'nonce-%s'; img-src data:; worker-src blob:; "
            "base-uri 'none'; form-action 'none'\">",
            m->nonce, m->nonce);
    put(out, head, style.begin);
    fprintf(out, "<style nonce=\"%s\">\n", m->nonce);
    put_file(out, "app.css");
    fputs("</style>", out);
    put(out, style.end, script.begin);
    m->rest = script.end;
    return 0;
}

void html_markup_data(FILE *out, const char *id, const struct payload *text) {
    fprintf(out, "<script type=\"application/octet-stream\" id=\"%s\" data-format=\"deflate\">",
            id);
    fwrite(text->bytes, 1, text->size, out);
    fputs("</script>\n", out);
}

void html_markup_end(struct html_markup *m) {
    fprintf(m->out, "<script nonce=\"%s\">\n", m->nonce);
    put_file(m->out, "app.js");
    fputs("</script>", m->out);
    put(m->out, m->rest, m->end);
}
