# SPDX-License-Identifier: MIT
"""The export to the Firefox Profiler. Its own reader is a web page, so the tables are checked here as
that reader takes them: columns of one length, indexes that exist, and sums that are the report's."""

import gzip
import json
import pathlib

from harness import HEAPWISE, check, each, equal, need, record, run, sanitized, target
from test_export import collapsed, export


def profile(file, *options):
    export(file, "firefox", *options, output="out.json.gz")
    return json.loads(gzip.decompress(pathlib.Path("out.json.gz").read_bytes()))


def table_holds(table, name, lengths):
    for column, values in table.items():
        if isinstance(values, list):
            equal(len(values), table["length"], f"the length of {name}.{column}")
    for column, limit in lengths.items():
        for value in table[column]:
            check(value is None or value == -1 or 0 <= value < limit, f"{name}.{column} names {value} of {limit}")


def is_whole(p):
    (thread,) = p["threads"]
    size = {name: thread[name]["length"] for name in
            ("stackTable", "frameTable", "funcTable", "resourceTable", "nativeAllocations")}
    texts = len(thread["stringArray"])
    table_holds(thread["stackTable"], "stackTable",
                {"frame": size["frameTable"], "prefix": size["stackTable"], "category": 1})
    table_holds(thread["frameTable"], "frameTable", {"func": size["funcTable"], "category": 1})
    table_holds(thread["funcTable"], "funcTable", {"name": texts, "fileName": texts, "resource": size["resourceTable"]})
    table_holds(thread["resourceTable"], "resourceTable", {"lib": len(p["libs"]), "name": texts})
    table_holds(thread["nativeAllocations"], "nativeAllocations", {"stack": size["stackTable"]})
    table_holds(thread["samples"], "samples", {})
    table_holds(thread["markers"], "markers", {})
    table_holds(p["counters"][0]["samples"], "counters[0].samples", {})
    for i, prefix in enumerate(thread["stackTable"]["prefix"]):
        check(prefix is None or prefix < i, "callers come first")
    for key in ("preprocessedProfileVersion", "interval", "startTime", "categories", "product"):
        check(key in p["meta"], f"meta.{key}")
    check(isinstance(thread["pid"], str), "the pid is text")


def allocations(p):
    table = p["threads"][0]["nativeAllocations"]
    return list(zip(*(table[c] for c in ("time", "weight", "stack", "memoryAddress", "threadId")), strict=True))


def retained(events):
    """What the profiler shows as retained: allocations without a free of their address."""
    alive = {}
    for _, weight, _, address, _ in events:
        if address in alive:
            equal(-weight, alive.pop(address), "a free gives back what was allocated")
        else:
            alive[address] = weight
    return sum(alive.values())


@sanitized
@each("peak", "counts", "threads")
def test_sums(name):
    run_ = record(target(name))
    p, totals = profile(run_.main), run_.report("--top", "1")["totals"]
    is_whole(p)
    events = allocations(p)
    births = len({address for _, _, _, address, _ in events})
    equal(births, totals["allocations"], "allocations")
    equal(sum(w for _, w, _, _, _ in events if w > 0), totals["allocated_bytes"], "allocated bytes")
    equal(retained(events), totals["leaked_bytes"], "retained at the end")
    live = peak = 0
    for _, weight, _, _, _ in events:
        live += weight
        peak = max(peak, live)
    equal(peak, totals["peak_bytes"], "the most alive")
    equal(sum(p["counters"][0]["samples"]["count"]), totals["leaked_bytes"], "the counter's end")
    times = [event[0] for event in events]
    equal(times, sorted(times), "time goes on")


def test_stacks():
    run_ = record(target("peak"))
    p = profile(run_.main)
    thread = p["threads"][0]
    texts, stacks, frames, functions = (thread[t] for t in ("stringArray", "stackTable", "frameTable", "funcTable"))
    found = {}
    for _, weight, stack, _, _ in allocations(p):
        if weight > 0:
            names = []
            while stack is not None:
                names.append(texts[functions["name"][frames["func"][stacks["frame"][stack]]]])
                stack = stacks["prefix"][stack]
            key = ";".join(reversed(names))
            found[key] = found.get(key, 0) + weight
    equal(found, collapsed(export(run_.main, "collapsed", "--cost", "allocated")), "the stacks")


def test_threads_and_range():
    run_ = record(target("threads"))
    report = run_.report("--top", "1")
    tids = {t["tid"] for t in report["threads"]}
    check({e[4] for e in allocations(profile(run_.main))} <= tids, "the threads are the program's")
    waits = record(target("waits"), 200, output="waits.heapwise")
    question = ("--from", "20%", "--until", "80%")
    events = allocations(profile(waits.main, *question))
    totals = waits.report(*question)["totals"]
    equal(len({e[3] for e in events}), totals["allocations"], "allocations of the range")
    equal(retained(events), totals["leaked_bytes"], "what the range leaves")


def test_real_program():
    run_ = record(need("perl"), "-e", "my %h; $h{$_} = 'x' x $_ for 1..500; delete $h{$_} for 1..200")
    p, totals = profile(run_.main), run_.report("--top", "1")["totals"]
    is_whole(p)
    equal(retained(allocations(p)), totals["leaked_bytes"], "retained at the end")
    result = run(HEAPWISE, "export", run_.main, "--to", "firefox", "--cost", "peak")
    equal(result.status, 2, result.stderr)
