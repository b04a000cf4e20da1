# SPDX-License-Identifier: MIT
"""heapwise check: budgets, baselines, what is printed, and the exit status."""

import pathlib
import re
import xml.etree.ElementTree

from harness import HEAPWISE, check, each, equal, need, record, run, target

PROGRAM = r"""
#include <stdlib.h>
__attribute__((noinline)) void *make(size_t size) { return malloc(size); }
__attribute__((noinline)) void leaks(void) { make(1003); make(1003); }
__attribute__((noinline)) void churns(void) { for (int i = 0; i < 50; i++) free(make(17)); }
int main(void) { churns(); leaks(); return 0; }
"""
# peak 2006 in 2 blocks, leaked the same, 52 allocations, 50 temporary, 2856 bytes allocated


def recorded(program="app", text=PROGRAM):
    need("cc")
    pathlib.Path(f"{program}.c").write_text(text)
    equal(run("cc", "-g", "-O0", f"{program}.c", "-o", program).status, 0, "the compiler")
    return record(f"./{program}", output=f"{program}.heapwise").main.name


def budgets(text):
    pathlib.Path("budgets.toml").write_text(text)
    return "budgets.toml"


def held(*arguments, status):
    result = run(HEAPWISE, "check", "--color", "never", *arguments)
    equal((result.status, result.stderr), (status, ""), f"check {arguments}: {result.stdout}")
    return result.stdout


LIMITS = {"max-peak": 2006, "max-peak-blocks": 2, "max-leaked": 2006, "max-leaked-blocks": 2,
          "max-allocated": 2856, "max-allocations": 52, "max-temporary": 50}


def test_limits_are_exact():
    """The very figure is within the budget, one less is not."""
    file = recorded()
    for option, figure in LIMITS.items():
        held(f"--{option}", figure, file, status=0)
        text = held(f"--{option}", figure - 1, file, status=1)
        check("EXCEEDED" in text and "1 of 1 checks failed" in text, text)
    text = held(*[w for o, n in LIMITS.items() for w in (f"--{o}", n)], "--max-failed", 0, file, status=0)
    check("all 8 checks passed" in text, text)


def test_which_by_how_much_and_where():
    text = held("--max-leaked", "1000", "--max-peak", "1MiB", "--bytes", recorded(), status=1)
    check(re.search(r"ok +peak +2,006 B of 1,048,576 B +whole program", text), text)
    check(re.search(r"EXCEEDED +leaked +2,006 B of 1,000 B, 1,006 B too much +whole program", text), text)
    check(re.search(r"1\.96 KiB +make app\.c:3 ← leaks ← main", text), text)
    check("churns" not in text, "a stack that leaks nothing is not named")


def test_budgets_of_functions():
    file = recorded()
    for option, most in (("--function=^leaks$", 2), ("--function=^churns$", 50),
                         ("--function=!^churns$", 2), ("--module=app$", 52), ("--file=app.c", 52)):
        held(option, "--max-allocations", most, file, status=0)
        held(option, "--max-allocations", most - 1, file, status=1)


def test_budget_file():
    file = recorded()
    good = budgets('# What the program may use.\nmax_peak = "2 KiB"\nmax_allocations = 5_2\n\n'
                   '[[budget]]\nname = "leaks, \\u00e9"\nfunction = \'^leaks$\'\nmax_leaked = 2006 # exactly\n'
                   '[[budget]]\nfunction = "^churns$"\nmax_leaked = 0\nmax_temporary = 50\n')
    text = held("--budget", good, file, status=0)
    check("all 5 checks passed" in text and "leaks, é" in text and "function ^churns$" in text, text)
    bad = budgets(pathlib.Path(good).read_text().replace("2006", "2005"))
    text = held("--budget", bad, file, status=1)
    check(re.search(r"EXCEEDED +leaked .* leaks, é", text), text)
    check(text.count("EXCEEDED") == 1, text)


@each(("max_peek = 3", 1, "no key 'max_peek'"), ("\n[budget]\nmax_peak = 1", 2, "[[budget]]"),
      ("max_peak = '3 parsecs'", 1, "size"), ("max_peak = -3", 1, "number"),
      ("[[budget]]\nfunction = '('\nmax_peak = 1", 2, "regular expression"),
      ("[[budget]]\nname = 'x'", 0, "no limit"), ("max_peak = \"3", 1, "does not end"),
      ("max_peak = 3 4", 1, "behind the value"), ("a.b = 1", 1, "dotted"), ("x = [1]", 1, "lists"),
      ("tolerance = 5", 1, "tolerance"), ("", 0, "no budget"), ("max_allocations = 1.5", 1, "number"),
      ("max_peak = \"\\q\"", 1, "backslash"))
def test_mistakes_in_budget_files(case):
    text, line, why = case
    result = run(HEAPWISE, "check", "--budget", budgets(text), "any.heapwise")
    equal((result.status, result.stdout, result.stderr.count("\n")), (2, "", 1), result.stderr)
    check(why in result.stderr and "budgets.toml" in result.stderr, result.stderr)
    check(line == 0 or f"line {line}:" in result.stderr, result.stderr)


def test_baseline():
    old = recorded("old")
    new = recorded("new", PROGRAM.replace("make(1003); make(1003);", "make(1003); make(1083);"))
    held("--baseline", old, old, status=0)
    held("--baseline", old, "--tolerance", "4%", new, status=0)
    text = held("--baseline", old, "--tolerance", "3.9%", new, status=1)
    check(text.count("EXCEEDED") == 2, f"peak and leaked, not allocated bytes: {text}")
    check("baseline old.heapwise" in text and re.search(r"\+80 B +make new\.c:3 ← leaks", text), text)
    held("--budget", budgets(f'baseline = "{old}"\ntolerance = "4 %"\n'), new, status=0)
    held("--budget", budgets(f'baseline = "{old}"\n'), new, status=1)


def test_junit_and_markdown():
    file = recorded()
    held("--max-leaked", 0, "--max-peak", "1M", "--junit", "out.xml", "--markdown", "out.md", file,
         status=1)
    suites = xml.etree.ElementTree.parse("out.xml").getroot()
    equal((suites.tag, suites.get("tests"), suites.get("failures")), ("testsuites", "2", "1"), "sums")
    cases = {c.get("name"): c for c in suites.iter("testcase")}
    equal(sorted(cases), ["leaked", "peak"], "tests")
    equal(len(list(cases["peak"])), 0, "the peak passed")
    failure = cases["leaked"].find("failure")
    check("1.96 KiB of 0 B" in failure.get("message"), failure.get("message"))
    check("make app.c:3 ← leaks ← main" in failure.text, failure.text)
    markdown = pathlib.Path("out.md").read_text()
    check("1 of 2 not kept" in markdown and "| ❌ | app.heapwise" in markdown, markdown)
    only = run(HEAPWISE, "check", "--max-leaked", 0, "--junit", "-", file)
    xml.etree.ElementTree.fromstring(only.stdout)  # nothing else on standard output
    equal((only.status, only.stderr), (1, ""), "JUnit on standard output")


def test_suppressed_leaks():
    """They do not count, and how much they were is told."""
    file = recorded()
    pathlib.Path("known.supp").write_text("leak:^leaks$\n")
    text = held("--max-leaked", 0, "--max-leaked-blocks", 0, "--suppressions", "known.supp", "--bytes",
                file, status=0)
    check(re.search(r"leaked +0 B of 0 B; 2,006 B suppressed", text), text)
    check(re.search(r"leaked blocks +0 of 0; 2 suppressed", text), text)
    held("--budget", budgets('suppressions = "known.supp"\nmax_leaked = 0\n'), file, status=0)
    held("--max-leaked", 0, file, status=1)
    own = record(target("suppressed"), output="own.heapwise").main
    text = held("--max-leaked", 2003, "--bytes", own, status=0)
    check("1,009 B suppressed" in text, f"the program's own: {text}")
    held("--max-leaked", 2003, "--no-suppressions", own, status=1)


def test_other_formats_and_what_they_do_not_tell():
    pathlib.Path("c").write_text("main;f 4096\n")
    held("--max-peak", 4096, "c", status=0)
    held("--max-peak", 4095, "c", status=1)
    text = held("--max-leaked", "1G", "c", status=1)
    check(re.search(r"UNKNOWN +leaked +not known", text), "what cannot be told is no success")


def test_several_files_and_unreadable_ones():
    file = recorded()
    text = held("--max-peak", "1M", file, file, status=0)
    check("all 2 checks passed" in text, text)
    result = run(HEAPWISE, "check", "--max-peak", "1M", file, "missing.heapwise")
    equal(result.status, 1, "a file that is not there")
    check("missing.heapwise" in result.stderr, result.stderr)
    pathlib.Path("cut.heapwise").write_bytes(pathlib.Path(file).read_bytes()[:-100])
    result = run(HEAPWISE, "check", "--max-peak", "1M", "cut.heapwise")
    equal(result.status, 1, "a recording that is not whole is not held to be within any budget")
    equal(held("--max-peak", "1M", "--quiet", file, status=0), "", "--quiet")


def test_run_check():
    """One line for a whole test run: every process is held to the budgets that are meant for it."""
    recorded()
    record_at = ["-q", "-o", "r.%n.%p.heapwise"]
    command = ["sh", "-c", "./app; ./app; true"]
    def go(text, *more):
        return run(HEAPWISE, "run", *record_at, "--check", budgets(text), "--", *(more or command))
    app = "[[budget]]\nprocess = '/app$'\nmax_leaked = "
    good = go(app + "2006\n")
    equal((good.status, good.stdout), (0, ""), good.stderr)
    bad = go(app + "2005\n")
    equal(bad.status, 1, bad.stderr)
    equal(bad.stderr.count("EXCEEDED"), 2, f"both runs of the program: {bad.stderr}")
    missing = go("[[budget]]\nprocess = '/another$'\nmax_leaked = 0\n")
    equal(missing.status, 1, "a budget that nothing was held against")
    check("MISSING" in missing.stderr, missing.stderr)
    own = go(app + "0\n", "sh", "-c", "./app; exit 7")
    equal(own.status, 7, "the program's own failure is what counts")
    wrong = go("max_peek = 1\n")
    equal((wrong.status, list(pathlib.Path(".").glob("r.*true*"))), (2, []), "nothing is run")


def test_run_check_writes_its_result():
    """JUnit and Markdown of a whole run: a test for each process that a budget is meant for."""
    recorded()
    text = budgets("[[budget]]\nprocess = '/app$'\nmax_leaked = 2005\nmax_allocations = 52\n")
    result = run(HEAPWISE, "run", "-q", "-o", "r.%p.heapwise", "--check", text, "--junit", "out.xml", "--markdown",
                 "out.md", "sh", "-c", "./app; ./app; exit 0")
    equal((result.status, result.stdout), (1, ""), result.stderr)
    suites = xml.etree.ElementTree.parse("out.xml").getroot()
    equal((suites.get("tests"), suites.get("failures")), ("4", "2"), "two figures of two processes")
    equal(sorted(c.get("name") for c in suites.iter("testcase")), 2 * ["allocations"] + 2 * ["leaked"], "tests")
    check("2 of 4 not kept" in pathlib.Path("out.md").read_text(), pathlib.Path("out.md").read_text())
    own = run(HEAPWISE, "run", "-q", "-o", "s.%p.heapwise", "--check", text, "--junit", "own.xml", "sh", "-c",
              "./app; exit 7")
    equal(own.status, 7, "the program's own failure is what counts")
    equal(xml.etree.ElementTree.parse("own.xml").getroot().get("failures"), "1", "but the result is written")


@each((("--junit", "x.xml"), "needs --check"), (("--check", "BUDGETS", "--junit", "-"), "standard output is"),
      (("--check", "BUDGETS", "--markdown", "no/such/folder/x.md"), "No such file"))
def test_run_check_writes_where_it_can(case):
    """And says so before the program runs."""
    options, why = case
    options = [budgets("max_peak = 1\n") if o == "BUDGETS" else o for o in options]
    result = run(HEAPWISE, "run", *options, "touch", "it-ran")
    equal((result.status, pathlib.Path("it-ran").exists()), (2, False), result.stderr)
    check(why in result.stderr, result.stderr)


@each((), ("x.heapwise",), ("--max-peak", "1", ), ("--tolerance", "5%", "--max-peak", "1", "x"),
      ("--function", "f", "x"), ("--max-peak", "much", "x"), ("--max-allocations", "1KiB", "x"),
      ("--budget", "missing.toml", "x"), ("--frobnicate", "x"))
def test_wrong_usage(arguments):
    result = run(HEAPWISE, "check", *arguments)
    equal((result.status, result.stdout), (2, ""), "wrong usage")
    check(result.stderr.startswith("heapwise: "), result.stderr)
