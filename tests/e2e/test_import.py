# SPDX-License-Identifier: MIT
"""Files of heaptrack: the same figures as heaptrack's own tools tell."""

import gzip
import json
import os
import pathlib
import re
import subprocess

from harness import HEAPWISE, ROOT, SYSTEM_PYTHON, check, each, equal, limit, need, report, run

INTERPRET = "/usr/lib/heaptrack/libexec/heaptrack_interpret"
SQL = ("create table t(a,b); with recursive c(x) as (select 1 union all select x+1 from c where "
       "x<3000) insert into t select x, hex(x*x) from c; select b%7, count(*) from t group by 1;")
PROGRAMS = {
    "clang": ("clang", "-O1", "-c", "-x", "c", "compiled.c", "-o", "compiled.o"),
    "python3": (SYSTEM_PYTHON, "-c", "import json; print(len(json.dumps([{'a': i} for i in "
                "range(3000)])))"),
    "sqlite3": ("sqlite3", ":memory:", SQL),
    "jq": ("jq", "-n", "[range(3000)|{a: ., b: tostring}]|map(.a)|add"),
}


def heaptrack(name, *options):
    """Records one of the programs with heaptrack; gives the file that it wrote."""
    need("heaptrack"), need("heaptrack_print"), need(PROGRAMS[name][0])
    pathlib.Path("compiled.c").write_text(
        "#include <stdio.h>\n#include <stdlib.h>\n" +
        "".join(f"int f{i}(int x) {{ return x * {i} + printf(\"%d\", x); }}\n" for i in range(150)))
    env = {"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "1"}
    result = run("heaptrack", *options, "-o", "ht", *PROGRAMS[name], env=env)
    equal(result.status, 0, f"heaptrack's status: {result.stderr}")
    files = [f for f in pathlib.Path(".").iterdir() if f.name.startswith("ht.")]
    equal(len(files), 1, f"files that heaptrack wrote: {files}")
    return files[0]


def theirs(file):
    """The exact figures of heaptrack_print: its flame graphs have whole numbers."""
    out = {}
    for cost in ("allocations", "leaked", "peak"):
        result = run("heaptrack_print", "--disable-builtin-suppressions",
                     "--disable-embedded-suppressions", "--flamegraph-cost-type", cost, "-F",
                     f"{cost}.txt", file)
        equal(result.status, 0, f"heaptrack_print: {result.stderr}")
        lines = pathlib.Path(f"{cost}.txt").read_text(errors="replace").splitlines()
        out[cost] = sum(int(line.rpartition(" ")[2]) for line in lines)
    text = result.stdout
    equal(int(re.search(r"calls to allocation functions: (\d+)", text)[1]), out["allocations"],
          "calls, as heaptrack_print itself tells them in two places")
    return out


def agree(file, expected):
    r = report(file)
    equal(r["totals"]["allocations"], expected["allocations"], "calls")
    equal(r["totals"]["leaked_bytes"], expected["leaked"], "leaked bytes")
    equal(r["totals"]["peak_bytes"], expected["peak"], "peak bytes")
    for key, total in (("allocations", "allocations"), ("leaked_bytes", "leaked"),
                       ("peak_bytes", "peak")):
        equal(sum(site[key] for site in r["sites"]), expected[total], f"{key} of all sites")
    return r


@limit(150)
@each(*PROGRAMS)
def test_heaptrack_figures(name):
    """Calls, leaked bytes and peak are heaptrack's own, to the last byte."""
    file = heaptrack(name)
    r = agree(file, theirs(file))
    equal(r["recording"]["source"]["format"], "heaptrack 3", "format")
    for key in ("temporary", "temporary_bytes", "threads", "failed", "reallocations"):
        equal(r["totals"][key], None, f"{key}, which heaptrack does not know")
    equal([s["temporary"] for s in r["sites"] if s["temporary"] is not None], [], "temporary of sites")
    for option in ("--threads", "--thread=1", "--lifetime=0-5ms"):
        refused = run(HEAPWISE, "report", option, file)
        equal((refused.status, "a file of heaptrack 3" in refused.stderr), (1, True),
              f"{option}, which heaptrack cannot answer: {refused.stderr}")
    text = run(HEAPWISE, "report", file).stdout
    check(re.search(r"temporary +not known", text), "the text says that temporaries are not known")
    equal(run(HEAPWISE, "import", "-o", "kept.heapwise", file).stderr, "", "import")
    fsck = run(HEAPWISE, "fsck", "kept.heapwise")
    equal((fsck.status, fsck.stderr), (0, ""), "fsck of the recording that it makes")
    equal(report("kept.heapwise")["totals"], r["totals"], "totals of the recording that it makes")
    if name == "jq":
        second = run(SYSTEM_PYTHON, ROOT / "tools/read_recording.py", "kept.heapwise")
        equal((second.status, second.stderr), (0, ""), "the second reader")


def test_heaptrack_raw():
    """A raw file gives the same figures as what heaptrack's interpreter makes of it."""
    raw = heaptrack("sqlite3", "--raw")
    need("zstd")
    plain = subprocess.run(["zstd", "-dcq", raw], capture_output=True, check=True).stdout
    interpreted = subprocess.run([INTERPRET], input=plain, capture_output=True, check=True).stdout
    pathlib.Path("plain").write_bytes(plain)
    pathlib.Path("interpreted").write_bytes(interpreted)
    expected = theirs("interpreted")
    agree("interpreted", expected)
    r = agree(raw, expected)
    equal(agree("plain", expected)["totals"], r["totals"], "uncompressed")
    check("lifetimes" in r["recording"]["source"]["known"], "a raw file knows lifetimes")
    # The formats before the third had no lengths before texts.
    older_raw = re.sub(rb"(?m)^([xm]) [0-9a-f]+ ", rb"\1 ", plain).replace(b"v 10400 3", b"v 10200 2", 1)
    pathlib.Path("older").write_bytes(older_raw)
    agree("older", expected)
    names = {f["function"] for s in r["sites"] for f in s["stack"]}
    check("main" in names or len(names) > 20, f"functions of a raw file are resolved: {names}")


def older(text, form):
    """An interpreted file of format 3 as older versions of heaptrack wrote it."""
    lines = []
    for line in text.splitlines():
        if line.startswith("v "):
            line = "v 10100 %d" % form
        elif line.startswith("s "):
            line = "s " + line.split(" ", 2)[2]
        lines.append(line)
    return "\n".join(lines) + "\n"


@each(1, 2)
def test_heaptrack_older_formats(form):
    """heaptrack_print itself reads what is rewritten here; the figures are still its own."""
    file = heaptrack("jq")
    text = subprocess.run(["zstd", "-dcq", file], capture_output=True, check=True).stdout
    old = older(text.decode(errors="surrogateescape"), form).encode(errors="surrogateescape")
    pathlib.Path("old.gz").write_bytes(gzip.compress(old))
    r = agree("old.gz", theirs("old.gz"))
    equal(r["recording"]["source"]["format"], f"heaptrack {form}", "format")
    equal({f["function"] for s in r["sites"] for f in s["stack"]},
          {f["function"] for s in report(file)["sites"] for f in s["stack"]}, "names of functions")


def test_cut_and_broken_files():
    """A file that ends anywhere, or is no file of heaptrack, gives a report or one clear line."""
    good = (b"v 10400 3\nX a program\nI 1000 100\ns 4 main\ns 5 f.cpp\ns 4 /x/y\ni 10 3 1 2 7\nt 1 0\n"
            b"a 10 1\n+ 0\n+ 0\n- 0\nc a\n")
    for length in range(0, len(good) + 1):
        pathlib.Path("cut").write_bytes(good[:length])
        result = run(HEAPWISE, "report", "--json", "cut")
        check(result.status in (0, 1), f"status {result.status} at {length}: {result.stderr}")
        if result.status == 1:
            check(result.stderr.startswith("heapwise: ") and result.stderr.count("\n") == 1,
                  f"cut at {length}: {result.stderr!r}")
    equal(report("cut")["totals"]["allocations"], 2, "the whole file")
    for bad in (b"v 10400 9\n", b"v 10400 3\nt 1 0\n", b"v 10400 3\n+ 0\n", b"v 10400 3\nt 0 77\n",
                b"v 10400 3\ni 1 5\n", b"v 10400 3\ns ffffffffffff x\n", b"v 10400 3\nz\n"):
        pathlib.Path("bad").write_bytes(bad)
        result = run(HEAPWISE, "report", "bad")
        equal((result.status, result.stderr.count("\n")), (1, 1), f"{bad!r}: {result.stderr!r}")
        check("bad" in result.stderr, f"the file is named: {result.stderr!r}")


@each("plain", "gzip")
def test_what_a_killed_program_leaves(form):
    """A file that ends in the middle is read up to there, and said to be damaged."""
    whole = b"v 10400 3\nX a\nI 1000 100\nt 1 0\n".replace(b"t 1 0\n", b"") + (
        b"s 4 main\ni 10 0 1\nt 1 0\n" + b"".join(b"a %x 1\n+ %x\n" % (i * 7919 % 5003 + 256, i)
                                                 for i in range(4000)))
    data = (gzip.compress(whole) if form == "gzip" else whole)
    pathlib.Path("whole").write_bytes(data)
    equal(report("whole")["recording"]["damage"], None, "the whole file")
    pathlib.Path("cut").write_bytes(data[:len(data) * 2 // 3 + 1])
    result = run(HEAPWISE, "report", "--json", "cut")
    equal((result.status, result.stderr), (0, ""), "the report of a cut file")
    r = json.loads(result.stdout)
    check("in the middle" in (r["recording"]["damage"] or ""), f"damage: {r['recording']['damage']}")
    check(500 < r["totals"]["allocations"] < 4000, f"what was there: {r['totals']['allocations']}")
    check("in the middle" in run(HEAPWISE, "report", "cut").stdout, "the text says so")
    for command in (("fsck", "cut"), ("import", "-o", "kept", "cut"), ("check", "--max-peak", "1G", "cut")):
        result = run(HEAPWISE, *command)
        equal((result.status, "in the middle" in result.stderr), (1, True), f"{command}: {result.stderr}")


def test_standard_input():
    file = heaptrack("jq")
    with open(file, "rb") as f:
        result = subprocess.run([HEAPWISE, "report", "--json", "-"], stdin=f, capture_output=True,
                                env=os.environ)
    pipe = subprocess.run(f"cat {file} | {HEAPWISE} report --json -", shell=True,
                          capture_output=True)
    equal((result.returncode, result.stderr, pipe.stderr), (0, b"", b""), "from standard input")
    equal(result.stdout, pipe.stdout, "from a file and from a pipe")
