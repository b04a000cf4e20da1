/* SPDX-License-Identifier: MIT
 * Any bytes as the target of an HTTP request (libFuzzer): paths, %-escapes, and the filters, ranges
 * and numbers of questions about a small history. Each gets a whole answer. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/dispatch.h"
#include "unit/analysis/history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char story[] = "a=main,load:3,libz.so!inflate b=main,draw:9^ "
                            "xa100 ya50 @3 | -x zb7 #2 wa9 @8 / -z !a70";
static struct dispatch dispatch;
static struct shelf shelf;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    struct failure f;
    (void)argc, (void)argv;
    static const struct an_suppressions no_rules;
    shelf_add(&shelf, &(struct page_source){history_open(story, 4), "story.heapwise", &no_rules});
    if (dispatch_init(&dispatch, &shelf, NULL, 2, &f) != 0) abort();
    return 0;
}

static int nobody_withdraws(void *context) {
    (void)context;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *target = malloc(size + sizeof dispatch.token + 8);
    if (target == NULL) abort();
    /* An input that begins with ':' is the whole target, any other what stands below the token. */
    int whole = size > 0 && data[0] == ':';
    int before = whole ? 0 : sprintf(target, "/%s/", dispatch.token);
    memcpy(target + before, data + whole, size - (size_t)whole);
    target[(size_t)before + size - (size_t)whole] = '\0';
    struct dispatch_request q = {"GET", "localhost", target, nobody_withdraws, NULL};
    struct answer *a = dispatch_answer(&dispatch, &q);
    if (a == NULL || a->payload.bytes == NULL) abort();
    if (a->status == ANSWER_OK && strcmp(a->type, ANSWER_CONTAINER) == 0 &&
        memcmp(a->payload.bytes, "HWD1", 4) != 0)
        abort();
    answer_drop(a);
    free(target);
    return 0;
}
