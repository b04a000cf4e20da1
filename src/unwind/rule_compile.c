/* SPDX-License-Identifier: MIT
 * Rules: the shared table, and how the rule of an address is made from its unwind information. */
#include "unwind/rule.h"

#include "core/syscall.h"
#include "unwind/expression.h"
#include "unwind/loader.h"
#include "unwind/thread.h"

#include <sys/mman.h>

uint64_t *uw__rules;
uint64_t uw__rules_recent[UW_RECENT_PLACES] __attribute__((aligned(64)));

/* The table of all rules is as large as a huge page, and lies as one. It begins as ordinary pages that
 * come when touched; the kernel is asked to make it one when there are so many rules that they lie all
 * over it. A page that comes costs as much as to compile a rule once more, so while there are few, one
 * that has found a free place among the recent ones is not entered here: should it lose that place, it
 * is compiled again. */
#define TABLE_BYTES (UW_RULE_PLACES * sizeof(uint64_t))
#define PAGE_PLACES (4096 / sizeof(uint64_t))
/* Which of its pages hold a rule, a bit for each: a page where there is none is not touched. The bit is
 * set before the rule is entered; should the table be emptied in between, the rule is not seen. */
static uint64_t pages_used[UW_RULE_PLACES / PAGE_PLACES / 64];

enum { FEW_RULES = 1024, MANY_RULES = 4096, COLLAPSE = 25 /* MADV_COLLAPSE, since Linux 6.1 */ };
static uint32_t compiled;

int uw__rules_start(void) {
    if (uw__rules != NULL) return 0;
    char *p = sys_mmap(NULL, 2 * TABLE_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (SYS_FAILED(p)) return (int)(intptr_t)p;
    uint64_t skip = (0 - (uint64_t)(uintptr_t)p) % TABLE_BYTES;
    if (skip > 0) sys_munmap(p, skip);
    sys_munmap(p + skip + TABLE_BYTES, TABLE_BYTES - skip);
    add_relaxed(&uw__counters->private_bytes, TABLE_BYTES);
    uw__rules = (uint64_t *)(void *)(p + skip);
    return 0;
}

static uint64_t page_bit(unsigned place) {
    return 1ull << place / PAGE_PLACES % 64;
}
static uint64_t *page_bits(unsigned place) {
    return &pages_used[place / PAGE_PLACES / 64];
}

void uw__rules_flush(void) {
    for (unsigned i = 0; i < sizeof pages_used / sizeof pages_used[0]; i++)
        store_relaxed(&pages_used[i], 0);
    for (unsigned i = 0; i < UW_RECENT_PLACES; i++)
        if (load_relaxed(&uw__rules_recent[i]) != 0) store_relaxed(&uw__rules_recent[i], 0);
    if (sys_madvise(uw__rules, TABLE_BYTES, MADV_DONTNEED) == 0) return;
    for (unsigned i = 0; i < UW_RULE_PLACES; i++) /* locked memory cannot be given back */
        if (load_relaxed(&uw__rules[i]) != 0) store_relaxed(&uw__rules[i], 0);
}

static uint64_t plain(enum uw_rule_type type) {
    return (uint64_t)type << UW_RULE_TYPE_SHIFT;
}

/* What is left above the type of a rule without offsets. */
static uint64_t noinfo(void) {
    return plain(UW_RULE_NOINFO) | uw__loader_generation() << 32;
}

int uw__noinfo_is_current(uint64_t rule) {
    return ((rule ^ noinfo()) & ~UW_RULE_TAG) == 0;
}

/* The row of a function whose frame keeps the return address at the usual place. */
static uint64_t plain_frame(const struct uw_row *row, enum uw_rule_type type, int64_t cfa) {
    const struct uw_column *ra = &row->columns[UW_RA], *bp = &row->columns[UW_BP];
    const struct uw_column *sp = &row->columns[UW_SP];
    if (ra->where != UW_AT_OFFSET || ra->offset != UW_RA_OFFSET) return plain(UW_RULE_SLOW);
    if (sp->where != UW_SAME && !(sp->where == UW_IS_OFFSET && sp->offset == 0))
        return plain(UW_RULE_SLOW);
    if (bp->where == UW_SAME || bp->where == UW_UNDEFINED)
        return uw_rule_make(type, cfa, UW_RA_OFFSET);
    if (bp->where != UW_AT_OFFSET || bp->offset == UW_RA_OFFSET) return plain(UW_RULE_SLOW);
    return uw_rule_make(type, cfa, bp->offset);
}

/* gcc's realigned frame: the CFA is in memory at bp + k, and the caller's bp at bp + b. */
static uint64_t aligned_frame(const struct uw_row *row, uint64_t pc, int64_t cfa) {
    const struct uw_column *ra = &row->columns[UW_RA], *bp = &row->columns[UW_BP];
    struct uw_symbol saved;
    if (ra->where != UW_AT_OFFSET || ra->offset != UW_RA_OFFSET || bp->where != UW_AT_EXPRESSION ||
        row->columns[UW_SP].where != UW_SAME ||
        !uw__expression_symbol(bp->expression, pc, &saved) || saved.form != UW_FORM_BP)
        return plain(UW_RULE_SLOW);
    return uw_rule_make(UW_RULE_ALIGNED, cfa, saved.offset);
}

/* The return from a signal handler: sp, pc and bp are in the kernel's frame, at their distances. */
static uint64_t signal_frame(const struct uw_row *row, uint64_t pc, int64_t cfa) {
    const struct uw_column *ra = &row->columns[UW_RA], *bp = &row->columns[UW_BP];
    struct uw_symbol at_pc, at_bp;
    if (ra->where != UW_AT_EXPRESSION || bp->where != UW_AT_EXPRESSION ||
        !uw__expression_symbol(ra->expression, pc, &at_pc) ||
        !uw__expression_symbol(bp->expression, pc, &at_bp) || at_pc.form != UW_FORM_SP ||
        at_bp.form != UW_FORM_SP || at_pc.offset != cfa + UW_SIGNAL_PC ||
        at_bp.offset != cfa + UW_SIGNAL_BP)
        return plain(UW_RULE_SLOW);
    return uw_rule_make(UW_RULE_SIGNAL, cfa, 0);
}

static uint64_t compile(uint64_t key, struct uw_cfi_scratch *s) {
    if (!uw__fde_find(key, &s->fde)) return noinfo();
    if (s->fde.ra_column != UW_RA || !uw__cfi_run(s, key)) return plain(UW_RULE_SLOW);
    const struct uw_row *row = &s->row;
    if (row->columns[UW_RA].where == UW_UNDEFINED) return plain(UW_RULE_END);
    struct uw_symbol cfa;
    if (row->cfa_expression == NULL) {
        cfa.form = row->cfa_register == UW_SP   ? UW_FORM_SP
                   : row->cfa_register == UW_BP ? UW_FORM_BP
                                                : UW_FORM_NUMBER;
        cfa.offset = row->cfa_offset;
    } else if (!uw__expression_symbol(row->cfa_expression, key, &cfa)) {
        return plain(UW_RULE_SLOW);
    }
    if (s->fde.signal_frame) {
        if (cfa.form == UW_FORM_AT_SP) return signal_frame(row, key, cfa.offset);
        return plain(UW_RULE_SLOW);
    }
    switch (cfa.form) {
    case UW_FORM_SP:
        return plain_frame(row, UW_RULE_SP, cfa.offset);
    case UW_FORM_BP:
        return plain_frame(row, UW_RULE_BP, cfa.offset);
    case UW_FORM_AT_BP:
        return aligned_frame(row, key, cfa.offset);
    default:
        return plain(UW_RULE_SLOW);
    }
}

/* Puts a rule among the recent ones if it fits there. Whether it does, and took nobody's place. */
static bool keep_recent(uint64_t key, uint64_t rule) {
    if (!uw_rule_fits_recent(rule)) return false;
    uint64_t *place = &uw__rules_recent[uw_recent_place(key)];
    bool was_free = load_relaxed(place) == 0;
    store_relaxed(place, uw_rule_to_recent(rule) | key >> UW_RECENT_LOG2);
    return was_free;
}

uint64_t uw__rule_compile(uint64_t key, struct uw_cfi_scratch *scratch) {
    uint64_t rule = compile(key, scratch);
    uint32_t before = add_relaxed(&compiled, 1);
    add_relaxed(&uw__counters->rules_compiled, 1);
    if (keep_recent(key, rule) && before < FEW_RULES) return rule;
    unsigned place = uw_rule_place(key);
    if ((load_relaxed(page_bits(place)) & page_bit(place)) == 0)
        (void)or_relaxed(page_bits(place), page_bit(place));
    store_relaxed(&uw__rules[place], rule | uw_rule_tag(key));
    if (before == MANY_RULES) sys_madvise(uw__rules, TABLE_BYTES, COLLAPSE);
    return rule;
}

uint64_t uw__rule_recall(uint64_t key, struct uw_cfi_scratch *scratch) {
    unsigned place = uw_rule_place(key);
    if ((load_relaxed(page_bits(place)) & page_bit(place)) == 0)
        return uw__rule_compile(key, scratch);
    uint64_t rule = load_relaxed(&uw__rules[place]);
    if (((rule ^ uw_rule_tag(key)) & UW_RULE_TAG) != 0) return uw__rule_compile(key, scratch);
    (void)keep_recent(key, rule);
    return rule;
}
