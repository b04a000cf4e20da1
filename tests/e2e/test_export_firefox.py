# SPDX-License-Identifier: MIT
"""The export to the Firefox Profiler. Its own reader is a web page that no package has, so that the file is
held to the published definition of its format (src/types/profile and docs-developer of that project, processed
format 48): which members there are, of which kind, columns of one length, indexes that exist; and sums that
are the report's."""

import gzip
import json
import pathlib

from harness import HEAPWISE, check, each, equal, need, record, run, target
from test_export import collapsed, export


def profile(file, *options):
    export(file, "firefox", *options, output="out.json.gz")
    return json.loads(gzip.decompress(pathlib.Path("out.json.gz").read_bytes()))


INTEGER, NUMBER, TEXT, BOOL = (int,), (int, float), (str,), (bool,)
# Each column: what its values are, and whether they may be null.
TABLES = {
    "samples": {"stack": (INTEGER, True), "time": (NUMBER, False)},
    "markers": {"data": ((dict,), True), "name": (INTEGER, False), "startTime": (NUMBER, True),
                "endTime": (NUMBER, True), "phase": (INTEGER, False), "category": (INTEGER, False)},
    "stackTable": {"frame": (INTEGER, False), "prefix": (INTEGER, True), "category": (INTEGER, False),
                   "subcategory": (INTEGER, False)},
    "frameTable": {"address": (INTEGER, False), "inlineDepth": (INTEGER, False), "category": (INTEGER, True),
                   "subcategory": (INTEGER, True), "func": (INTEGER, False), "nativeSymbol": (INTEGER, True),
                   "innerWindowID": (INTEGER, True), "implementation": (INTEGER, True), "line": (INTEGER, True),
                   "column": (INTEGER, True)},
    "funcTable": {"name": (INTEGER, False), "isJS": (BOOL, False), "relevantForJS": (BOOL, False),
                  "resource": (INTEGER, False), "fileName": (INTEGER, True), "lineNumber": (INTEGER, True),
                  "columnNumber": (INTEGER, True)},
    "resourceTable": {"lib": (INTEGER, True), "name": (INTEGER, False), "host": (INTEGER, True),
                      "type": (INTEGER, False)},
    "nativeSymbols": {"libIndex": (INTEGER, False), "address": (INTEGER, False), "name": (INTEGER, False),
                      "functionSize": (INTEGER, True)},
    "nativeAllocations": {"time": (NUMBER, False), "weight": (INTEGER, False), "stack": (INTEGER, True),
                          "memoryAddress": (INTEGER, False), "threadId": (INTEGER, False)},
}
BESIDE = {"samples": {"length", "weight", "weightType"}, "nativeAllocations": {"length", "weightType"}}
THREAD = {"processType": TEXT, "processName": TEXT, "processStartupTime": NUMBER, "processShutdownTime": (type(None),),
          "registerTime": NUMBER, "unregisterTime": (type(None),), "pausedRanges": (list,), "name": TEXT,
          "isMainThread": BOOL, "pid": TEXT, "tid": INTEGER, "stringArray": (list,)}
META = {"interval": NUMBER, "startTime": NUMBER, "processType": INTEGER, "categories": (list,), "product": TEXT,
        "stackwalk": INTEGER, "version": INTEGER, "preprocessedProfileVersion": INTEGER, "oscpu": TEXT,
        "symbolicated": BOOL, "symbolicationNotSupported": BOOL, "markerSchema": (list,), "importedFrom": TEXT,
        "usesOnlyOneStackType": BOOL, "sourceCodeIsNotOnSearchfox": BOOL, "initialVisibleThreads": (list,),
        "initialSelectedThreads": (list,)}
LIB = {"arch": TEXT, "name": TEXT, "path": TEXT, "debugName": TEXT, "debugPath": TEXT, "breakpadId": TEXT,
       "codeId": (str, type(None))}
COUNTER = {"name": TEXT, "category": TEXT, "description": TEXT, "pid": TEXT, "mainThreadIndex": INTEGER,
           "samples": (dict,)}
# What a marker's schema may have; where markers may be shown, and the ways to print a value.
SCHEMA = {"name", "display", "chartLabel", "tableLabel", "tooltipLabel", "data"}
PLACES = {"marker-chart", "marker-table", "timeline-overview", "timeline-memory", "timeline-ipc", "timeline-fileio",
          "stack-chart"}
PRINTED_AS = {"url", "file-path", "string", "duration", "time", "seconds", "milliseconds", "bytes", "percentage",
              "integer", "decimal", "list"}


def members_are(thing, kinds, name):
    equal(sorted(thing), sorted(kinds), f"members of {name}")
    for key, kind in kinds.items():
        check(type(thing[key]) in kind, f"{name}.{key} is {thing[key]!r}")


def is_of_the_format(p):
    """Nothing is missing, nothing is there that the format does not have, and all is of the right kind."""
    equal(sorted(p), ["counters", "libs", "meta", "pages", "profilerOverhead", "threads"], "members of the profile")
    members_are(p["meta"], META, "meta")
    for category in p["meta"]["categories"]:
        equal(sorted(category), ["color", "name", "subcategories"], "a category")
    check(any(c["color"] == "grey" for c in p["meta"]["categories"]), "there is a default category, which is grey")
    for schema in p["meta"]["markerSchema"]:
        check(set(schema) <= SCHEMA and set(schema["display"]) <= PLACES, f"a schema of markers: {schema}")
        for field in schema["data"]:
            check(field["format"] in PRINTED_AS, f"a field of markers: {field}")
    for lib in p["libs"]:
        members_are(lib, LIB, "a library")
    for counter in p["counters"]:
        members_are(counter, COUNTER, "a counter")
        check(counter["mainThreadIndex"] < len(p["threads"]), "the counter's thread")
    for thread in p["threads"]:
        members_are({k: v for k, v in thread.items() if k not in TABLES}, THREAD, "a thread")
        check(set(TABLES) <= set(thread), f"tables of a thread: {sorted(thread)}")
        check(all(isinstance(text, str) for text in thread["stringArray"]), "texts")
        for name, columns in TABLES.items():
            table = thread[name]
            equal(sorted(set(table) - BESIDE.get(name, {"length"})), sorted(columns), f"columns of {name}")
            for column, (kinds, may_be_null) in columns.items():
                wrong = [v for v in table[column] if type(v) not in kinds and not (may_be_null and v is None)]
                equal(wrong[:3], [], f"values of {name}.{column}")


def table_holds(table, name, lengths):
    for column, values in table.items():
        if isinstance(values, list):
            equal(len(values), table["length"], f"the length of {name}.{column}")
    for column, limit in lengths.items():
        for value in table[column]:
            check(value is None or value == -1 or 0 <= value < limit, f"{name}.{column} names {value} of {limit}")


def is_whole(p):
    is_of_the_format(p)
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
