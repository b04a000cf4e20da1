# SPDX-License-Identifier: MIT
"""The exports that show the heap over time: massif's format, read by ms_print, and Chrome's trace."""

import json
import pathlib
import re

from harness import HEAPWISE, check, each, equal, need, record, run, target
from test_export import export


def snapshots(text):
    """massif's snapshots: {"time", "mem_heap_B", "heap_tree", "tree": [(depth, lines, bytes, place)]}"""
    found = []
    for part in text.split("#-----------\nsnapshot=")[1:]:
        lines = part.splitlines()[2:]
        snapshot = dict(line.split("=", 1) for line in lines if re.match(r"\w+=", line))
        snapshot["tree"] = [(len(m[1]), int(m[2]), int(m[3]), m[4]) for m in
                            (re.match(r"( *)n(\d+): (\d+) (.*)", line) for line in lines) if m]
        found.append(snapshot)
    return found


def tree_holds(tree):
    """The lines below a line are as many as it says, and never more than it; gives their sum at the top."""
    for i, (depth, lines, amount, place) in enumerate(tree):
        below = []
        for other in tree[i + 1:]:
            if other[0] <= depth:
                break
            if other[0] == depth + 1:
                below.append(other[2])
        equal(len(below), lines, f"lines below {place}")
        check(not below or sum(below) <= amount, f"what is below {place} adds up to more")
    return sum(amount for depth, _, amount, _ in tree if depth == 1)


@each("peak", "counts", "waits", "recursion")
def test_massif(name):
    run_ = record(target(name))
    text = export(run_.main, "massif")
    totals = run_.report("--top", "1")["totals"]
    found = snapshots(text)
    peaks = [s for s in found if s["heap_tree"] == "peak"]
    equal([int(s["mem_heap_B"]) for s in peaks], [totals["peak_bytes"]], "the peak")
    equal(int(found[-1]["mem_heap_B"]), totals["leaked_bytes"], "the end")
    times = [int(s["time"]) for s in found]
    equal(times, sorted(times), "time goes on")
    for s in found:
        if s["heap_tree"] != "empty":
            equal(s["tree"][0][2], int(s["mem_heap_B"]), "the tree is of the snapshot")
            check(not s["tree"][0][1] or tree_holds(s["tree"]) == s["tree"][0][2], "the tree adds up")


def test_massif_in_the_middle():
    run_ = record(target("waits"), 300)
    details = [s for s in snapshots(export(run_.main, "massif")) if s["heap_tree"] == "detailed"]
    check(len(details) > 2, f"there are trees on the way: {len(details)}")
    for s in details[:-1]:
        alive = run_.report("--until", s["time"] + "ms")["totals"]["leaked_bytes"]
        equal(int(s["mem_heap_B"]), alive, f"alive at {s['time']} ms")


def test_ms_print_reads_it():
    run_ = record(target("peak"))
    export(run_.main, "massif", output="massif.out.test")
    result = run(need("ms_print"), "massif.out.test")
    equal((result.status, result.stderr), (0, ""), "ms_print")
    peak = run_.report("--top", "1")["totals"]["peak_bytes"]
    check(f"100.00% ({peak:,}B) (heap allocation functions)" in result.stdout, result.stdout)
    check("(peak)" in result.stdout and "grow_middle (peak.c:" in result.stdout, result.stdout)


def test_massif_of_a_part():
    run_ = record(target("waits"), 200)
    for question in (("--function", "main"), ("--from", "30%", "--until", "70%")):
        r = run_.report(*question)
        sums = r["filtered"] or r["totals"]
        peaks = [s for s in snapshots(export(run_.main, "massif", *question)) if s["heap_tree"] == "peak"]
        equal([int(s["mem_heap_B"]) for s in peaks], [sums["peak_bytes"]], f"the peak with {question}")


def test_massif_ends_where_the_range_ends():
    run_ = record(target("waits"), 200)
    found = snapshots(export(run_.main, "massif", "--until", "80%", "--alive-at", "10%"))
    until = run_.report("--until", "80%", "--top", "1")["totals"]["leaked_bytes"]
    equal(int(found[-1]["mem_heap_B"]), until, "the last snapshot")


# The published Trace Event Format: what an event of each phase has, and what it may have besides.
PHASES = {"C": ({"ph", "name", "pid", "ts", "args"}, {"cat", "tid", "id"}),
          "M": ({"ph", "name", "pid", "args"}, {"tid", "ts", "cat"}),
          "i": ({"ph", "name", "pid", "tid", "ts", "s"}, {"cat", "args"})}


def is_an_event(event):
    needed, allowed = PHASES[event["ph"]]
    check(needed <= set(event) <= needed | allowed, f"members of an event: {event}")
    for key in ("pid", "tid", "ts"):
        check(key not in event or (type(event[key]) is int and event[key] >= 0), f"{key} of {event}")
    if event["ph"] == "C":
        check(event["args"] and all(type(v) in (int, float) for v in event["args"].values()), f"a counter: {event}")
    if event["ph"] == "M":
        check(event["name"] in ("process_name", "thread_name", "process_labels", "process_sort_index"), f"{event}")
        check(type(event["args"]["name"]) is str, f"a name: {event}")
    if event["ph"] == "i":
        check(event["s"] in ("g", "p", "t"), f"the scope of an instant: {event}")


def counters(text):
    """{track: [(microseconds, value)]}"""
    trace = json.loads(text)
    equal(sorted(trace), ["displayTimeUnit", "otherData", "traceEvents"], "members of the JSON object format")
    check(trace["displayTimeUnit"] in ("ms", "ns"), trace["displayTimeUnit"])
    tracks = {}
    for event in trace["traceEvents"]:
        is_an_event(event)
        if event["ph"] == "C":
            (value,) = event["args"].values()
            tracks.setdefault(event["name"], []).append((event["ts"], value))
    return tracks


def test_trace():
    run_ = record(target("waits"), 200)
    tracks = counters(export(run_.main, "trace"))
    totals = run_.report("--top", "1")["totals"]
    equal(max(v for _, v in tracks["live heap"]), totals["peak_bytes"], "the highest point of the heap")
    equal(tracks["live heap"][-1][1], totals["leaked_bytes"], "its end")
    equal(tracks["allocated so far"][-1][1], totals["allocated_bytes"], "allocated so far")
    equal(tracks["allocations so far"][-1][1], totals["allocations"], "allocations so far")
    equal(max(v for _, v in tracks["resident set"]), totals["peak_rss_bytes"], "the resident set")
    for name, points in tracks.items():
        times = [t for t, _ in points]
        equal(times, sorted(times), f"time goes on in {name}")


def test_trace_of_functions():
    run_ = record(need("perl"), "-e", "for (1..20) { push @a, 'x' x 5000; select(undef, undef, undef, 0.01) }")
    tracks = counters(export(run_.main, "trace"))
    held = {name: points for name, points in tracks.items() if name.startswith("held by ")}
    check(len(held) > 2, f"there are tracks of functions: {sorted(tracks)}")
    for points in zip(*held.values(), strict=True):
        time = points[0][0]
        if 0 < time <= run_.report("--top", "1")["totals"]["duration_ms"] * 1000:
            alive = run_.report("--until", f"{time // 1000}ms", "--top", "1")["totals"]["leaked_bytes"]
            equal(sum(v for _, v in points), alive, f"what all functions hold at {time} us")
            break
    equal(sum(points[-1][1] for points in held.values()),
          run_.report("--top", "1")["totals"]["leaked_bytes"], "what all functions hold at the end")


def test_trace_of_a_part():
    run_ = record(target("waits"), 200)
    tracks = counters(export(run_.main, "trace", "--function", "!own_malloc"))
    peak = run_.report("--function", "!own_malloc")["filtered"]["peak_bytes"]
    check(peak in [v for _, v in tracks["live heap"]], "the share of the peak is there")
    check("allocated so far" not in tracks, "what is known of the whole only is left out")
    result = run(HEAPWISE, "export", run_.main, "--to", "trace", "--cost", "peak")
    equal(result.status, 2, result.stderr)
