/* SPDX-License-Identifier: MIT
 * Strings of any bytes as JSON, amounts as people read them. */
#include "../check.h"
#include "export/json_text.h"
#include "export/quantity.h"

static void check_string(const char *text, const char *expected) {
    char *json;
    size_t size;
    FILE *out = open_memstream(&json, &size);
    ex_json_string(out, text);
    fclose(out);
    CHECK_STR(json, expected);
    free(json);
}

static void test_strings(void) {
    check_string(NULL, "null");
    check_string("", "\"\"");
    check_string("a\"b\\c/", "\"a\\\"b\\\\c/\"");
    check_string("\n\t\x01\x1b\x7f", "\"\\n\\t\\u0001\\u001b\\u007f\"");
    check_string("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"");
    check_string("\xff\xc3", "\"\\ufffd\\ufffd\"");                     /* no UTF-8, and cut */
    check_string("\xc0\x80", "\"\\ufffd\\ufffd\"");                     /* overlong */
    check_string("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");          /* a surrogate */
    check_string("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""); /* past the last */
    check_string("\xe2\x80\xa8", "\"\\u2028\"");
}

static void test_members(void) {
    char *json;
    size_t size;
    FILE *out = open_memstream(&json, &size);
    struct ex_json j = {.out = out, .first = 1};
    ex_json_open(&j, NULL, '{');
    ex_json_number(&j, "n", UINT64_MAX);
    ex_json_open(&j, "list", '[');
    ex_json_text(&j, NULL, "x");
    ex_json_null(&j, NULL);
    ex_json_close(&j, ']');
    ex_json_open(&j, "empty", '{');
    ex_json_close(&j, '}');
    ex_json_bool(&j, "yes", 1);
    ex_json_close(&j, '}');
    fclose(out);
    CHECK_STR(json, "{\"n\":18446744073709551615,\"list\":[\"x\",null],\"empty\":{},\"yes\":true}");
    free(json);
}

static void test_quantities(void) {
    CHECK_STR(ex_size(0, EX_SIZE_UNITS).text, "0 B");
    CHECK_STR(ex_size(1023, EX_SIZE_UNITS).text, "1,023 B");
    CHECK_STR(ex_size(1024, EX_SIZE_UNITS).text, "1.00 KiB");
    CHECK_STR(ex_size(1048575, EX_SIZE_UNITS).text, "1.00 MiB"); /* not 1024.0 KiB */
    CHECK_STR(ex_size(10234, EX_SIZE_UNITS).text, "9.99 KiB");
    CHECK_STR(ex_size(10240, EX_SIZE_UNITS).text, "10.0 KiB");
    CHECK_STR(ex_size(UINT64_MAX, EX_SIZE_UNITS).text, "16.0 EiB");
    CHECK_STR(ex_size(UINT64_MAX, EX_SIZE_EXACT).text, "18,446,744,073,709,551,615 B");
    CHECK_STR(ex_count(999).text, "999");
    CHECK_STR(ex_count(1000).text, "1,000");
    CHECK_STR(ex_share(1, 3).text, "33.3 %");
    CHECK_STR(ex_share(1, 100000).text, "<0.1 %");
    CHECK_STR(ex_share(99999, 100000).text, ">99.9 %");
    CHECK_STR(ex_share(3, 3).text, "100.0 %");
    CHECK_STR(ex_share(0, 0).text, "-");
    CHECK_STR(ex_duration(999).text, "999 ms");
    CHECK_STR(ex_duration(2914).text, "2.91 s");
    CHECK_STR(ex_duration(192000).text, "3 min 12 s");
    CHECK_STR(ex_duration(7500000).text, "2 h 5 min");
}

int main(void) {
    test_strings();
    test_members();
    test_quantities();
    return 0;
}
