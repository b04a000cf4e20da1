/* SPDX-License-Identifier: MIT
 * Targets of requests, split and decoded; and which hosts and tokens pass. */
#include "../check.h"
#include "server/gate.h"
#include "server/target.h"

/* Segments in brackets, then parameters: "[a][b] c=d". */
static char *split(const char *text) {
    static char said[4096];
    struct target t;
    struct failure f = {""};
    if (target_parse(&t, text, &f) != 0) {
        snprintf(said, sizeof said, "refused: %s", f.text);
        return said;
    }
    size_t used = 0;
    for (size_t i = 0; i < t.segment_count; i++)
        used += (size_t)snprintf(said + used, sizeof said - used, "[%s]", t.segments[i]);
    for (size_t i = 0; i < t.parameter_count; i++)
        used += (size_t)snprintf(said + used, sizeof said - used, " %s=%s", t.parameters[i].name,
                                 t.parameters[i].value);
    target_release(&t);
    return said;
}

static void splits(void) {
    CHECK_STR(split("/"), "[]");
    CHECK_STR(split("/a/b"), "[a][b]");
    CHECK_STR(split("/a/b/"), "[a][b][]");
    CHECK_STR(split("//a"), "[][a]");
    CHECK_STR(split("/a?b=c&d=&e&&f=g=h"), "[a] b=c d= e= f=g=h");
    CHECK_STR(split("/%41%2f%2e%2E?%26%3d=%26+x%2B"), "[A/..] &==& x+");
    CHECK_STR(split("/a+b?a?b=?"), "[a+b] a?b=?");
    CHECK_STR(split("/a?%c3%a9=%ff"), "[a] \xc3\xa9=\xff");
}

static void refuses(void) {
    CHECK_STR(split(""), "refused: the address does not begin with '/'");
    CHECK_STR(split("*"), "refused: the address does not begin with '/'");
    CHECK_STR(split("http://x/"), "refused: the address does not begin with '/'");
    CHECK_STR(split("/%"), "refused: the address has a % that two hexadecimal digits do not follow");
    CHECK_STR(split("/%4"), "refused: the address has a % that two hexadecimal digits do not follow");
    CHECK_STR(split("/?x=%4g"), "refused: the address has a % that two hexadecimal digits do not follow");
    CHECK_STR(split("/?x=%00"), "refused: the address has a NUL byte");
    CHECK_STR(split("/1/2/3/4/5/6/7/8/9"), "refused: the address has too many parts");
    char *large = malloc(TARGET_BYTES_MAX + 2);
    memset(large, '/', TARGET_BYTES_MAX + 1);
    large[TARGET_BYTES_MAX + 1] = '\0';
    CHECK_STR(split(large), "refused: the address is longer than 16384 bytes");
    large[1] = '?';
    for (size_t i = 2; i < 2 + 2 * (TARGET_PARAMETERS_MAX + 1); i += 2)
        memcpy(large + i, "a&", 2);
    large[2 + 2 * (TARGET_PARAMETERS_MAX + 1)] = '\0';
    CHECK_STR(split(large), "refused: the question has more than 128 parts");
    free(large);
}

static void looks_up(void) {
    static const char *const names[] = {"a", "b", NULL}, *const fewer[] = {"a", NULL};
    struct target t;
    struct failure f;
    const char *value;
    CHECK(target_parse(&t, "/?a=1&b=2&b=3", &f) == 0);
    CHECK(target_value(&t, "a", &value, &f) == 0);
    CHECK_STR(value, "1");
    CHECK(target_value(&t, "c", &value, &f) == 0 && value == NULL);
    CHECK(target_value(&t, "b", &value, &f) != 0);
    CHECK(target_allow(&t, names, &f) == 0 && target_allow(&t, fewer, &f) != 0);
    target_release(&t);
}

static void gates(void) {
    static const char *const good[] = {"127.0.0.1", "localhost", "[::1]", "127.0.0.1:1", "LOCALHOST:65535"};
    static const char *const bad[] = {"",           "127.0.0.1:", "127.0.0.1:123456", "127.0.0.10",
                                      "localhost.", "localhost:1 ", "[::1]:x",        "x.localhost",
                                      "::1",        "127.0.0.1@x", "127.1",           "localhost:-1"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(gate_host_is_loopback(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!gate_host_is_loopback(bad[i]));
    CHECK(!gate_host_is_loopback(NULL));
    char a[GATE_TOKEN_TEXT], b[GATE_TOKEN_TEXT];
    struct failure f;
    CHECK(gate_token_make(a, &f) == 0 && gate_token_make(b, &f) == 0);
    CHECK(strlen(a) == 32 && strspn(a, "0123456789abcdef") == 32 && strcmp(a, b) != 0);
    CHECK(gate_token_is(a, a) && !gate_token_is(a, b) && !gate_token_is(a, ""));
    b[0] = '\0';
    CHECK(!gate_token_is(a, b));
}

int main(void) {
    splits();
    refuses();
    looks_up();
    gates();
    return 0;
}
