/* SPDX-License-Identifier: MIT
 * Linkage names of C++, Rust (both manglings) and D, names that are none, and hostile ones. */
#include "symbols/symbols.h"

#include "../check.h"

static void expect(const char *linkage_name, const char *readable) {
    char *text = sym_demangle(linkage_name);
    CHECK_STR(text, readable);
    free(text);
}

static void languages(void) {
    expect("_Z3fooi", "foo(int)");
    expect("_ZN5outer3BoxIdE5totalEv", "outer::Box<double>::total()");
    expect("_ZNSt6vectorIiSaIiEE9push_backEOi",
           "std::vector<int, std::allocator<int> >::push_back(int&&)");
    expect("_ZN5outer12_GLOBAL__N_15buildEv", "outer::(anonymous namespace)::build()");
    expect("_ZZ4mainENKUlvE_clEv", "main::{lambda()#1}::operator()() const");
    expect("_Z4workv.cold", "work() [clone .cold]");
    expect("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt");
    expect(
        "_ZN58_$LT$alloc..string..String$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
        "<alloc::string::String as core::fmt::Debug>::fmt");
    expect("_RNvCs15kBYyAo9fc_7mycrate7example", "mycrate::example");
    expect("_RNvMCs4fqI2P2rA04_7mycrateNtB2_6Shapes3add", "<mycrate::Shapes>::add");
    expect("_D8demangle4testFiZv", "demangle.test(int)");
    expect("_D3std5stdio__T7writelnTiZQlFiZv", "std.stdio.writeln!(int).writeln(int)");
    expect("_GLOBAL__sub_I__Z3foov", "{static initializers of foo()}");
    expect("_GLOBAL__sub_I_main.cc", "{static initializers of main.cc}");
}

static void not_mangled(void) {
    expect("malloc", "malloc");
    expect("", "");
    expect("_start", "_start");
    expect("_Z", "_Z");
    expect("_ZNSt", "_ZNSt");
    expect("_R", "_R");
    expect("_D", "_D");
    expect("LazyCompile:*read /home/a b.js:12", "LazyCompile:*read /home/a b.js:12");
    expect("_GLOBAL__sub_I__GLOBAL__sub_I_a", "_GLOBAL__sub_I__GLOBAL__sub_I_a");
}

/* A name of `count` times `piece` between `before` and `after`. */
static char *repeat(const char *before, const char *piece, size_t count, const char *after) {
    char *text = malloc(strlen(before) + strlen(piece) * count + strlen(after) + 1);
    CHECK(text != NULL);
    char *at = stpcpy(text, before);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, piece);
    strcpy(at, after);
    return text;
}

static void expect_bounded(char *name) {
    char *text = sym_demangle(name);
    CHECK(text != NULL);
    CHECK(strlen(text) <= (2u << 20) || strcmp(text, name) == 0);
    free(text);
    free(name);
}

static void hostile(void) {
    expect_bounded(repeat("_Z1f", "P", 60000, "i"));
    expect_bounded(repeat("_Z1f", "P", 200000, "i"));
    expect_bounded(repeat("_ZN", "1a", 30000, "Ev"));
    expect_bounded(repeat("_Z1f", "N1aIX", 9000, ""));
    expect_bounded(repeat("_R", "INvC1a1b", 8000, "E"));
    expect_bounded(repeat("_D1a", "FP", 20000, "iZv"));
    /* Each step doubles the one before: 2^n names from a few bytes each. */
    expect_bounded(
        strdup("_Z1fSt4pairIiiES_IS0_S0_ES_IS1_S1_ES_IS2_S2_ES_IS3_S3_ES_IS4_S4_ES_IS5_S5_E"
               "S_IS6_S6_ES_IS7_S7_ES_IS8_S8_ES_IS9_S9_ES_ISA_SA_ES_ISB_SB_ES_ISC_SC_E"
               "S_ISD_SD_ES_ISE_SE_ES_ISF_SF_ES_ISG_SG_ES_ISH_SH_ES_ISI_SI_ES_ISJ_SJ_E"
               "S_ISK_SK_ES_ISL_SL_ES_ISM_SM_ES_ISN_SN_ES_ISO_SO_ES_ISP_SP_E"));
    expect_bounded(
        strdup("_RINvC1a1bTTTTTTTTTTTTTTTTTTTTTTTTjBf_EBe_EBd_EBc_EBb_EBa_EB9_EB8_EB7_EB6_E"
               "B5_EB4_EB3_EB2_EB1_EB0_EE"));
    expect_bounded(
        strdup("_D3fooFHiHiHQbQdHQeQgHQhQjHQkQmHQnQpHQqQsHQtQvHQwQyHQzQbbHQbcQbeHQbfQbhHQbiQ"
               "bkHQblQbnHQboQbqHQbrQbtHQbuQbwHQbxQbzHQcaQccHQcdQcfZv"));
}

int main(void) {
    languages();
    not_mangled();
    hostile();
    return 0;
}
