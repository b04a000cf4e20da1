# SPDX-License-Identifier: MIT
"""Suppressed leaks: the program's own list, and files of LeakSanitizer's syntax."""

import pathlib

from harness import HEAPWISE, check, each, equal, functions, need, record, report, run, sanitized, target

PROGRAM = r"""
#include <stdlib.h>
#include <stdio.h>
static void *volatile kept;
__attribute__((noinline)) void leak_one(void) { kept = malloc(101); }
__attribute__((noinline)) void leak_two(void) { kept = malloc(1002); kept = malloc(1002); }
__attribute__((noinline)) void other(void) { kept = malloc(10003); }
__attribute__((noinline)) void through(void) { leak_one(); __asm__ volatile(""); }
RULES
int main(void) { leak_one(); leak_two(); other(); through(); return 0; }
"""
CONSTANT = 'const char *__lsan_default_suppressions(void) { return "# ours\\nleak:^leak_two$\\nleak:never\\n"; }'
VARIABLE = ('static const char *rules = "leak:^leak_two$\\n";'
            'const char *__lsan_default_suppressions(void) { return rules; }')
WORKED_OUT = ('static char rules[99]; const char *__lsan_default_suppressions(void)'
              '{ snprintf(rules, 99, "leak:%s", "leak_two"); return rules; }')


def build(rules="", *options):
    pathlib.Path("user.c").write_text(PROGRAM.replace("RULES", rules))
    done = run(need("cc"), "-g", "-w", *options, "user.c", "-o", "user")
    equal(done.stderr, "", "compiler")
    return str(pathlib.Path("user").resolve())


def leaked(r):
    return r["totals"]["leaked_blocks"], r["totals"]["leaked_bytes"]


def rules(r):
    return {x["pattern"]: (x["blocks"], x["bytes"]) for x in r["suppressed"]["rules"]}


@sanitized
@each("-O0", "-O2", "-no-pie", "-O2 -no-pie -fno-pie", "-O2 -fcf-protection=none")
def test_of_the_program_itself(options):
    for source in (CONSTANT, VARIABLE):
        recorded = record(build(source, *options.split()))
        r = recorded.report()
        equal(leaked(r), (3, 101 + 10003 + 101), f"leaks that are told of ({source})")
        equal((r["suppressed"]["blocks"], r["suppressed"]["bytes"]), (2, 2004), "suppressed")
        equal(rules(r)["^leak_two$"], (2, 2004), "by the rule")
        equal(r["suppressed"]["rules"][0]["from"], recorded.command and r["process"]["executable"], "from")
        check(all(s["leaked_bytes"] == 0 for s in r["sites"] if functions(s)[0] == "leak_two"), "sites")
        equal(leaked(report(recorded.main, "--no-suppressions")), (5, 12209), "all leaks")


def test_worked_out_by_the_program():
    """Nothing of the program is run to find out; the report says what to do."""
    recorded = record(build(WORKED_OUT))
    r = recorded.report()
    equal(leaked(r), (5, 12209), "leaks")
    equal(r["suppressed"]["not_read"], r["process"]["executable"], "what is not known")
    check("give them by --suppressions" in run(HEAPWISE, "report", recorded.main).stdout, "the text says so")


@sanitized
def test_files():
    recorded = record(build(CONSTANT))
    pathlib.Path("a.supp").write_text("# known\n\n  leak:^through \r\nleak:^through$\n")
    pathlib.Path("b.supp").write_text("leak:user.c\n")
    r = report(recorded.main, "--suppressions", "a.supp")
    equal(rules(r), {"^through": (1, 101), "^through$": (0, 0), "^leak_two$": (2, 2004), "never": (0, 0)},
          "the first rule that matches counts")
    r = report(recorded.main, "--suppressions", "a.supp", "--suppressions", "b.supp")
    equal(leaked(r), (0, 0), "all are suppressed by their file's name")
    equal(r["totals"]["allocations"], 5, "and nothing else changes")
    text = run(HEAPWISE, "report", recorded.main, "--suppressions", "a.supp").stdout
    check("Suppressed leaks: 2.06 KiB in 3 blocks by 4 rules" in text, text)
    check("2 rules matched nothing" in text, text)


@each("leak:*/user", "leak:user$", "leak:le*k_*", "leak:^main$", "leak:^*", "leak:eak_one", "leak:^leak*one$")
def test_patterns_that_match(pattern):
    recorded = record(build())
    pathlib.Path("a.supp").write_text(pattern + "\n")
    r = report(recorded.main, "--suppressions", "a.supp", "--function", "^leak_one$")
    equal(r["suppressed"]["blocks"], 2, f"blocks by {pattern}")


@each("leak:^eak_one", "leak:leak_on$", "leak:*x_one", "leak:^leak*two$", "leak:^user$")
def test_patterns_that_do_not(pattern):
    recorded = record(build())
    pathlib.Path("a.supp").write_text(pattern + "\n")
    r = report(recorded.main, "--suppressions", "a.supp", "--function", "^leak_one$")
    equal(r["suppressed"]["blocks"], 0, f"blocks by {pattern}")


def test_mistakes():
    recorded = record(target("suppressed"))
    pathlib.Path("a.supp").write_text("leak:one\nrace:two\n")
    bad = run(HEAPWISE, "report", recorded.main, "--suppressions", "a.supp")
    check(bad.status == 1 and "a.supp:2: race:two: not a suppression" in bad.stderr, bad.stderr)
    bad = run(HEAPWISE, "report", recorded.main, "--suppressions", "none.supp")
    check(bad.status == 1 and "none.supp" in bad.stderr, bad.stderr)
    bad = run(HEAPWISE, "run", "--suppressions", "none.supp", "/bin/true")
    check(bad.status == 2 and "none.supp" in bad.stderr, bad.stderr)


def test_run_applies_them():
    pathlib.Path("a.supp").write_text("leak:other\n")
    result = run(HEAPWISE, "run", "-o", "out.heapwise", "--suppressions", "a.supp", build(CONSTANT))
    check("Suppressed leaks: 11.7 KiB in 3 blocks by 3 rules" in result.stderr, result.stderr)


def test_a_run_without_leaks_looks_for_none():
    """And a recording without the function says nothing of suppressions."""
    recorded = record("/bin/true")
    equal(recorded.report()["suppressed"],
          {"blocks": 0, "bytes": 0, "not_read": None, "rules": []}, "suppressed")
