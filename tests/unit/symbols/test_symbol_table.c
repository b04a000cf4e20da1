/* SPDX-License-Identifier: MIT
 * Which symbol answers for an address: this program's own, with names, sizes and bindings as given
 * in assembly below. */
#include "symbols/symbol_table.h"

#include "../check.h"

/* Bytes 0-15: four names of one function. 16-31: a function with a smaller one and a label inside.
 * 32-47: a function that says it is 8 bytes long. 48-63: two labels without a size. */
__asm__(
    ".pushsection .text.symbol_test,\"ax\",@progbits\n"
    ".globl symbol_test_base\n.hidden symbol_test_base\n"
    ".balign 16\nsymbol_test_base:\n"
    ".weak st_read\n.type st_read,@function\nst_read:\n"
    ".globl __st_read\n.type __st_read,@function\n__st_read:\n"
    ".type st_local,@function\nst_local:\n"
    ".rept 16\nnop\n.endr\n"
    ".size st_read,16\n.size __st_read,16\n.size st_local,16\n"
    ".globl st_outer\n.type st_outer,@function\nst_outer:\n"
    ".rept 4\nnop\n.endr\n"
    ".type st_inner,@function\nst_inner:\n.rept 4\nnop\n.endr\n.size st_inner,4\n"
    "st_label:\n.rept 8\nnop\n.endr\n.size st_outer,16\n"
    ".globl st_short\n.type st_short,@function\nst_short:\n.rept 16\nnop\n.endr\n.size st_short,8\n"
    "st_first:\n.rept 8\nnop\n.endr\n"
    ".globl st_second\nst_second:\n.rept 8\nnop\n.endr\n"
    ".type st_object,@object\nst_object:\n.size st_object,1\nnop\n"
    ".popsection\n");

extern const char symbol_test_base[] __attribute__((visibility("hidden")));

/* Where the section lies in the file's terms: the table holds the base's symbol too. */
static uint64_t base_in(const struct sym_symbol_table *table) {
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->symbols[i].name, "symbol_test_base") == 0) return table->symbols[i].start;
    CHECK(!"symbol_test_base is in the table");
    return 0;
}

static void expect(const struct sym_symbol_table *table, const char *const *names, size_t count) {
    uint64_t base = base_in(table);
    struct sym_sweep sweep;
    CHECK(sym_sweep_init(&sweep, table->ranges, table->range_count) == 0);
    for (size_t i = 0; i < count; i++) {
        size_t range = sym_sweep_at(&sweep, base + i);
        const char *name =
            range == SYM_RANGE_NONE ? NULL : table->symbols[table->ranges[range].id].name;
        int same = name == NULL ? names[i] == NULL : names[i] != NULL && !strcmp(name, names[i]);
        if (!same) fprintf(stderr, "at byte %zu\n", i);
        CHECK_STR(name, names[i]);
    }
    sym_sweep_release(&sweep);
}

static void names(void) {
    CHECK_EQ_U64(sym_symbol_name_length("memcpy@@GLIBC_2.14"), 6);
    CHECK_EQ_U64(sym_symbol_name_length("memcpy@GLIBC_2.2.5"), 6);
    CHECK_EQ_U64(sym_symbol_name_length("memcpy"), 6);
    CHECK_EQ_U64(sym_symbol_name_length("memcpy@plt"), 10);
    CHECK_EQ_U64(sym_symbol_name_length("@odd"), 4);
}

int main(void) {
    CHECK(symbol_test_base != NULL);
    names();
    elf_version(EV_CURRENT);
    struct sym_object self;
    CHECK(sym_object_open(&self, "/proc/self/exe") == 0);
    struct sym_symbol_table table = {0};
    int found = sym_symbol_table_add(&table, &self, SYM_SYMTAB);
    if (found == 0) CHECK_SKIP("this program is stripped");
    CHECK(found == 1);
    CHECK(sym_symbol_table_finish(&table) == 0);
    const char *expected[64];
    for (size_t i = 0; i < 64; i++) {
        if (i < 16)
            expected[i] = "st_read";
        else if (i >= 20 && i < 24)
            expected[i] = "st_inner";
        else if (i < 32)
            expected[i] = "st_outer";
        else if (i < 40)
            expected[i] = "st_short";
        else if (i < 48)
            expected[i] = NULL;
        else if (i < 56)
            expected[i] = "st_first";
        else
            expected[i] = "st_second";
    }
    expect(&table, expected, 64);
    sym_symbol_table_release(&table);
    sym_object_close(&self);
    return 0;
}
