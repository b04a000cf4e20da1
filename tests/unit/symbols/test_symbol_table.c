/* SPDX-License-Identifier: MIT
 * Which symbol answers for an address: this program's own, with names, sizes and bindings as given
 * in assembly below. */
#include "symbols/symbol_table.h"

#include <link.h>

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

static int take_bias(struct dl_phdr_info *object, size_t size, void *bias) {
    (void)size;
    *(uint64_t *)bias = object->dlpi_addr;
    return 1; /* this program is the first */
}

/* Where the section lies in the file's terms. */
static uint64_t base_in_file(void) {
    uint64_t bias = 0;
    dl_iterate_phdr(take_bias, &bias);
    return (uint64_t)(uintptr_t)symbol_test_base - bias;
}

enum { BYTES = 64 };

/* Asks for the bytes whose bits are set, of a table made for them alone. */
static void expect(const struct sym_object *self, uint64_t asked, const char *const *names) {
    struct sym_symbol_table table;
    uint64_t base = base_in_file();
    struct sym_lookup lookups[BYTES] = {0};
    uint32_t count = 0;
    for (uint64_t i = 0; i < BYTES; i++)
        if (asked >> i & 1) lookups[count++].address = base + i;
    CHECK(sym_symbol_table_init(&table, lookups, count) == 0);
    int found = sym_symbol_table_add(&table, self, SYM_SYMTAB);
    if (found == 0) CHECK_SKIP("this program is stripped");
    CHECK(found == 1);
    CHECK(sym_symbol_table_finish(&table) == 0);
    struct sym_sweep sweep;
    CHECK(sym_sweep_init(&sweep, table.ranges, table.range_count) == 0);
    for (uint32_t i = 0; i < count; i++) {
        size_t range = sym_sweep_at(&sweep, lookups[i].address), byte = lookups[i].address - base;
        const char *name =
            range == SYM_RANGE_NONE ? NULL : table.symbols[table.ranges[range].id].name;
        int same =
            name == NULL ? names[byte] == NULL : names[byte] != NULL && !strcmp(name, names[byte]);
        if (!same) fprintf(stderr, "at byte %zu of 0x%llx\n", byte, (unsigned long long)asked);
        CHECK_STR(name, names[byte]);
    }
    sym_sweep_release(&sweep);
    sym_symbol_table_release(&table);
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
    const char *expected[BYTES];
    for (size_t i = 0; i < BYTES; i++) {
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
    /* What else is asked for makes no difference. */
    expect(&self, ~0ull, expected);
    expect(&self, 0, expected);
    for (unsigned i = 0; i < BYTES; i++)
        expect(&self, 1ull << i, expected);
    for (uint64_t some = 1, i = 0; i < 100;
         i++, some = some * 6364136223846793005u + 1442695040888963407u)
        expect(&self, some, expected);
    sym_object_close(&self);
    return 0;
}
