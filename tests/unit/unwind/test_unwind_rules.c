/* SPDX-License-Identifier: MIT
 * The parts of the unwinder that are functions of their arguments: rule words, expressions, rows.
 */
#include "unit/check.h"
#include "unwind/expression.h"
#include "unwind/rule.h"

static void rules_hold_their_offsets(void) {
    static const int64_t cfas[] = {8, 16, 4096, -8, -(1 << 24), (1 << 24) - 8};
    static const int64_t bps[] = {-8, -16, 0, 16, -(1 << 12), (1 << 12) - 8};
    for (unsigned c = 0; c < 6; c++)
        for (unsigned b = 0; b < 6; b++) {
            uint64_t rule = uw_rule_make(UW_RULE_BP, cfas[c], bps[b]) | UW_RULE_TAG;
            CHECK_EQ_U64(uw_rule_type(rule), UW_RULE_BP);
            CHECK_EQ_I64(uw_rule_cfa(rule), cfas[c]);
            CHECK_EQ_I64(uw_rule_bp(rule), bps[b]);
            CHECK(uw_rule_is_plain(rule) && uw_rule_from_bp(rule));
        }
    CHECK_EQ_U64(uw_rule_type(uw_rule_make(UW_RULE_SP, 12, -8)), UW_RULE_SLOW);
    CHECK_EQ_U64(uw_rule_type(uw_rule_make(UW_RULE_SP, 1 << 24, -8)), UW_RULE_SLOW);
    CHECK_EQ_U64(uw_rule_type(uw_rule_make(UW_RULE_SP, 8, 1 << 12)), UW_RULE_SLOW);
    CHECK(!uw_rule_from_bp(uw_rule_make(UW_RULE_SP, 8, -8)));
    for (unsigned type = UW_RULE_ALIGNED; type <= UW_RULE_NOINFO; type++)
        CHECK(!uw_rule_is_plain(uw_rule_make((enum uw_rule_type)type, 0, 0)));
}

/* As the table of recent rules holds them: five bits higher, and all that fits comes back. */
static void recent_rules_are_the_same(void) {
    static const int64_t cfas[] = {8, 4096, -8, -(1 << 19), (1 << 19) - 8, 1 << 19, -(1 << 19) - 8};
    for (unsigned c = 0; c < sizeof cfas / sizeof cfas[0]; c++) {
        uint64_t rule = uw_rule_make(UW_RULE_BP, cfas[c], -16);
        bool fits = cfas[c] >= -(1 << 19) && cfas[c] < 1 << 19;
        CHECK(uw_rule_fits_recent(rule) == fits);
        uint64_t back = uw_rule_from_recent(uw_rule_to_recent(rule) | UW_RECENT_TAG);
        CHECK((back >> UW_RULE_TYPE_SHIFT == rule >> UW_RULE_TYPE_SHIFT) == fits);
    }
}

/* Place and tag give the address back, so no two addresses share both. */
static void addresses_are_told_apart(void) {
    uint64_t key = 1;
    for (int i = 0; i < 100000; i++) {
        key = (key * 6364136223846793005ull + 1442695040888963407ull);
        uint64_t k = key >> 17, place = uw_rule_place(k), tag = uw_rule_tag(k);
        CHECK(place < UW_RULE_PLACES && tag <= UW_RULE_TAG);
        uint64_t high = tag & ((1 << 27) - 1);
        uint64_t low = ((place ^ high) & (UW_RULE_PLACES - 1)) << 2 | tag >> 27;
        CHECK_EQ_U64(high << 20 | low, k);
        uint64_t recent_high = k >> UW_RECENT_LOG2, recent_place = uw_recent_place(k);
        CHECK(recent_place < UW_RECENT_PLACES && recent_high <= UW_RECENT_TAG);
        uint64_t recent_low = (recent_place ^ recent_high) & (UW_RECENT_PLACES - 1);
        CHECK_EQ_U64(recent_high << UW_RECENT_LOG2 | recent_low, k);
    }
    CHECK_EQ_U64(uw_rule_key(0x401000), 0x400fff);
    CHECK_EQ_U64(uw_rule_key(0x401000 | UW_PC_EXACT), 0x401000);
    CHECK_EQ_U64(uw_rule_key(0x401000 | UW_PC_GUESSED), 0x400fff);
}

static bool read_word(void *memory, uint64_t address, uint64_t *value) {
    const uint64_t *words = memory; /* of addresses 0x1000 … */
    if (address < 0x1000 || address >= 0x1020) return false;
    *value = words[(address - 0x1000) / 8];
    return true;
}

static void check_value(const char *name, const uint8_t *expression, int expected_ok,
                        uint64_t expected) {
    uint64_t words[4] = {0x1122334455667788, 0x1008, 0xfffffffffffffff0, 4};
    uint64_t registers[UW_REGISTERS] = {0}, values[UW_EXPRESSION_DEPTH], first = 0x1010, value = 0;
    registers[UW_SP] = 0x1000;
    registers[UW_BP] = 0x1018;
    registers[UW_RA] = 0x40102b;
    int ok = uw__expression_value(expression, registers, 1u << UW_SP | 1u << UW_BP | 1u << UW_RA,
                                  &first, values, read_word, words, &value);
    if (ok != expected_ok || (ok && value != expected)) {
        fprintf(stderr, "%s: %d %#llx\n", name, ok, (unsigned long long)value);
        exit(1);
    }
}

#define VALUE(expected, ...)                                                                       \
    check_value(#__VA_ARGS__,                                                                      \
                (const uint8_t[]){sizeof((const uint8_t[]){__VA_ARGS__}), __VA_ARGS__}, 1,         \
                expected)
#define REFUSED(...)                                                                               \
    check_value(#__VA_ARGS__,                                                                      \
                (const uint8_t[]){sizeof((const uint8_t[]){__VA_ARGS__}), __VA_ARGS__}, 0, 0)

static void expressions_have_values(void) {
    VALUE(0x1010, UW_OP_NOP);             /* what was pushed first */
    VALUE(0x1008, UW_OP_BREG0 + 7, 8);    /* sp + 8 */
    VALUE(0x1000, UW_OP_BREG0 + 6, 0x68); /* bp - 24 */
    VALUE(0x1122334455667788, UW_OP_BREG0 + 7, 0, UW_OP_DEREF);
    VALUE(0x88, UW_OP_BREG0 + 7, 0, UW_OP_DEREF_SIZE, 1);
    VALUE(0x3344, UW_OP_BREG0 + 7, 4, UW_OP_DEREF_SIZE, 2);
    VALUE(0xfffffffffffffffe, UW_OP_CONST1S, 0xfe);
    VALUE(0xfe, UW_OP_CONST1U, 0xfe);
    VALUE(0xffffffffffff8000, UW_OP_CONST2S, 0x00, 0x80);
    VALUE(0x80000000, UW_OP_CONST4U, 0, 0, 0, 0x80);
    VALUE(0xffffffff80000000, UW_OP_CONST4S, 0, 0, 0, 0x80);
    VALUE(300, UW_OP_CONSTU, 0xac, 0x02);
    VALUE(0xffffffffffffffff, UW_OP_CONSTS, 0x7f);
    VALUE(7, UW_OP_LIT0 + 3, UW_OP_LIT0 + 4, UW_OP_PLUS);
    VALUE(1, UW_OP_LIT0 + 4, UW_OP_LIT0 + 3, UW_OP_MINUS);
    VALUE(12, UW_OP_LIT0 + 4, UW_OP_LIT0 + 3, UW_OP_MUL);
    VALUE(0xfffffffffffffffd, UW_OP_CONST1S, 0xfa, UW_OP_LIT0 + 2, UW_OP_DIV);
    VALUE(1, UW_OP_LIT0 + 7, UW_OP_LIT0 + 3, UW_OP_MOD);
    VALUE(0xffffffffffffffff, UW_OP_CONST1S, 0xfe, UW_OP_LIT0 + 1, UW_OP_SHRA);
    VALUE(40, UW_OP_LIT0 + 5, UW_OP_LIT0 + 3, UW_OP_SHL);
    VALUE(5, UW_OP_CONST1S, 0xfb, UW_OP_ABS);
    VALUE(0xfffffffffffffffb, UW_OP_LIT0 + 5, UW_OP_NEG);
    VALUE(0xfffffffffffffffa, UW_OP_LIT0 + 5, UW_OP_NOT);
    VALUE(1, UW_OP_CONST1S, 0xff, UW_OP_LIT0, UW_OP_LT); /* comparisons are signed */
    VALUE(2, UW_OP_LIT0 + 1, UW_OP_LIT0 + 2, UW_OP_OVER, UW_OP_DROP);
    VALUE(1, UW_OP_LIT0 + 1, UW_OP_LIT0 + 2, UW_OP_PICK, 1);
    VALUE(1, UW_OP_LIT0 + 1, UW_OP_LIT0 + 2, UW_OP_SWAP);
    VALUE(2, UW_OP_LIT0 + 1, UW_OP_LIT0 + 2, UW_OP_LIT0 + 3, UW_OP_ROT);
    VALUE(9, UW_OP_LIT0 + 1, UW_OP_BRA, 1, 0, UW_OP_LIT0 + 5, UW_OP_LIT0 + 9);
    VALUE(9, UW_OP_LIT0 + 9, UW_OP_SKIP, 1, 0, UW_OP_LIT0 + 5);
    REFUSED(UW_OP_PLUS);                            /* one operand is missing */
    REFUSED(UW_OP_LIT0 + 1, UW_OP_LIT0, UW_OP_DIV); /* division by zero */
    REFUSED(UW_OP_BREG0 + 3, 0);                    /* a register without a value */
    REFUSED(UW_OP_LIT0, UW_OP_DEREF);               /* memory that cannot be read */
    REFUSED(UW_OP_SKIP, 0xfd, 0xff);                /* never ends */
    REFUSED(UW_OP_SKIP, 0x10, 0x00);                /* jumps out */
    REFUSED(0xe0);                                  /* unknown */
}

static void check_symbol(const uint8_t *expression, uint64_t pc, enum uw_form form,
                         int64_t offset) {
    struct uw_symbol symbol;
    CHECK(uw__expression_symbol(expression, pc, &symbol));
    CHECK_EQ_U64(symbol.form, form);
    CHECK_EQ_I64(symbol.offset, offset);
}

static void expressions_fold_into_rules(void) {
    /* What every linker writes for the PLT: sp + 8, and 8 more from byte 11 of an entry on. */
    static const uint8_t plt[] = {11,       UW_OP_BREG0 + 7, 8,         UW_OP_BREG0 + 16,
                                  0,        UW_OP_LIT0 + 15, UW_OP_AND, UW_OP_LIT0 + 11,
                                  UW_OP_GE, UW_OP_LIT0 + 3,  UW_OP_SHL, UW_OP_PLUS};
    check_symbol(plt, 0x401020, UW_FORM_SP, 8);
    check_symbol(plt, 0x40102a, UW_FORM_SP, 8);
    check_symbol(plt, 0x40102b, UW_FORM_SP, 16);
    static const uint8_t realigned[] = {3, UW_OP_BREG0 + 6, 0x78, UW_OP_DEREF};
    check_symbol(realigned, 0, UW_FORM_AT_BP, -8);
    static const uint8_t signal[] = {4, UW_OP_BREG0 + 7, 0xa0, 0x01, UW_OP_DEREF};
    check_symbol(signal, 0, UW_FORM_AT_SP, 160);
    static const uint8_t other[] = {2, UW_OP_BREG0 + 10, 0};
    static const uint8_t product[] = {4, UW_OP_BREG0 + 7, 0, UW_OP_LIT0 + 2, UW_OP_MUL};
    struct uw_symbol symbol;
    CHECK(!uw__expression_symbol(other, 0, &symbol));
    CHECK(!uw__expression_symbol(product, 0, &symbol));
}

static void rows_follow_the_program(void) {
    static const uint8_t initial[] = {0x0c, 7, 8, 0x90, 1}; /* CFA = sp + 8, ra at CFA - 8 */
    static const uint8_t program[] = {
        0x41, 0x0e, 16, 0x86, 2,          /* +1: CFA = sp + 16, bp at CFA - 16 */
        0x43, 0x0d, 6,                    /* +4: CFA = bp + 16 */
        0x0a, 0x02, 40, 0xc6, 0x0c, 7, 8, /* +44: remembered, then bp as at first, CFA = sp + 8 */
        0x41, 0x0b,                       /* +45: as remembered */
        0x42, 0x07, 16                    /* +47: no return address */
    };
    static struct uw_cfi_scratch s;
    s.fde = (struct uw_fde){
        0x1000, 0x1100, initial, initial + sizeof initial, program, program + sizeof program, 1, -8,
        UW_RA,  0,      false};
    struct {
        uint64_t address, cfa_register;
        int64_t cfa_offset;
        enum uw_where bp, ra;
    } expected[] = {
        {0x1000, 7, 8, UW_SAME, UW_AT_OFFSET},       {0x1001, 7, 16, UW_AT_OFFSET, UW_AT_OFFSET},
        {0x1003, 7, 16, UW_AT_OFFSET, UW_AT_OFFSET}, {0x1004, 6, 16, UW_AT_OFFSET, UW_AT_OFFSET},
        {0x102c, 7, 8, UW_SAME, UW_AT_OFFSET},       {0x102d, 6, 16, UW_AT_OFFSET, UW_AT_OFFSET},
        {0x10ff, 6, 16, UW_AT_OFFSET, UW_UNDEFINED}};
    for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        CHECK(uw__cfi_run(&s, expected[i].address));
        CHECK_EQ_U64(s.row.cfa_register, expected[i].cfa_register);
        CHECK_EQ_I64(s.row.cfa_offset, expected[i].cfa_offset);
        CHECK_EQ_U64(s.row.columns[UW_BP].where, expected[i].bp);
        CHECK_EQ_U64(s.row.columns[UW_RA].where, expected[i].ra);
    }
    static const uint8_t unknown[] = {0x3f};
    s.fde.program = unknown;
    s.fde.program_end = unknown + 1;
    CHECK(!uw__cfi_run(&s, 0x1000));
}

int main(void) {
    rules_hold_their_offsets();
    recent_rules_are_the_same();
    addresses_are_told_apart();
    expressions_have_values();
    expressions_fold_into_rules();
    rows_follow_the_program();
    return 0;
}
