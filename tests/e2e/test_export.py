# SPDX-License-Identifier: MIT
"""heapwise export: the command's own manners, and the formats that are plain text. What a format's
totals must be is what `report --json` says of the same question."""

import os
import pathlib
import re

from harness import HEAPWISE, check, each, equal, record, run, target

COSTS = {"peak": "peak_bytes", "leaked": "leaked_bytes", "allocated": "allocated_bytes",
         "calls": "allocations", "temporary": "temporary"}


def export(file, to, *options, output="-", complaints=""):
    """What an export writes: its text, or nothing when `output` names a file."""
    result = run(HEAPWISE, "export", file, "--to", to, "-o", output, *options)
    equal(result.stderr, complaints, f"standard error of the export to {to}")
    equal(result.status, 0, f"exit status of the export to {to}")
    return result.stdout


def formats():
    listed = run(HEAPWISE, "export", "--list")
    equal((listed.status, listed.stderr), (0, ""), "export --list")
    return [line.split()[0] for line in listed.stdout.splitlines()]


def collapsed(text):
    """{stack: amount}, as flamegraph.pl reads it: the amount is behind the last space."""
    stacks = {}
    for line in text.splitlines():
        match = re.fullmatch(r"(.*)\s+(\d+)", line)
        check(match, f"a line that flamegraph.pl cannot read: {line!r}")
        stacks[match[1]] = stacks.get(match[1], 0) + int(match[2])
    return stacks


@each(*COSTS)
def test_collapsed(cost):
    run_ = record(target("peak"))
    stacks = collapsed(export(run_.main, "collapsed", "--cost", cost))
    equal(sum(stacks.values()), run_.report()["totals"][COSTS[cost]], f"the sum of {cost}")
    for stack in stacks:
        check("main" in stack.split(";"), f"the stack reaches main: {stack}")


def test_collapsed_stack_by_stack():
    run_ = record(target("peak"))
    wanted = {}
    for site in run_.report()["sites"]:
        if site["peak_bytes"]:
            stack = ";".join(f["function"] or os.path.basename(f["module"]) + "+" + f["address"]
                             for f in reversed(site["stack"]))
            wanted[stack] = wanted.get(stack, 0) + site["peak_bytes"]
    equal(collapsed(export(run_.main, "collapsed")), wanted, "the stacks at the peak")


def test_same_questions_as_report():
    run_ = record(target("waits"), 300)
    for question in (("--from", "20%", "--until", "70%"), ("--function", "main"),
                     ("--module", "!waits"), ("--until", "50%", "--function", "!main")):
        r = run_.report(*question)
        sums = r["filtered"] or r["totals"]
        stacks = collapsed(export(run_.main, "collapsed", "--cost", "allocated", *question))
        equal(sum(stacks.values()), sums["allocated_bytes"], f"the sum with {question}")


def test_usual_name():
    file = record(target("peak"), output="some.run.heapwise").main
    first = run(HEAPWISE, "export", file, "--to", "collapsed")
    equal((first.status, first.stdout), (0, ""), "the first export")
    check(re.fullmatch(r"heapwise: wrote some.run.folded \([\d.]+ (B|KiB)\)\n", first.stderr), first.stderr)
    again = run(HEAPWISE, "export", file, "--to", "collapsed")
    equal(again.status, 1, "the second export")
    check("exists" in again.stderr and "--force" in again.stderr, again.stderr)
    equal(run(HEAPWISE, "export", file, "--to", "collapsed", "--force").status, 0, "with --force")
    equal(sorted(p.name for p in pathlib.Path(".").iterdir()), ["some.run.folded", "some.run.heapwise"],
          "nothing else is left")


def test_named_output_is_replaced_when_whole():
    file = record(target("peak")).main
    pathlib.Path("out.txt").write_text("before", encoding="utf-8")
    failed = run(HEAPWISE, "export", file, "--to", "collapsed", "-o", "out.txt", "--function", "(")
    equal((failed.status, pathlib.Path("out.txt").read_text(encoding="utf-8")), (1, "before"),
          "a failed export leaves what was there")
    export(file, "collapsed", output="out.txt")
    equal(pathlib.Path("out.txt").read_text(encoding="utf-8"), export(file, "collapsed"), "the file")


def test_compressed_by_name():
    file = record(target("peak")).main
    for name, tool in (("out.gz", "gzip"), ("out.zst", "zstd")):
        export(file, "collapsed", output=name)
        equal(run(tool, "-dc", name).stdout, export(file, "collapsed"), name)


def test_recording_is_never_written_over():
    file = record(target("peak")).main
    before = file.read_bytes()
    result = run(HEAPWISE, "export", file, "--to", "collapsed", "-o", f"./{file.name}", "--force")
    equal((result.status, file.read_bytes() == before), (1, True), result.stderr)


def test_full_disk_is_told():
    result = run("sh", "-c", f"{HEAPWISE} export {record(target('peak')).main} --to collapsed -o - >/dev/full")
    equal(result.status, 1, "exit status")
    check(result.stderr.startswith("heapwise: cannot write"), result.stderr)


@each((("--to", "50%"), "--until"), (("--to", "svg"), "--list"), ((), "collapsed"),
      (("--to", "collapsed", "--cost", "size"), "peak, leaked"), (("--ot", "collapsed"), "did you mean"))
def test_complaints(case):
    options, words = case
    result = run(HEAPWISE, "export", record(target("counts")).main, *options)
    equal((result.status, result.stdout), (2, ""), f"export {options}")
    check(result.stderr.startswith("heapwise: ") and words in result.stderr, result.stderr)


def test_help():
    result = run(HEAPWISE, "export", "--help")
    equal((result.status, result.stderr), (0, ""), "export --help")
    for word in ("--to", "--until", "--cost", "Examples"):
        check(word in result.stdout, f"{word} is in the help")
