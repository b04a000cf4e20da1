# SPDX-License-Identifier: MIT
"""Marks of the program: ranges between them, told by their names, exact to the event."""

import json
import pathlib
import sqlite3
import subprocess

from harness import HEAPWISE, check, each, equal, need, record, report, run, target
from test_export_firefox import is_of_the_format

PHASES = ("one", "two", "mark:3s", "again#1", "again#2", "\"last\", so")


def story():
    """The events of tests/targets/marked_phases.c: +size or -size, and where each phase begins."""
    events, begins, kept = [], [], {}
    for i in range(1, 7):
        begins.append(len(events))
        size = 100 * i + 1
        events += i * [size] + (i - 1) * [-size]
        kept[i] = size
        if i > 2:
            events.append(-kept[i - 2])
    return events, begins + [len(events)]


def figures(events, first, end, at=None):
    """What a range comes to, by definition. Blocks of one size are alike, so the oldest ends first; each
    phase has sizes of its own."""
    alive, peak, leaked = [], 0, []
    for i, event in enumerate(events[:end]):
        if i == first:
            peak = sum(alive)
        if event > 0:
            alive.append(event)
        else:
            alive.remove(-event)
        if i >= first:
            peak = max(peak, sum(alive))
    part = events[first:end]
    births = [e for e in part if e > 0]
    for event in events[first:end if at is None else at]:
        if event > 0 and len(leaked) < len(births):
            leaked.append(event)
        elif event < 0 and -event in leaked:
            leaked.remove(-event)
    return {"allocations": len(births), "allocated_bytes": sum(births),
            "frees": len(part) - len(births), "freed_bytes": sum(births) - sum(part),
            "leaked_bytes": sum(leaked), "leaked_blocks": len(leaked), "peak_bytes": peak}


def agrees(file, options, expected):
    r = report(file, *options)
    for key, value in expected.items():
        equal(r["totals"][key], value, f"{key} with {options}")
    for key in ("allocations", "allocated_bytes", "leaked_bytes", "peak_bytes"):
        equal(sum(s[key] for s in r["sites"]), expected[key], f"{key} of all sites with {options}")
    return r


def test_between_marks():
    """Every range between two marks of a run that is over within a moment."""
    file = record(target("marked_phases")).main
    events, begins = story()
    agrees(file, (), figures(events, 0, len(events)))
    for i, start in enumerate(PHASES):
        for k, end in enumerate(PHASES[i + 1:], i + 1):
            agrees(file, ("--from", start, "--until", end), figures(events, begins[i], begins[k]))
        r = agrees(file, ("--from", start), figures(events, begins[i], len(events)))
        equal((r["question"]["from_event"], r["question"]["to_event"]), (begins[i] or None, None),
              "the moment in events")


def test_alive_at_marks():
    """What one phase allocated and a later moment still had; and all that was alive then."""
    file = record(target("marked_phases")).main
    events, begins = story()
    for i in range(4):
        for k in range(i + 1, 6):
            agrees(file, ("--from", PHASES[i], "--until", PHASES[i + 1], "--alive-at", PHASES[k]),
                   figures(events, begins[i], begins[i + 1], begins[k]))
    for mark in report(file)["marks"][1:]:
        index = [m["event"] for m in report(file)["marks"]].index(mark["event"])
        r = report(file, "--alive-at", PHASES[index])
        equal(sum(s["alive_bytes"] for s in r["sites"]), mark["live_bytes"], f"alive at {mark['name']}")
        equal(sum(s["alive_blocks"] for s in r["sites"]), mark["live_blocks"], "blocks")


def test_every_question_between_marks():
    """Sizes, threads, histograms and times look at every block; they must draw the same line."""
    file = record(target("marked_phases")).main
    between = ("--from", "again#1", "--until", "again#2")  # 4 of 401 bytes; 3 of them and one of 201 end
    expected = {"allocations": 4, "allocated_bytes": 1604, "frees": 4, "freed_bytes": 1404,
                "leaked_bytes": 401, "leaked_blocks": 1, "peak_bytes": 2106}
    pid = report(file)["process"]["pid"]
    for more in ((), (f"--thread={pid}",), ("--times",), ("--lifetime=0-",), ("--size=1-",)):
        agrees(file, between + more, expected)
    r = report(file, *between, "--size=401", "--histogram", "--threads")
    equal(sum(s["allocations"] for s in r["sites"]), 4, "of that size")
    equal(sum(s["freed_blocks"] for s in r["sites"]), 3, "of that size")
    equal(sum(b["blocks"] for b in r["histogram"]["sizes"]), 4, "histogram")
    equal(r["histogram"]["never_freed_blocks"], 0, "the one that is left is freed in a later phase")
    equal((r["thread_costs"][0]["allocations"], r["thread_costs"][0]["ended_blocks"]), (4, 3), "threads")
    equal(len(report(file, *between, "--size=201")["sites"]), 1, "older blocks end and were alive")


@each("pprof", "heaptrack", "firefox", "massif", "sqlite", "csv", "json")
def test_exports_between_marks(form):
    """The exports are of the same part; through the reader of each format where heapwise has one."""
    file = record(target("marked_phases")).main
    result = run(HEAPWISE, "export", file, "--to", form, "-o", f"out.{form}", "--from", "again#1", "--until",
                 "again#2")
    equal((result.status, result.stderr), (0, ""), "the export")
    text = pathlib.Path(f"out.{form}").read_bytes()
    if form in ("pprof", "heaptrack"):
        totals = report(f"out.{form}")["totals"]
        equal((totals["allocations"], totals["leaked_bytes"]), (4, 401), "calls and leaks")
    elif form == "firefox":
        rows = json.loads(text)["threads"][0]["nativeAllocations"]
        equal(rows["weight"], 4 * [401] + 3 * [-401], "allocations and what ends of them")
    elif form == "massif":
        equal(report(f"out.{form}")["totals"]["peak_bytes"], 2106, "peak")
    elif form == "sqlite":
        need("sqlite3")
        out = subprocess.run(["sqlite3", "out.sqlite", "SELECT sum(allocations), sum(leaked_bytes) FROM sites"],
                             capture_output=True, text=True, check=True).stdout
        equal(out, "4|401\n", "calls and leaks")
    elif form == "csv":
        equal(text.decode().splitlines()[1].split(",")[:2], ["4", "1604"], "calls and bytes")
    else:
        equal(json.loads(text)["totals"]["leaked_bytes"], 401, "leaks")


def test_diff_between_marks():
    """The same words, for both files; and which of the two has no such mark."""
    file = record(target("marked_phases")).main
    other = record(target("c_api"), "moments", output="other.heapwise").main
    r = json.loads(run(HEAPWISE, "diff", "--json", "--from", "two", "--until", "mark:3s", file, file).stdout)
    equal(r["totals"]["allocations"], {"before": 2, "after": 2, "change": 0}, "calls")
    refused = run(HEAPWISE, "diff", "--from", "two", file, other)
    equal(refused.status, 1, "a mark that one of the files does not have")
    check("other.heapwise: --from two: not a time" in refused.stderr, refused.stderr)


@each(("--from=3s", "write mark:3s for the mark"), ("--from=again", "2 marks of this name"),
      ("--until=again", "write 'again#1' for the first"), ("--from=again#3", "only 2 marks called again"),
      ("--from=nothing", "its marks are one, two, 3s, again, \"last\", so"),
      ("--alive-at=mark:2s", "no mark of the recording"), ("--until=one", "the range is empty"),
      ("--from=again#2 --until=two", "the range is empty"), ("--from=again#x", "not a time"),
      ("--alive-at=one", "nothing is alive"), ("--from=again#99999999999999999999", "only 2 marks"))
def test_mistakes(case):
    options, why = case
    file = record(target("marked_phases")).main
    for command in (("report",), ("export", "--to", "csv", "-o", "-")):
        refused = run(HEAPWISE, *command, *options.split(), file)
        equal((refused.status, refused.stderr.count("\n")), (1, 1), refused.stderr)
        check(why in refused.stderr, refused.stderr)


def test_where_there_are_no_marks():
    file = record("/bin/true").main
    pathlib.Path("c").write_text("main;f 4096\n")
    for name in (file, "c"):
        refused = run(HEAPWISE, "report", "--alive-at", "loaded", name)
        check(refused.status == 1 and "which has none (heapwise_mark" in refused.stderr, refused.stderr)


def told(file, *options):
    """(name, ms, bytes alive) of the marks."""
    return [(m["name"], m["time_ms"], m["live_bytes"]) for m in report(file, *options)["marks"]]


def exported(file, form, *options):
    result = run(HEAPWISE, "export", file, "--to", form, "-o", f"marks.{form}", *options)
    equal((result.status, result.stderr), (0, ""), f"export to {form}")
    return pathlib.Path(f"marks.{form}")


def marks_of_firefox(path):
    p = json.loads(path.read_text())
    is_of_the_format(p)
    (thread,) = p["threads"]
    table, texts = thread["markers"], thread["stringArray"]
    (schema,) = p["meta"]["markerSchema"]
    for column in table.values():
        if isinstance(column, list):
            equal(len(column), table["length"], "rows of a column of markers")
    equal({d["type"] for d in table["data"]} - {schema["name"]}, set(), "each marker has the schema's type")
    equal(set(table["phase"]) - {0}, set(), "they are instants")
    return [(d["name"], t, d["bytes"]) for d, t in zip(table["data"], table["startTime"])], \
        [texts[n] for n in table["name"]]


def marks_of_trace(path):
    events = json.loads(path.read_text())["traceEvents"]
    return [(e["name"], e["ts"] // 1000, e["args"]["live bytes"]) for e in events
            if e["ph"] == "i" and e.get("cat") in ("mark", "snapshot")]


def test_exports_have_the_marks():
    """Wherever a format can carry a moment with a name: what the report tells of it."""
    file = record(target("c_api"), "moments").main
    expected = told(file)
    equal([m[0] for m in expected], ["before", "with 5000 bytes", "before"], "marks")
    equal(marks_of_firefox(exported(file, "firefox")), (expected, ["mark", "snapshot", "mark"]), "firefox")
    equal(marks_of_trace(exported(file, "trace")), expected, "trace")
    tables = json.loads(exported(file, "json").read_text())
    equal(tables["marks"], report(file)["marks"], "json")
    db = sqlite3.connect(exported(file, "sqlite"))
    equal(db.execute("SELECT name, time_ms, live_bytes FROM marks ORDER BY id").fetchall(), expected, "sqlite")
    equal(db.execute("SELECT t.name, m.snapshot, m.event FROM marks m JOIN threads t ON t.id = m.thread").fetchall(),
          [("the main one", 0, 0), ("the main one", 1, 1), ("the main one", 0, 2)], "threads in sqlite")


def test_exports_have_the_names_of_threads():
    """What heapwise_thread_name said, where a format has threads."""
    file = record(target("c_api"), "moments").main
    events = json.loads(exported(file, "trace").read_text())["traceEvents"]
    check(any(e["name"] == "thread_name" and e["args"]["name"] == "the main one" for e in events), "trace")
    equal([t["name"] for t in json.loads(exported(file, "json").read_text())["threads"]], ["the main one"], "json")
    asked = run(HEAPWISE, "export", file, "--to", "collapsed", "-o", "-", "--thread", "the main one", "--cost", "calls")
    check(asked.status == 0 and "main" in asked.stdout, f"--thread takes the name: {asked.stderr}")


def test_exports_of_a_part_have_its_marks():
    file = record(target("marked_phases")).main
    for start, end, names in (("one", "mark:3s", ["one", "two", "3s"]), ("again#2", "100%", ["again", '"last", so'])):
        part = ("--from", start, "--until", end)
        equal([m[0] for m in marks_of_trace(exported(file, "trace", *part))], names, "trace")
        equal([m[0] for m in marks_of_firefox(exported(file, "firefox", *part))[0]], names, "firefox")
