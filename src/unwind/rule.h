/* SPDX-License-Identifier: MIT
 * Rules: how to step out of the frame at one code address, in one word, and the two tables of them
 * that all threads share: a small one that stays in the processor's cache, with the rules used of
 * late, and behind it one that holds all.
 *
 * A rule has its parts above 29 bits of which its holders know nothing. An entry is 64 bits and
 * complete in itself, so that one relaxed load or store is all the protocol:
 *
 *      63      42 41    32 31  29 28               0
 *     [ cfa / 8 ][ bp / 8 ][ type ] [ tag (29) ]        of all rules: as it is
 *      63 47 46    37 36  34 33                    0
 *     [ cfa ][  bp  ][ type ] [     tag (34)     ]      of recent ones: five bits further up, so a
 *                                                       shift that keeps the sign gives the rule
 *
 * cfa and bp are signed. An address below 2^47 is split without loss into a place (18 or 13 bits)
 * and a tag, so an entry whose tag fits belongs to exactly that address. An empty entry is 0: it
 * belongs to addresses below 2^20, where there is no code. A rule whose cfa would lose bits by the
 * five (a frame of half a MiB) is kept among all rules only.
 *
 *   type     CFA                 caller's bp                       caller's pc
 *   SP       sp + cfa            at CFA + bp, or bp if that is     at CFA - 8
 *   BP       bp + cfa              where the pc is (bp unchanged)  at CFA - 8
 *   ALIGNED  at bp + cfa         at bp + bp                        at CFA - 8
 *   SIGNAL   at sp + cfa         beside it in the signal frame     beside it, and exact
 *   END      the outermost frame
 *   SLOW     only the complete machine can step out
 *   NOINFO   no unwind information; the other bits say when that was found (loader.h) */
#ifndef HEAPWISE_UNWIND_RULE_H
#define HEAPWISE_UNWIND_RULE_H

#include "core/atomics.h"
#include "unwind/arch.h"
#include "unwind/unwind.h"

enum uw_rule_type {
    UW_RULE_NONE,
    UW_RULE_SP = 1,
    UW_RULE_BP = 2,
    UW_RULE_ALIGNED,
    UW_RULE_SIGNAL,
    UW_RULE_END,
    UW_RULE_SLOW,
    UW_RULE_NOINFO
};

#define UW_RULE_PLACES (1u << 18)
#define UW_RULE_TAG ((1ull << 29) - 1)
enum { UW_RULE_TYPE_SHIFT = 29, UW_RECENT_LOG2 = 13, UW_RECENT_SHIFT = 5 };
#define UW_RECENT_PLACES (1u << UW_RECENT_LOG2)
#define UW_RECENT_TAG ((1ull << 34) - 1)
#define UW_ADDRESS_LIMIT (1ull << 47)

extern uint64_t *uw__rules;
extern uint64_t uw__rules_recent[UW_RECENT_PLACES];

static inline unsigned uw_rule_type(uint64_t rule) {
    return (rule >> UW_RULE_TYPE_SHIFT) & 7;
}
static inline int64_t uw_rule_cfa(uint64_t rule) {
    return ((int64_t)rule >> 39) & ~7ll;
}
static inline int64_t uw_rule_bp(uint64_t rule) {
    return ((int64_t)(rule << 22) >> 51) & ~7ll;
}
static inline int uw_rule_is_plain(uint64_t rule) {
    return uw_rule_type(rule) - UW_RULE_SP <= UW_RULE_BP - UW_RULE_SP;
}
/* Of a plain rule: is it BP? */
static inline int uw_rule_from_bp(uint64_t rule) {
    return (rule >> 30) & 1;
}
static inline int uw_rule_keeps_bp(uint64_t rule) {
    return uw_rule_bp(rule) == UW_RA_OFFSET;
}

/* A rule without a tag; offsets that do not fit make it SLOW. */
static inline uint64_t uw_rule_make(enum uw_rule_type type, int64_t cfa, int64_t bp) {
    if ((cfa | bp) & 7 || cfa < -(1 << 24) || cfa >= 1 << 24 || bp < -(1 << 12) || bp >= 1 << 12)
        return (uint64_t)UW_RULE_SLOW << UW_RULE_TYPE_SHIFT;
    return (uint64_t)cfa >> 3 << 42 | ((uint64_t)bp >> 3 & 0x3ff) << 32 |
           (uint64_t)type << UW_RULE_TYPE_SHIFT;
}

/* The address to look up for a frame's pc: a return address may lie behind the end of its function
 * when the call does not return, so the call itself is looked up. */
static inline uint64_t uw_rule_key(uint64_t pc) {
    return (pc & UW_PC_ADDRESS) - 1 + (pc >> 63);
}

static inline unsigned uw_rule_place(uint64_t key) {
    return (unsigned)((key >> 2 ^ key >> 20) & (UW_RULE_PLACES - 1));
}
static inline uint64_t uw_rule_tag(uint64_t key) {
    return (key >> 20 ^ key << 27) & UW_RULE_TAG;
}

/* The same for the recent rules, whose tag is the address without its lowest UW_RECENT_LOG2 bits. */
static inline unsigned uw_recent_place(uint64_t key) {
    return (unsigned)((key ^ key >> UW_RECENT_LOG2) & (UW_RECENT_PLACES - 1));
}
static inline uint64_t uw_rule_to_recent(uint64_t rule) {
    return (rule & ~UW_RULE_TAG) << UW_RECENT_SHIFT;
}
static inline uint64_t uw_rule_from_recent(uint64_t entry) {
    return (uint64_t)((int64_t)entry >> UW_RECENT_SHIFT);
}
/* Whether it loses nothing there. */
static inline int uw_rule_fits_recent(uint64_t rule) {
    return ((uw_rule_from_recent(uw_rule_to_recent(rule)) ^ rule) & ~UW_RULE_TAG) == 0;
}

/* Maps the table. Returns 0 or -errno. */
int uw__rules_start(void);
/* Empties it; other threads may be using it. */
void uw__rules_flush(void);

struct uw_cfi_scratch;
/* The rule of `key`, which is not among the recent ones: from the table of all, or else compiled.
 * It is a recent one then. */
uint64_t uw__rule_recall(uint64_t key, struct uw_cfi_scratch *scratch);
/* Compiles the rule of `key` anew, keeps it and returns it. */
uint64_t uw__rule_compile(uint64_t key, struct uw_cfi_scratch *scratch);

/* NOINFO rules are only believed as long as no code has been added since. */
int uw__noinfo_is_current(uint64_t rule);

/* The rule of a frame's pc. One that says NOINFO must be checked with uw__noinfo_is_current. */
static inline uint64_t uw_rule_find(uint64_t pc, struct uw_cfi_scratch *scratch) {
    uint64_t key = likely(pc < UW_ADDRESS_LIMIT) ? pc - 1 : uw_rule_key(pc);
    uint64_t entry = load_relaxed(&uw__rules_recent[uw_recent_place(key)]);
    if (unlikely(((entry ^ key >> UW_RECENT_LOG2) & UW_RECENT_TAG) != 0))
        return uw__rule_recall(key, scratch);
    return uw_rule_from_recent(entry);
}

#endif
