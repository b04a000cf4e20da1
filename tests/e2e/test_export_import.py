# SPDX-License-Identifier: MIT
"""What is exported is read back as another tool's file: figures that the format holds are the same,
and those that it does not hold are not known. Then it is exported once more."""

import csv
import io
import json
import sqlite3

from harness import HEAPWISE, check, each, equal, record, report, run, target
from test_export import collapsed, export
from test_export_pprof import profile

KEPT = {
    "pprof": ("allocations", "allocated_bytes", "leaked_bytes", "leaked_blocks", "peak_bytes",
              "peak_blocks", "temporary"),
    "heaptrack": ("allocations", "frees", "allocated_bytes", "freed_bytes", "leaked_bytes",
                  "leaked_blocks", "peak_bytes", "peak_blocks"),
    "massif": ("peak_bytes", "leaked_bytes"),
    "collapsed": ("peak_bytes",),
}
FILES = {"pprof": "out.pb.gz", "heaptrack": "heaptrack.out.zst", "massif": "massif.out.1",
         "collapsed": "out.folded"}


@each(*KEPT)
def test_round_trip(which):
    run_ = record(target("peak"))
    export(run_.main, which, output=FILES[which])
    before, after = run_.report(), report(FILES[which])
    for key in KEPT[which]:
        equal(after["totals"][key], before["totals"][key], f"{key} of a file of {which}")
    if which != "massif":  # which leaves out what is below its threshold
        stacks = collapsed(export(FILES[which], "collapsed"))
        equal(stacks, collapsed(export(run_.main, "collapsed")), f"the stacks of a file of {which}")


def test_unknown_costs_are_left_out():
    export(record(target("peak")).main, "massif", output="massif.out.1")
    known = {"peak_bytes", "leaked_bytes", "alive_bytes"}
    p = profile("massif.out.1")
    equal(set(p.types), {"peak_space", "inuse_space"}, "the types of the pprof profile")
    names = [x["name"].split(":")[0] for x in json.loads(export("massif.out.1", "speedscope"))["profiles"]]
    equal(names, ["peak", "leaked"], "the profiles for speedscope")
    check("\nevents: PeakBytes LeakedBytes\n" in export("massif.out.1", "callgrind"), "the events of callgrind")
    tables = json.loads(export("massif.out.1", "json"))
    for column, value in zip(tables["site_columns"][1:], tables["sites"][0][1:]):
        equal(value is not None, column in known, f"{column} in JSON is {value}")
    row = next(csv.DictReader(io.StringIO(export("massif.out.1", "csv"))))
    for column in tables["site_columns"][1:]:
        equal(row[column] != "", column in known, f"{column} in CSV is {row[column]!r}")
    export("massif.out.1", "sqlite", output="out.sqlite")
    db = sqlite3.connect("out.sqlite")
    equal(db.execute("SELECT allocations, temporary FROM sites LIMIT 1").fetchone(), (None, None), "SQLite")
    equal(db.execute("SELECT value FROM facts WHERE name = 'allocations'").fetchone(), (None,), "facts")


@each("heaptrack", "firefox")
def test_events_that_are_not_known(which):
    export(record(target("peak")).main, "collapsed", output="out.folded")
    result = run(HEAPWISE, "export", "out.folded", "--to", which, "-o", "out")
    equal(result.status, 1, "exit status")
    check("does not tell them" in result.stderr, result.stderr)


def test_cost_that_is_not_known():
    export(record(target("peak")).main, "collapsed", output="out.folded")
    result = run(HEAPWISE, "export", "out.folded", "--to", "dot", "--cost", "temporary", "-o", "out")
    equal(result.status, 1, "exit status")
    check("choose another cost" in result.stderr, result.stderr)


def test_heaptrack_file_stays_itself():
    run_ = record(target("threads"))
    export(run_.main, "heaptrack", output="heaptrack.1.zst")
    export("heaptrack.1.zst", "heaptrack", output="heaptrack.2.zst")
    once, twice = report("heaptrack.1.zst", "--top", "1"), report("heaptrack.2.zst", "--top", "1")
    for key in KEPT["heaptrack"]:
        equal(twice["totals"][key], once["totals"][key], key)
