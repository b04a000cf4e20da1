# SPDX-License-Identifier: MIT
"""What `heapwise report` prints: the JSON's documented keys, and the text a person reads."""

import os
import re

from harness import HEAPWISE, check, each, equal, functions, record, run, target

TOTALS = ("allocations", "frees", "reallocations", "failed", "allocated_bytes", "freed_bytes",
          "temporary", "temporary_bytes", "leaked_blocks", "leaked_bytes", "peak_bytes", "peak_blocks",
          "peak_time_ms", "duration_ms", "peak_rss_bytes", "threads", "events")
SITE = ("stack", "allocations", "allocated_bytes", "peak_bytes", "peak_blocks", "leaked_bytes",
        "leaked_blocks", "temporary")
FRAME = ("function", "file", "line", "module", "inlined")


def test_json_keys():
    run_ = record(target("counts"), "an argument")
    r = run_.report()
    equal(r["schema"], 1, "schema")
    for key in TOTALS:
        check(type(r["totals"].get(key)) is int, f"totals.{key} is an integer: {r['totals'].get(key)!r}")
    for key in SITE:
        check(key in r["sites"][0], f"sites[].{key}")
    for key in FRAME:
        check(key in r["sites"][0]["stack"][0], f"sites[].stack[].{key}")
    equal(r["process"]["command"], [target("counts"), "an argument"], "process.command")
    equal(r["process"]["executable"], os.path.realpath(target("counts")), "process.executable")
    check(r["process"]["pid"] > 1, "process.pid")


def text_report(file, *options):
    result = run(HEAPWISE, "report", file, *options)
    equal((result.status, result.stderr), (0, ""), f"report {options}")
    return result.stdout


def test_text():
    text = text_report(record(target("peak")).main)
    for word in ("grow_middle", "peak", "KiB"):
        check(word in text, f"{word!r} is in the report:\n{text}")
    check("\x1b[" not in text, "no colour where the output is no terminal")
    check(max(map(len, text.splitlines())) <= 200, "lines are of a readable width")


def test_units_say_what_they_are():
    text = text_report(record(target("peak")).main)
    wrong = re.findall(r"\b\d+(?:\.\d+)? ?(?:K|M|G|KB|MB|GB)\b", text)
    equal(wrong, [], "sizes in units that do not say whether they are binary")


def test_bytes_option():
    text = text_report(record(target("peak")).main, "--bytes")
    check("2401380" in text.replace(",", "").replace(" ", "").replace("'", ""),
          f"the exact peak is in the report:\n{text}")


@each("peak", "leaked", "allocated", "calls", "temporary")
def test_sort(key):
    check(text_report(record(target("peak")).main, "--sort", key), "it prints something")


@each("bottom-up", "top-down")
def test_tree(direction):
    text = text_report(record(target("peak")).main, "--tree", direction)
    check("grow_middle" in text and "main" in text, f"the functions are in it:\n{text}")


def test_function_filter():
    r = record(target("peak")).report("--function", "grow_middle")
    check(r["sites"], "sites are left")
    for site in r["sites"]:
        check("grow_middle" in functions(site), f"a site of another function: {functions(site)}")


def test_time_range():
    run_ = record(target("waits"), 300)
    everything = run_.report()
    halves = [run_.report("--to", "150ms"), run_.report("--from", "150ms")]
    total = sum(h["totals"]["allocations"] for h in halves)
    equal(total, everything["totals"]["allocations"], "allocations of both halves together")


def test_rust_names_are_demangled():
    open("in.csv", "w", encoding="utf-8").write("a,b,3\n" * 50)
    r = record(target("csv_reader"), "in.csv").report()
    names = {f for s in r["sites"] for f in functions(s)}
    check(any("csv_reader::table::parse" in n for n in names), f"{sorted(names)[:40]}")
    check(not any(n.startswith(("_R", "_ZN")) for n in names), "no mangled name is left")
