# SPDX-License-Identifier: MIT
"""Real programs of Debian: the same counts as valgrind's, to the block and to the byte."""

import pathlib
import random
import shutil

from harness import (TARGETS, Failed, check, equal, limit, need, record, run, same_as_alone, target,
                     valgrind)


def same_counts_as_valgrind(*command, valgrind_env=None, **how):
    recorded = same_as_alone(*command, **how)
    totals = recorded.report()["totals"]
    if valgrind_env is not None:
        how["env"] = valgrind_env
    allocations, frees, size, result = valgrind(*command, **how)
    equal(result.stdout, recorded.stdout, "standard output under valgrind")
    equal(totals["allocations"], allocations, "allocations")
    equal(totals["frees"], frees, "frees")
    equal(totals["allocated_bytes"], size, "allocated bytes")
    check(allocations > 1000, f"a real program's worth of allocations, not {allocations}")


def write_json(records):
    rows = [f'{{"id":{i},"name":"name {i * 7919 % 1009}","tags":["a{i % 7}","b{i % 11}"],"value":{i}.5}}'
            for i in range(records)]
    pathlib.Path("input.json").write_text("[" + ",\n".join(rows) + "]\n")


@limit(200)
def test_jq():
    write_json(1500)
    same_counts_as_valgrind(need("jq"), "-c", "group_by(.name) | map({n: .[0].name, s: map(.value) | add})",
                            "input.json")


@limit(200)
def test_xmllint():
    rows = [f'<row id="{i}"><name>name &amp; {i % 97}</name><!-- {i} --><v a="1" b="2">{i}</v></row>'
            for i in range(2500)]
    pathlib.Path("input.xml").write_text("<?xml version='1.0'?>\n<rows>" + "\n".join(rows) + "</rows>\n")
    same_counts_as_valgrind(need("xmllint"), "--format", "input.xml")


@limit(200)
def test_sqlite3():
    script = ("create table t(a integer primary key, b text, c real);"
              "with recursive n(i) as (select 1 union all select i + 1 from n where i < 4000) "
              "insert into t select i, 'text ' || (i * 7919 % 997), i / 3.0 from n;"
              "create index b on t(b); select b, count(*), sum(c) from t group by b order by 2, 1 limit 9;")
    same_counts_as_valgrind(need("sqlite3"), ":memory:", script)


def environment_of(result):
    return dict(line.split("=", 1) for line in result.stdout.split("\0") if "=" in line)


def preload_of_length(length):
    """The path of a library that does nothing, so many characters long."""
    return "." + "/" * (length - len(".pad.so")) + "pad.so"


@limit(200)
def test_perl():
    """perl copies its environment, so both runs get one of the same names and lengths: each gets the
    variables that the other profiler adds, and a library to preload that makes LD_PRELOAD as long."""
    shutil.copy(TARGETS / "libuser_preload.so", "pad.so")
    ours = environment_of(record("/usr/bin/env", "-0", output="e.heapwise", env={}, clean=True))
    theirs = environment_of(valgrind("/usr/bin/env", "-0", env={}, clean=True)[3])
    length = max(len(ours["LD_PRELOAD"]), len(theirs["LD_PRELOAD"])) + 20
    common = {"PERL_HASH_SEED": "0", "PERL_PERTURB_KEYS": "0"}
    for_ours, for_theirs = ({**common, **{k: v for k, v in other.items() if k not in own},
                             "LD_PRELOAD": preload_of_length(length - len(own["LD_PRELOAD"]) - 1)}
                            for own, other in ((ours, theirs), (theirs, ours)))
    script = ("my %h; for my $i (1 .. 3000) { $h{$i * 7919 % 1009} .= \"text $i \"; } "
              "my @k = sort { length $h{$a} <=> length $h{$b} or $a <=> $b } keys %h; "
              "print join(',', @k[0 .. 9]), \"\\n\"; print scalar(map { split / / } values %h), \"\\n\";")
    common = {"PERL_HASH_SEED": "0", "PERL_PERTURB_KEYS": "0"}
    same_counts_as_valgrind(need("perl"), "-e", script, env=for_ours, clean=True,
                            valgrind_env=for_theirs)


@limit(200)
def test_rust_csv_reader():
    source = random.Random(5)
    with open("input.csv", "w", encoding="utf-8") as f:
        for i in range(3000):
            f.write(f"group {source.randrange(50)},name {i},{source.randrange(100000)}\n")
    same_counts_as_valgrind(target("csv_reader"), "input.csv")


@limit(120)
def test_python_totals_are_those_of_heaptrack():
    """heaptrack counts a realloc as an allocation too, which is our way; valgrind is too slow here."""
    heaptrack = need("heaptrack")
    command = ("/usr/bin/python3", "-I", "-S", "-c",
               "import json; print(len(json.dumps(json.loads(json.dumps(list(range(20000)))))))")
    env = {"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"}
    totals = same_as_alone(*command, env=env).report()["totals"]
    result = run(heaptrack, "-o", "ht", *command, env=env)
    for line in (result.stdout + result.stderr).splitlines():
        if line.strip().startswith("allocations:"):
            theirs = int(line.split(":")[1])
            # heaptrack misses nothing but a handful of blocks from before its start.
            check(abs(totals["allocations"] - theirs) <= 16,
                  f"allocations: {totals['allocations']}, heaptrack: {theirs}")
            return
    raise Failed(f"heaptrack printed no count: {result.stdout!r} {result.stderr!r}")


@limit(120)
def test_clang_output_is_the_same():
    clang = need("clang++")
    pathlib.Path("a.cpp").write_text("#include <map>\n#include <string>\n"
                                     "std::map<std::string, int> m; int main() { return m[\"x\"]++; }\n")
    run(clang, "-O1", "-c", "a.cpp", "-o", "alone.o")
    recorded = same_as_alone(clang, "-O1", "-c", "a.cpp", "-o", "a.o", seconds=100)
    equal(pathlib.Path("a.o").read_bytes(), pathlib.Path("alone.o").read_bytes(), "the object file")
    totals = recorded.report()["totals"]
    check(totals["allocations"] > 100000, f"allocations: {totals['allocations']}")
    equal(totals["allocations"] - totals["frees"], totals["leaked_blocks"], "blocks left at the end")
