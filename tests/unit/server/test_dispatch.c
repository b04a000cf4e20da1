/* SPDX-License-Identifier: MIT
 * Requests as text, answers on a history: the gate, the routes, questions that are withdrawn, and
 * thousands of damaged targets, each of which must get a whole answer. */
#include "../check.h"
#include "server/dispatch.h"
#include "unit/analysis/history.h"

static const char story[] =
    "a=main,load:3,libz.so!inflate b=main,draw:9^ "
    "xa100 ya50 @3 | -x zb7 #2 wa9 @8 / -z !a70";

static struct dispatch dispatch;
static int asked, patience;

static int is_withdrawn(void *context) {
    (void)context;
    asked++;
    return patience > 0 && asked >= patience;
}

static struct answer *ask(const char *method, const char *host, const char *target) {
    struct dispatch_request q = {method, host, target, is_withdrawn, NULL};
    asked = 0;
    struct answer *a = dispatch_answer(&dispatch, &q);
    CHECK(a != NULL && a->payload.bytes != NULL);
    return a;
}

/* Below the token. */
static struct answer *get(const char *path) {
    char target[512];
    snprintf(target, sizeof target, "/%s/%s", dispatch.token, path);
    return ask("GET", "localhost", target);
}

static void gets(const char *path, enum answer_status status, const char *type) {
    struct answer *a = get(path);
    if (a->status != status)
        fprintf(stderr, "%s: %.*s", path, (int)a->payload.size, (const char *)a->payload.bytes);
    CHECK_EQ_U64(a->status, status);
    CHECK_STR(a->type, type);
    answer_drop(a);
}

static void is_routed(void) {
    gets("", ANSWER_OK, "text/html; charset=utf-8");
    gets("api/recordings", ANSWER_OK, ANSWER_JSON);
    gets("api/0/facts", ANSWER_OK, ANSWER_JSON);
    gets("api/0/tables", ANSWER_OK, ANSWER_CONTAINER);
    gets("api/0/profile?from=1&function=ma.n&function=!draw&size=1-&thread=101", ANSWER_OK, ANSWER_CONTAINER);
    gets("api/0/history?points=2", ANSWER_OK, ANSWER_CONTAINER);
    gets("api/0/timeline", ANSWER_OK, ANSWER_JSON);
    gets("api/0/histogram?lifetime=-3", ANSWER_OK, ANSWER_JSON);
    gets("api/0/threads", ANSWER_OK, ANSWER_JSON);
    gets("api/1/facts", ANSWER_NOT_FOUND, ANSWER_JSON);
    gets("api/0/profile?from=9&to=3", ANSWER_BAD_QUESTION, ANSWER_JSON);
    gets("api/0/source?file=/etc/passwd", ANSWER_NOT_FOUND, ANSWER_JSON);
}

static void is_gated(void) {
    struct answer *a = ask("GET", "evil.example", "/");
    CHECK_EQ_U64(a->status, ANSWER_FORBIDDEN);
    answer_drop(a);
    a = ask("POST", "localhost", "/");
    CHECK_EQ_U64(a->status, ANSWER_NOT_ALLOWED);
    answer_drop(a);
    a = ask("GET", "localhost", "/api/recordings");
    CHECK_EQ_U64(a->status, ANSWER_NOT_FOUND);
    answer_drop(a);
    char ticket[64];
    snprintf(ticket, sizeof ticket, "/%s", dispatch.ticket);
    for (int i = 0; i < 2; i++) {
        a = ask("GET", "localhost", ticket);
        CHECK_EQ_U64(a->status, i == 0 ? ANSWER_SEE_OTHER : ANSWER_NOT_FOUND);
        answer_drop(a);
    }
}

/* The table of blocks is kept where it has room, answers the same, and decodes nothing. */
static void keeps_blocks(struct shelf *shelf, struct rec_file *r) {
    struct shelf_recording *kept = &shelf->recordings[0];
    struct answer *before[3];
    size_t needed = an_life_table_bytes(r);
    before[0] = get("api/0/profile?from=4&to=8&times=1");
    before[1] = get("api/0/history?points=3&from=4");
    before[2] = get("api/0/threads?from=4");
    shelf_keep_blocks(shelf, needed - 1, NULL);
    CHECK(atomic_load(&kept->lives) == NULL);
    shelf_keep_blocks(shelf, needed, NULL);
    CHECK(atomic_load(&kept->lives) == &kept->blocks);
    size_t decoded = history_chunks_decoded(r);
    struct answer *after[3];
    after[0] = get("api/0/profile?to=8&from=4&times=1");
    after[1] = get("api/0/history?from=4&points=3");
    after[2] = get("api/0/threads?from=04");
    CHECK_EQ_U64(history_chunks_decoded(r), decoded);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ_U64(after[i]->status, ANSWER_OK);
        CHECK(after[i] != before[i] && after[i]->payload.size == before[i]->payload.size);
        CHECK(memcmp(after[i]->payload.bytes, before[i]->payload.bytes, after[i]->payload.size) == 0);
        answer_drop(before[i]);
        answer_drop(after[i]);
    }
}

/* The same answer is sent again; one that was withdrawn is not kept. */
static void remembers(void) {
    struct answer *first = get("api/0/profile?from=2"), *again = get("api/0/profile?from=2");
    CHECK(first == again);
    answer_drop(first);
    answer_drop(again);
    patience = 1;
    struct answer *a = get("api/0/profile?from=2&times=1");
    CHECK_EQ_U64(a->status, ANSWER_FAILED);
    answer_drop(a);
    patience = 0;
    a = get("api/0/profile?from=2&times=1");
    CHECK_EQ_U64(a->status, ANSWER_OK);
    answer_drop(a);
}

/* Nobody gets a turn while others have all of them, and who has gone does not wait for ever. */
static void waits_for_its_turn(void) {
    for (int i = 0; i < 2; i++)
        CHECK(sem_wait(&dispatch.questions) == 0);
    patience = 2;
    struct answer *a = get("api/0/profile?from=3");
    CHECK_EQ_U64(a->status, ANSWER_FAILED);
    answer_drop(a);
    patience = 0;
    for (int i = 0; i < 2; i++)
        sem_post(&dispatch.questions);
}

static unsigned random_below(unsigned *state, unsigned n) {
    *state = *state * 1103515245u + 12345u;
    return (*state >> 16) % n;
}

static void damage(char *text, unsigned *state) {
    static const char letters[] = "/?&=%+!-0123456789abcdef{}()[]*\\|^$.~ \xff\x80";
    size_t length = strlen(text);
    for (unsigned i = 0; i <= random_below(state, 4) && length > 0; i++) {
        size_t at = random_below(state, (unsigned)length);
        switch (random_below(state, 3)) {
        case 0: text[at] = letters[random_below(state, sizeof letters - 1)]; break;
        case 1: memmove(text + at, text + at + 1, length-- - at); break;
        default: text[at] = '\0', length = at; break;
        }
    }
}

static void survives_damage(void) {
    static const char *const seeds[] = {
        "api/0/profile?from=1&to=7&alive_at=3&function=ma.n&file=%21x&module=lib(z|y)&size=1-900",
        "api/0/profile?lifetime=-3&thread=101&whole_group=leaked&times=1&function=[a-z]{1,9}",
        "api/0/history?points=16&from=2&function=!draw", "api/0/histogram?size=5-&to=6",
        "api/0/threads?from=1&lifetime=2-", "api/0/timeline?from=0&to=8&points=3",
        "api/0/source?file=%2fetc%2fpasswd", "index.html", "api/recordings"};
    unsigned state = 1;
    for (int i = 0; i < 20000; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s", seeds[random_below(&state, sizeof seeds / sizeof seeds[0])]);
        damage(path, &state);
        struct answer *a = get(path);
        CHECK(a->status == ANSWER_OK || a->status == ANSWER_BAD_QUESTION ||
              a->status == ANSWER_NOT_FOUND || a->status == ANSWER_SEE_OTHER);
        if (strcmp(a->type, ANSWER_CONTAINER) == 0) CHECK(memcmp(a->payload.bytes, "HWD1", 4) == 0);
        answer_drop(a);
    }
}

int main(void) {
    struct shelf shelf = {0};
    struct failure f = {""};
    struct rec_file *r = history_open(story, 4);
    static const struct an_suppressions no_rules;
    shelf_add(&shelf, &(struct page_source){r, "story.heapwise", &no_rules});
    CHECK(dispatch_init(&dispatch, &shelf, NULL, 2, &f) == 0);
    is_routed();
    is_gated();
    remembers();
    waits_for_its_turn();
    keeps_blocks(&shelf, r);
    survives_damage();
    dispatch_release(&dispatch);
    shelf_release(&shelf);
    history_close(r);
    return 0;
}
