/* SPDX-License-Identifier: MIT
 * Constant texts of this program's own functions, and of copies of it with bytes changed. */
#include "symbols/constant_text.h"

#include <unistd.h>

#include "../check.h"

/* As a program without sanitizers has it. */
#define PLAIN __attribute__((no_sanitize("address", "undefined")))

const char *constant_one(void);
const char *constant_two(void);
const char *worked_out(const char *given);
int not_a_text(void);

static const char *const variable = "the text of a variable";

PLAIN const char *constant_one(void) { return "the text of one"; }
PLAIN const char *constant_two(void) { return *(const char *const volatile *)&variable; }
const char *worked_out(const char *given) { return given + 1; }
int not_a_text(void) { return 17; }

static char self[4096];

static void own(void) {
    char *text = NULL;
    CHECK_EQ_I64(sym_constant_text(self, "constant_one", &text), SYM_TEXT_FOUND);
    CHECK_STR(text, "the text of one");
    free(text);
    CHECK_EQ_I64(sym_constant_text(self, "constant_two", &text), SYM_TEXT_FOUND);
    CHECK_STR(text, "the text of a variable");
    free(text);
    CHECK_EQ_I64(sym_constant_text(self, "worked_out", &text), SYM_TEXT_UNKNOWN);
    CHECK_EQ_I64(sym_constant_text(self, "not_a_text", &text), SYM_TEXT_UNKNOWN);
    CHECK_EQ_I64(sym_constant_text(self, "constant", &text), SYM_TEXT_NONE);
    CHECK_EQ_I64(sym_constant_text("/nowhere", "constant_one", &text), SYM_TEXT_NONE);
    CHECK_EQ_I64(sym_constant_text("/dev/null", "constant_one", &text), SYM_TEXT_NONE);
    CHECK_EQ_I64(sym_constant_text("/etc/passwd", "constant_one", &text), SYM_TEXT_NONE);
}

/* The file is hostile: some answer, and no crash. */
static void changed(void) {
    char path[] = "test_constant_text.XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fopen(self, "rb");
    CHECK(fd >= 0 && file != NULL);
    static unsigned char bytes[8 << 20], copy[8 << 20];
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    srand(7);
    for (int round = 0; round < 200; round++) {
        char *text = NULL;
        memcpy(copy, bytes, length);
        size_t wide = round % 2 == 0 ? length : 2048; /* the headers have the most to say */
        for (int i = 0; i < 20; i++)
            copy[(size_t)rand() % wide] = (unsigned char)rand();
        CHECK(ftruncate(fd, 0) == 0);
        size_t kept = round % 5 == 4 ? (size_t)rand() % length : length;
        CHECK(pwrite(fd, copy, kept, 0) == (ssize_t)kept);
        if (sym_constant_text(path, "constant_one", &text) == SYM_TEXT_FOUND) free(text);
    }
    close(fd);
    unlink(path);
}

int main(void) {
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    CHECK(n > 0);
    own();
    changed();
    return 0;
}
