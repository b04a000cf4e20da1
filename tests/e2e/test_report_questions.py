# SPDX-License-Identifier: MIT
"""Questions asked of recordings through `heapwise report --json`, checked against each other, and the
command's own manners: what it says when it is used wrongly."""

import json
import os
import subprocess

from harness import HEAPWISE, check, each, equal, record, run, target

COSTS = ("allocations", "allocated_bytes", "peak_bytes", "peak_blocks", "leaked_bytes",
         "leaked_blocks", "temporary", "temporary_bytes", "failed", "alive_bytes", "alive_blocks",
         "later_bytes", "later_blocks")


def sums(sites):
    return {cost: sum(s[cost] for s in sites) for cost in COSTS}


def same_sums(report):
    totals = {cost: report["totals"][cost] for cost in COSTS}
    equal(sums(report["sites"]), totals, "the sites' sums and the totals")


@each("counts", "peak", "temporary")
def test_sites_add_up(name):
    same_sums(record(target(name)).report())


def test_ranges_add_up():
    run_ = record(target("waits"), 300)
    whole = run_.report()
    parts = [run_.report("--from", a, "--to", b) for a, b in
             (("0", "20%"), ("20%", "70%"), ("70%", "100%"))]
    for part in parts:
        same_sums(part)
    for cost in ("allocations", "allocated_bytes", "temporary", "failed", "frees", "events"):
        equal(sum(p["totals"][cost] for p in parts), whole["totals"][cost], f"{cost} of all parts")
    equal(max(p["totals"]["peak_bytes"] for p in parts), whole["totals"]["peak_bytes"], "the peak")


def test_threads_add_up():
    run_ = record(target("threads"))
    whole = run_.report()
    parts = [run_.report("--thread", t) for t in sorted({t["tid"] for t in whole["threads"]})]
    check(len(parts) > 1, "the program has threads")
    for cost in COSTS:
        equal(sum(p["totals"][cost] for p in parts), whole["totals"][cost], f"{cost} of all threads")


def test_top_and_order():
    run_ = record(target("peak"))
    whole = run_.report("--sort", "calls")
    calls = [s["allocations"] for s in whole["sites"]]
    equal(calls, sorted(calls, reverse=True), "sites are in the order of --sort")
    equal(whole["site_count"], len(whole["sites"]), "site_count")
    top = run_.report("--sort", "calls", "--top", "1")
    equal((top["sites"], top["site_count"]), (whole["sites"][:1], whole["site_count"]), "--top 1")


def test_any_bytes_are_valid_json():
    argument = b"\xff\"\\\n\x1b[2J \xf0\x9f\x98\x80"
    run_ = record(target("counts"), os.fsdecode(argument))
    report = run_.report()
    equal(report["process"]["command"][1], "\ufffd\"\\\n\x1b[2J \U0001f600", "the argument")
    text = run(HEAPWISE, "report", run_.main).stdout
    check("\x1b" not in text, "no control character reaches the terminal")


def test_colour_only_where_asked():
    file = record(target("peak")).main
    check("\x1b[" in run(HEAPWISE, "report", "--color=always", file).stdout, "--color=always")
    ascii_text = run(HEAPWISE, "report", file, env={"LC_ALL": "C"}).stdout
    check(ascii_text.isascii(), "plain ASCII where the locale is not UTF-8")


@each(60, 80, 120)
def test_width(width):
    text = run(HEAPWISE, "report", "--width", width, record(target("peak")).main,
               env={"LC_ALL": "C.UTF-8"}).stdout
    check(max(len(line) for line in text.splitlines() if "To see them" not in line) <= max(width, 90),
          f"lines fit:\n{text}")


@each(("--srot", 2, "did you mean --sort?"), ("--sort=size", 2, "peak, leaked"),
      ("--from=x", 1, "not a time"), ("--from=99h", 1, "took only"), ("--function=(", 1, "regular"),
      ("--thread=nobody", 1, "no such thread"), ("--size=x", 1, "not a range"),
      ("--lifetime=9-1", 1, "not a range"), ("--alive-at=0", 1, "nothing is alive"),
      ("--hide=(", 1, "regular"), ("--ignore=(", 1, "--ignore: "), ("--top=many", 2, "not a number"))
def test_complaints(case):
    option, status, words = case
    result = run(HEAPWISE, "report", option, record(target("counts")).main)
    equal(result.status, status, f"exit status of {option}")
    check(result.stderr.startswith("heapwise: ") and words in result.stderr, result.stderr)
    equal(result.stderr.count("\n"), 1, "one line")


def test_wrong_files():
    equal(run(HEAPWISE, "report").status, 2, "no file")
    missing = run(HEAPWISE, "report", "no-such-file")
    equal(missing.status, 1, "a missing file")
    check("no-such-file" in missing.stderr, missing.stderr)
    open("text.heapwise", "w", encoding="utf-8").write("this is no recording\n" * 50)
    equal(run(HEAPWISE, "report", "text.heapwise").status, 1, "another kind of file")


def test_standard_input():
    file = record(target("peak")).main
    with open(file, "rb") as recording:
        piped = subprocess.run([HEAPWISE, "report", "--json", "-"], stdin=recording,
                               capture_output=True, check=True)
    equal(json.loads(piped.stdout)["sites"],
          json.loads(run(HEAPWISE, "report", "--json", file).stdout)["sites"], "the same report")
    wrong = run(HEAPWISE, "report", "-", stdin="this is no recording")
    equal(wrong.status, 1, "no recording")
    check(wrong.stderr.startswith("heapwise: standard input"), wrong.stderr)


def test_help():
    result = run(HEAPWISE, "report", "--help")
    equal((result.status, result.stderr), (0, ""), "report --help")
    for word in ("--sort", "--from", "--thread", "Examples"):
        check(word in result.stdout, f"{word} is in the help")


def test_json_is_json():
    json.loads(run(HEAPWISE, "report", "--json", record(target("peak")).main).stdout)
