# SPDX-License-Identifier: MIT
"""The export to SQLite, asked by sqlite3 and through Python's module; sums must be the report's."""

import pathlib
import sqlite3
import subprocess

from harness import HEAPWISE, check, each, equal, need, record, run, target
from test_export import COSTS, collapsed, export

SUMS = ("allocations", "allocated_bytes", "peak_bytes", "peak_blocks", "leaked_bytes",
        "leaked_blocks", "temporary", "temporary_bytes", "failed")


def database(file, *options):
    export(file, "sqlite", *options, output="out.sqlite")
    return sqlite3.connect("out.sqlite")


@each("peak", "counts", "temporary")
def test_sums(name):
    run_ = record(target(name))
    db, totals = database(run_.main), run_.report("--top", "1")["totals"]
    facts = dict(db.execute("SELECT name, value FROM facts"))
    equal({k: facts[k] for k in (*SUMS, "frees", "duration_ms", "peak_time_ms")},
          {k: totals[k] for k in (*SUMS, "frees", "duration_ms", "peak_time_ms")}, "facts")
    columns = ", ".join(f"sum({column})" for column in SUMS)
    for table in ("sites", "site", "by_function", "by_line", "by_module"):
        sums = db.execute(f"SELECT {columns} FROM {table}").fetchone()
        equal(dict(zip(SUMS, sums)), {k: totals[k] for k in SUMS}, f"the sums of {table}")
    equal(db.execute("SELECT sum(peak_bytes) FROM peak").fetchone()[0] or 0, totals["peak_bytes"], "peak")
    equal(db.execute("SELECT sum(leaked_bytes) FROM leaks").fetchone()[0] or 0, totals["leaked_bytes"], "leaks")
    equal(db.execute("SELECT sum(blocks), sum(bytes) FROM sizes").fetchone(),
          (totals["allocations"], totals["allocated_bytes"]), "sizes")
    equal(db.execute("PRAGMA integrity_check").fetchone(), ("ok",), "the file")


def test_functions_and_stacks():
    run_ = record(target("peak"))
    db = database(run_.main)
    for cost in COSTS:
        stacks = collapsed(export(run_.main, "collapsed", "--cost", cost))
        for total, own, name in db.execute(
                "SELECT total, own, function FROM through WHERE cost = ?", (cost,)):
            equal(total, sum(n for s, n in stacks.items() if name in s.split(";")), f"{cost} through {name}")
            equal(own, sum(n for s, n in stacks.items() if s.split(";")[-1] == name), f"{cost} of {name}")
    named = {}
    for stack, amount in db.execute("SELECT stack, peak_bytes FROM peak"):
        names = [name for (name,) in db.execute(
            "WITH RECURSIVE up(at, depth) AS (VALUES(?, 0) UNION ALL SELECT caller, depth + 1 FROM up"
            "  JOIN stacks ON id = at WHERE caller <> 0)"
            "SELECT n.name FROM up JOIN stacks k ON k.id = at JOIN frames f ON f.id = k.frame"
            "  JOIN functions n ON n.id = f.function ORDER BY depth DESC", (stack,))]
        named[";".join(names)] = named.get(";".join(names), 0) + amount
    equal(named, collapsed(export(run_.main, "collapsed")), "the stacks at the peak")


def test_question():
    run_ = record(target("waits"), 100)
    db = database(run_.main, "--from", "20%", "--cost", "calls")
    equal(db.execute("SELECT sum(allocations) FROM sites").fetchone()[0],
          run_.report("--from", "20%")["totals"]["allocations"], "allocations of the range")


def test_the_program_sqlite3_reads_it_from_standard_output():
    run_ = record(target("peak"))
    with open("piped.sqlite", "wb") as out:
        subprocess.run([HEAPWISE, "export", run_.main, "--to", "sqlite", "-o", "-"], stdout=out, check=True)
    result = run(need("sqlite3"), "piped.sqlite", "SELECT sum(peak_bytes) FROM peak")
    equal(result.stdout.strip(), str(run_.report("--top", "1")["totals"]["peak_bytes"]), result.stderr)
    left = sorted(p.name for p in pathlib.Path(".").iterdir())
    equal(left, ["out.heapwise", "piped.sqlite"], "nothing else is left")


def test_it_is_replaced_whole():
    run_ = record(target("peak"))
    for _ in range(2):
        export(run_.main, "sqlite", output="out.sqlite")
    check(database(run_.main).execute("SELECT count(*) FROM sites").fetchone()[0] > 0, "sites")
