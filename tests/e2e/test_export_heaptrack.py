# SPDX-License-Identifier: MIT
"""The export to heaptrack's format, read by heaptrack_print. What it prints is rounded; the flame
graphs that it writes are exact, so their sums are compared."""

import pathlib
import re

from harness import HEAPWISE, check, each, equal, limit, need, record, run, target
from test_export import collapsed, export

COSTS = {"allocations": "allocations", "leaked": "leaked_bytes", "peak": "peak_bytes"}


def heaptrack_stacks(file, cost):
    result = run(need("heaptrack_print"), "--disable-builtin-suppressions", "--flamegraph-cost-type", cost,
                 "-F", "stacks.txt", file)
    equal((result.status, result.stderr), (0, ""), "heaptrack_print")
    return collapsed(pathlib.Path("stacks.txt").read_text(encoding="utf-8"))


def heaptrack_sums(file):
    return {cost: sum(heaptrack_stacks(file, cost).values()) for cost in COSTS}


def report_sums(report):
    return {cost: report["totals"][key] for cost, key in COSTS.items()}


@each("peak", "counts", "threads", "temporary", "recursion")
@limit(120)
def test_sums(name):
    run_ = record(target(name))
    for file in ("heaptrack.out.zst", "heaptrack.out.gz"):
        export(run_.main, "heaptrack", output=file)
        equal(heaptrack_sums(file), report_sums(run_.report("--top", "1")), f"what heaptrack sees in {file}")


def test_real_program():
    run_ = record(need("perl"), "-e", "my %h; $h{$_} = 'x' x $_ for 1..2000; delete $h{$_} for 1..900")
    export(run_.main, "heaptrack", output="heaptrack.perl.zst")
    equal(heaptrack_sums("heaptrack.perl.zst"), report_sums(run_.report("--top", "1")), "sums")


def test_stacks():
    run_ = record(target("peak"))
    export(run_.main, "heaptrack", output="heaptrack.out.zst")
    wanted = {}
    for stack, amount in collapsed(export(run_.main, "collapsed")).items():
        wanted["main" + stack.split(";main", 1)[1]] = amount  # heaptrack_print begins at main
    got = {}
    for stack, amount in heaptrack_stacks("heaptrack.out.zst", "peak").items():
        if amount:
            got[re.sub(r" \([^;]*\)", "", stack).rstrip(";")] = amount
    equal(got, wanted, "the stacks at the peak")


def test_range():
    run_ = record(target("waits"), 200)
    for question in (("--from", "30%"), ("--until", "60%"), ("--from", "20%", "--until", "80%")):
        export(run_.main, "heaptrack", *question, output="heaptrack.out.zst")
        totals = run_.report(*question)["totals"]
        sums = heaptrack_sums("heaptrack.out.zst")
        equal((sums["allocations"], sums["leaked"]), (totals["allocations"], totals["leaked_bytes"]),
              f"calls and leaks of {question}")


def test_thread_and_stack_filters():
    run_ = record(target("threads"))
    report = run_.report()
    tid = str(report["threads"][-1]["tid"])
    for question in (("--thread", tid), ("--function", "own_malloc"), ("--function", "!own_malloc")):
        export(run_.main, "heaptrack", *question, output="heaptrack.out.zst")
        r = run_.report(*question)
        wanted = r["filtered"] or r["totals"]
        sums = heaptrack_sums("heaptrack.out.zst")
        equal((sums["allocations"], sums["leaked"]), (wanted["allocations"], wanted["leaked_bytes"]),
              f"calls and leaks of {question}")


def test_heaptrack_prints_time_and_memory():
    run_ = record(target("waits"), 200)
    export(run_.main, "heaptrack", output="heaptrack.out.zst")
    text = run(need("heaptrack_print"), "heaptrack.out.zst").stdout
    totals = run_.report("--top", "1")["totals"]
    runtime = re.search(r"total runtime: ([\d.]+)s", text)
    check(runtime and abs(float(runtime[1]) - totals["duration_ms"] / 1000) < 0.01, text[-500:])
    check(re.search(r"peak RSS.*: \d", text), text[-500:])


def test_no_cost_to_choose():
    result = run(HEAPWISE, "export", record(target("peak")).main, "--to", "heaptrack", "--cost", "peak")
    equal(result.status, 2, result.stderr)
