# SPDX-License-Identifier: MIT
"""Suppressed leaks: the program's own list, and files of LeakSanitizer's syntax."""

import json
import pathlib
import sqlite3
import subprocess

from harness import HEAPWISE, check, each, equal, functions, need, record, report, run, target
from serving import Served
from test_export import collapsed, export

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


# tests/targets/suppressed.c: 2003 bytes leak, and 1009 more that its own rule suppresses.
TOLD, ALL = (1, 2003), (2, 3012)


@each((), ("--no-suppressions",))
def test_every_export_tells_the_same_leaks(options):
    """What a format calls leaked or in use is what the report does; the figures are read by whatever reads it."""
    file = record(target("suppressed")).main
    blocks, size = ALL if options else TOLD
    equal(leaked(report(file, *options)), (blocks, size), "the report")
    for form in ("pprof", "heaptrack"):
        export(file, form, *options, output=f"out.{form}")
        equal(leaked(report(f"out.{form}")), (blocks, size), form)
    equal(sum(collapsed(export(file, "collapsed", "--cost", "leaked", *options)).values()), size, "collapsed")
    export(file, "sqlite", *options, output="out.sqlite")
    db = sqlite3.connect("out.sqlite")
    facts = dict(db.execute("SELECT name, value FROM facts"))
    equal(db.execute("SELECT sum(leaked_blocks), sum(leaked_bytes) FROM sites").fetchone(), (blocks, size), "sqlite")
    equal((facts["leaked_blocks"], facts["leaked_bytes"]), (blocks, size), "facts of sqlite")
    equal(facts["suppressed_bytes"], 3012 - size, "what sqlite says was suppressed")
    tables = json.loads(export(file, "json", *options))
    columns = tables["site_columns"]
    equal(sum(s[columns.index("leaked_bytes")] for s in tables["sites"]), size, "json")
    equal((tables["totals"]["leaked_bytes"], tables["suppressed"]["bytes"]), (size, 3012 - size), "its totals")
    header, *rows = export(file, "csv", *options).splitlines()
    at = header.split(",").index("leaked_bytes")
    equal(sum(int(row.split(",")[at]) for row in rows), size, "csv")
    profiles = json.loads(export(file, "speedscope", "--cost", "leaked", *options))["profiles"]
    equal([p["endValue"] for p in profiles], [size], "speedscope")
    totals = export(file, "callgrind", "--cost", "leaked", *options)
    equal([line for line in totals.splitlines() if line.startswith("summary:")], [f"summary: {size}"], "callgrind")
    check(f"{size:,} B" in export(file, "dot", "--cost", "leaked", *options)
          or f'whole="{size}"' in export(file, "dot", "--cost", "leaked", *options), "dot")
    for form in ("massif", "firefox", "trace"):  # what was alive, not what leaked
        equal(export(file, form, "--no-suppressions", output=f"a.{form}"),
              export(file, form, output=f"b.{form}"), form)


def test_heaptrack_print_agrees():
    """heaptrack's own program takes the rules out of the export, and tells the same leaks."""
    file = record(target("suppressed")).main
    export(file, "heaptrack", output="out.ht")
    text = run(need("heaptrack_print"), "--disable-builtin-suppressions", "out.ht").stdout
    check("total memory leaked: 2.00K" in text and "suppressed leaks: 1.01K" in text, text[-400:])


@each("plain", "--raw")
def test_rules_in_files_of_heaptrack(form):
    """heaptrack copies a program's rules into its files and then does not apply them (peers, row 12)."""
    need("heaptrack")
    program = build(CONSTANT, "-rdynamic")
    run("heaptrack", *([form] if form == "--raw" else []), "-o", "ht", program)
    (file,) = pathlib.Path(".").glob("ht*.zst")
    lines = subprocess.run(["zstd", "-dcq", file], capture_output=True, text=True, check=True).stdout.splitlines()
    equal([line.split(" ", 2)[2] for line in lines if line.startswith("S ")],
          ["# ours", "leak:^leak_two$", "leak:never"], "what heaptrack wrote")
    check("invalid suppression line" in run("heaptrack_print", file).stderr, "and does not read")
    equal(rules(report(file)), {"^leak_two$": (2, 2004), "never": (0, 0)}, "what heapwise makes of them")
    equal(leaked(report(file)), (3, 101 + 10003 + 101), "leaks")
    equal(leaked(report(file, "--no-suppressions")), (5, 12209), "all leaks")
    held = run(HEAPWISE, "check", "--max-leaked", 101 + 10003 + 101, file)
    equal(held.status, 0, held.stdout)


def test_rules_in_older_files_of_heaptrack():
    """Before format 3 nothing stands before the line."""
    pathlib.Path("old").write_bytes(b"v 10300 2\nX a\nI 1000 100\nS leak:known\nS # no rule\ns known\ns main\n"
                                    b"i 10 0 1\ni 20 0 2\nt 2 0\nt 1 1\na 64 2\na 7 1\n+ 0\n+ 1\n")
    equal(leaked(report("old")), (1, 7), "leaks")


def test_threads_growth_and_differences():
    file = record(target("suppressed")).main
    for options, (blocks, size) in (((), TOLD), (("--no-suppressions",), ALL)):
        (row,) = report(file, "--threads", *options)["thread_costs"]
        equal((row["leaked_blocks"], row["leaked_bytes"]), (blocks, size), "of the only thread")
        totals = json.loads(run(HEAPWISE, "diff", "--json", *options, file, file).stdout)["totals"]
        equal((totals["leaked_blocks"]["after"], totals["leaked_bytes"]["before"]), (blocks, size), "diff")
    pathlib.Path("known.supp").write_text("leak:^work$\n")
    many = record(target("live_threads"), 3, output="many.heapwise").main
    raw, told = report(many, "--threads"), report(many, "--threads", "--suppressions", "known.supp")
    for r in (raw, told):
        equal(sum(t["leaked_bytes"] for t in r["thread_costs"]), r["totals"]["leaked_bytes"], "threads add up")
    equal(raw["totals"]["leaked_bytes"] - told["totals"]["leaked_bytes"], 3 * 17, "what the rule is on")


def test_what_grows_on_purpose_is_no_hint():
    pathlib.Path("known.supp").write_text("leak:^hoard$\n")
    recorded = record(target("grows"))
    hints = {h["frame"]["function"] for h in recorded.report("--growth", "--hide", "^own_malloc$", "--suppressions",
                                                             "known.supp")["growth"]}
    check("hoard" not in hints, f"what grows: {hints}")


def test_the_browser_is_told_the_same():
    file = record(target("suppressed")).main
    with Served(file) as served:
        facts = served.json("api/0/facts")
        equal(leaked(facts), TOLD, "facts")
        equal((facts["suppressed"]["blocks"], facts["suppressed"]["bytes"]), (1, 1009), "suppressed")
        profile = served.container("api/0/profile")
        equal((profile.meta["sum"]["leaked_bytes"], profile.meta["all"]["leaked_blocks"]), ("2003", "1"), "profile")
        equal(profile.sum("leaked_bytes"), 2003, "its column")
        (row,) = served.json("api/0/threads")
        equal((row["leaked_blocks"], row["leaked_bytes"], row["alive_bytes"]), (1, 2003, 3012), "threads")


def test_the_table_of_processes_is_told_the_same():
    program = target("suppressed")
    result = run(HEAPWISE, "run", "-o", "r.%p.heapwise", "sh", "-c", f"{program}; {program}; true")
    rows = [line.split() for line in result.stderr.splitlines() if line.endswith("suppressed")]
    equal([row[2:4] for row in rows], 2 * [["1.96", "KiB"]], f"leaked in the table: {result.stderr}")
