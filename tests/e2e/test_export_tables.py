# SPDX-License-Identifier: MIT
"""The exports that are tables and graphs: CSV, JSON, callgrind and dot. Each is read by the program
that it is for, and its sums must be those of the report."""

import csv
import io
import json
import os
import re

from harness import check, each, equal, need, record, run, target
from test_export import COSTS, collapsed, export

COLUMNS = ("allocations", "allocated_bytes", "peak_bytes", "peak_blocks", "leaked_bytes",
           "leaked_blocks", "temporary", "temporary_bytes", "failed")


def sites(report):
    """{stack of names, innermost first: figures}"""
    named = {}
    for site in report["sites"]:
        stack = tuple(f["function"] or os.path.basename(f["module"]) + "+" + f["address"]
                      for f in site["stack"])
        figures = named.setdefault(stack, dict.fromkeys(COLUMNS, 0))
        for column in COLUMNS:
            figures[column] += site[column]
    return named


def test_csv():
    run_ = record(target("peak"))
    rows = list(csv.DictReader(io.StringIO(export(run_.main, "csv"))))
    named = {}
    for row in rows:
        stack = tuple(reversed(row["stack"].split(";")))
        figures = named.setdefault(stack, dict.fromkeys(COLUMNS, 0))
        for column in COLUMNS:
            figures[column] += int(row[column])
        check(row["function"] in stack, f"the function is on its stack: {row}")
        check(row["function"] != "operator new(unsigned long)", "it is the program's own")
    equal(named, sites(run_.report()), "the rows")
    amounts = [int(row["peak_bytes"]) for row in rows]
    equal(amounts, sorted(amounts, reverse=True), "the order")
    leaks = list(csv.DictReader(io.StringIO(export(run_.main, "csv", "--cost", "leaked"))))
    check(leaks and all(int(row["leaked_bytes"]) > 0 for row in leaks), "only rows of the cost")


@each((), ("--function", "main"))
def test_json(question):
    run_ = record(target("peak"))
    tables, r = json.loads(export(run_.main, "json", *question)), run_.report(*question)
    names = [f["name"] or os.path.basename(f["module"] or "?") + "+" + f["address"]
             for f in tables["functions"]]
    equal(tables["site_columns"][:10], ["stack", *COLUMNS], "columns")
    named = {}
    for site in tables["sites"]:
        row, stack = site[0], []
        while row:
            caller, frame = tables["stacks"][row]
            check(caller < row, "callers come first")
            stack.append(names[tables["frames"][frame][0]])
            row = caller
        figures = named.setdefault(tuple(stack), dict.fromkeys(COLUMNS, 0))
        for column, value in zip(COLUMNS, site[1:10]):
            figures[column] += value
    equal(named, sites(r), "the sites")
    for key in ("totals", "filtered", "process", "threads", "timeline", "modules"):
        equal(tables[key], r[key], key)


EVENTS = ("peak", "leaked", "allocated", "calls", "temporary")


def annotated(*options):
    """{function: figures} as callgrind_annotate prints them; the totals are under None."""
    result = run(need("callgrind_annotate"), "--threshold=100", "--auto=no", *options, "callgrind.out.test")
    equal((result.status, result.stderr), (0, ""), "callgrind_annotate")
    figures = {}
    for line in result.stdout.splitlines():
        match = re.match(r"((?: *(?:[\d,]+ \( *[\d.]+%\)|0|\.) +){5})(?:[^ ]*:)?(.+?)(?: \[.*)?$", line)
        if match:
            numbers = re.findall(r"([\d,.]+) +(?:\(.*?%\))?", match[1])
            numbers = [0 if n == "." else int(n.replace(",", "")) for n in numbers]
            name = None if match[2] == "PROGRAM TOTALS" else match[2]
            figures[name] = [a + b for a, b in zip(figures.get(name, [0] * 5), numbers, strict=True)]
    return figures


def test_callgrind():
    run_ = record(target("peak"))
    export(run_.main, "callgrind", output="callgrind.out.test")
    totals = run_.report("--top", "1")["totals"]
    own, inclusive = annotated(), annotated("--inclusive=yes")
    equal(own[None], [totals[COSTS[e]] for e in EVENTS], "the program's totals")
    equal([sum(f[i] for n, f in own.items() if n) for i in range(5)], own[None], "own figures add up")
    for name in ("main", "grow_middle"):
        wanted = []
        for cost in EVENTS:
            stacks = collapsed(export(run_.main, "collapsed", "--cost", cost))
            wanted.append(sum(n for s, n in stacks.items() if name in s.split(";")))
        equal(inclusive[name], wanted, f"what {name} and those below it allocate")


def test_callgrind_recursion():
    run_ = record(target("recursion"))
    text = export(run_.main, "callgrind", "--cost", "calls")
    total = run_.report("--top", "1")["totals"]["allocations"]
    check(f"\ntotals: {total}\n" in text, f"totals: {text[-200:]}")
    calls = [int(n) for n in re.findall(r"^calls=(\d+) ", text, re.M)]
    check(calls and max(calls) <= total, f"no call brings more than all: {max(calls)} of {total}")


@each(*COSTS)
def test_dot(cost):
    run_ = record(target("peak"))
    export(run_.main, "dot", "--cost", cost, output="out.dot")
    result = run(need("dot"), "-Tjson", "out.dot")
    equal((result.status, result.stderr), (0, ""), "dot")
    graph = json.loads(result.stdout)
    stacks = collapsed(export(run_.main, "collapsed", "--cost", cost))
    equal(int(graph["whole"]), run_.report("--top", "1")["totals"][COSTS[cost]], "the whole")
    for node in graph.get("objects", []):
        name = node["tooltip"]
        own = sum(n for s, n in stacks.items() if s.split(";")[-1] == name)
        amount = sum(n for s, n in stacks.items() if name in s.split(";"))
        equal((int(node["own"]), int(node["amount"])), (own, amount), f"the figures of {name}")
    for edge in graph.get("edges", []):
        tail, head = (graph["objects"][edge[end]]["tooltip"] for end in ("tail", "head"))
        if edge.get("style") != "dashed":
            amount = sum(n for s, n in stacks.items() if f";{tail};{head};" in f";{s};")
            equal(int(edge["amount"]), amount, f"{tail} calls {head}")
