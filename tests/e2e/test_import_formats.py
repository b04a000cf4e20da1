# SPDX-License-Identifier: MIT
"""Files of massif, DHAT, jemalloc, gperftools, pprof and collapsed stacks: the same sums as those that
the file itself has, and of what it does not have nothing."""

import gzip
import json
import math
import os
import pathlib
import re

from harness import HEAPWISE, ROOT, SYSTEM_PYTHON, check, each, equal, need, record, report, run, skip, target

LIBRARIES = "/usr/lib/x86_64-linux-gnu/"
JQ = ("jq", "-n", "[range(300)|tostring]|length")


def is_sound(file):
    """What is made of a file is a whole recording, for both readers."""
    equal(run(HEAPWISE, "import", "-o", "kept.heapwise", file).stderr, "", "import")
    fsck = run(HEAPWISE, "fsck", "kept.heapwise")
    equal((fsck.status, fsck.stderr), (0, ""), "fsck of the recording that is made")
    second = run(SYSTEM_PYTHON, ROOT / "tools/read_recording.py", "kept.heapwise")
    equal((second.status, second.stderr), (0, ""), "the second reader")


def has(r, known, **totals):
    """The totals, in the recording and as sums of its sites; all others are not known."""
    for key, value in totals.items():
        equal(r["totals"][key], value, key)
        equal(sum(s[key] for s in r["sites"]), value, f"{key} of all sites")
    equal(set(r["recording"]["source"]["known"]), set(known.split()), "what is known")
    for key in ("allocations", "allocated_bytes", "temporary", "temporary_bytes", "leaked_bytes",
                "leaked_blocks", "peak_bytes", "peak_blocks", "failed"):
        if key not in totals:
            equal(r["totals"][key], None, f"{key}, which the file does not know")
            equal({s[key] for s in r["sites"]}, {None}, f"{key} of the sites")
    for key in ("frees", "freed_bytes", "threads", "reallocations", "events"):
        equal(r["totals"][key], None, f"{key}, which the file does not know")
    text = run(HEAPWISE, "report", r["recording"]["path"])
    equal((text.status, text.stderr), (0, ""), "the text")
    check(re.search(r"temporary +not known +not known", text.stdout), text.stdout[:900])


def functions_of(r):
    return {f["function"] for s in r["sites"] for f in s["stack"]}


def test_massif():
    need("valgrind")
    run("valgrind", "--tool=massif", "--massif-out-file=massif.out", *JQ)
    text = pathlib.Path("massif.out").read_text()
    sizes = [int(n) for n in re.findall(r"^mem_heap_B=(\d+)", text, re.MULTILINE)]
    is_sound("massif.out")
    r = report("massif.out")
    has(r, "peak leaked", peak_bytes=max(sizes), leaked_bytes=sizes[-1])
    equal([p["live_bytes"] for p in r["timeline"]], sizes, "the timeline")
    check({p["time_ms"] for p in r["timeline"]} == {None}, "instructions are no time")
    equal(r["process"]["command"], list(JQ), "command")
    known = {f for f in functions_of(r) if f}
    check("jv_mem_alloc" in known, f"names of functions: {known}")


def test_massif_without_trees():
    """Memory whose stacks the file does not have is of an unknown stack, not lost."""
    pathlib.Path("m").write_text("desc: x\ncmd: ./a\ntime_unit: ms\n" + "".join(
        f"#-----------\nsnapshot={i}\n#-----------\ntime={i * 10}\nmem_heap_B={b}\nmem_heap_extra_B=0\n"
        "mem_stacks_B=0\nheap_tree=empty\n" for i, b in enumerate((5, 70, 20))))
    r = report("m")
    has(r, "time peak leaked", peak_bytes=70, leaked_bytes=20)
    equal([s["stack"] for s in r["sites"]], [[]], "the one site")
    equal([p["time_ms"] for p in r["timeline"]], [0, 10, 20], "times")
    equal((r["totals"]["peak_time_ms"], r["totals"]["duration_ms"]), (10, 20), "moments")


def test_massif_exact_branches():
    """What callers do not account for stays with the function that allocated."""
    pathlib.Path("m").write_text(
        "desc: x\ncmd: ./a\ntime_unit: i\n#-----------\nsnapshot=0\n#-----------\ntime=3\nmem_heap_B=100\n"
        "mem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=peak\n"
        "n2: 100 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.\n"
        " n2: 70 0x1: f(int) (a.cpp:3)\n"
        "  n0: 40 0x2: main (a.cpp:9)\n"
        "  n0: 25 in 4 places, all below massif's threshold (1.00%)\n"
        " n0: 20 0x3: ??? (in /usr/lib/x.so)\n")
    r = report("m")
    have = {tuple(f["function"] for f in s["stack"]): s["peak_bytes"] for s in r["sites"]}
    equal(have, {("f(int)", "main"): 40, ("f(int)",): 30, (None,): 20, (): 10}, "sites")
    lines = {(f["function"], f["file"], f["line"]) for s in r["sites"] for f in s["stack"]}
    check(("f(int)", "a.cpp", 3) in lines and ("main", "a.cpp", 9) in lines, f"lines: {lines}")


@each("plain", "gzip")
def test_dhat(form):
    need("valgrind")
    result = run("valgrind", "--tool=dhat", "--dhat-out-file=dhat.json", target("counts"))
    truth = result.json()
    data = json.loads(pathlib.Path("dhat.json").read_text())
    if form == "gzip":
        pathlib.Path("dhat.json").write_bytes(gzip.compress(pathlib.Path("dhat.json").read_bytes()))
    sums = {k: sum(p[k] for p in data["pps"]) for k in ("tb", "tbk", "gb", "gbk", "eb", "ebk")}
    is_sound("dhat.json")
    r = report("dhat.json")
    has(r, "calls allocated peak peak_blocks leaked leaked_blocks", allocated_bytes=sums["tb"],
        allocations=sums["tbk"], peak_bytes=sums["gb"], peak_blocks=sums["gbk"],
        leaked_bytes=sums["eb"], leaked_blocks=sums["ebk"])
    check(r["totals"]["peak_bytes"] >= truth["peak_bytes"], "the peak is not below the program's own")
    equal(r["process"]["pid"], data["pid"], "pid")
    check({"main", "own_malloc"} <= functions_of(r), f"functions: {functions_of(r)}")


def test_jemalloc():
    if not os.path.exists(LIBRARIES + "libjemalloc.so.2"):
        skip("libjemalloc2 is not installed")
    need("jq")
    run(*JQ, env={"LD_PRELOAD": LIBRARIES + "libjemalloc.so.2",
                  "MALLOC_CONF": "prof:true,prof_final:true,prof_accum:true,lg_prof_sample:0,"
                                 "prof_prefix:dump"})
    files = list(pathlib.Path(".").glob("dump*.heap"))
    if not files:
        skip("this jemalloc is built without profiling")
    first = re.search(r"t\*: (\d+): (\d+) \[(\d+): (\d+)\]", files[0].read_text())
    live, live_bytes, calls, allocated = map(int, first.groups())
    is_sound(files[0])
    r = report(files[0])
    has(r, "calls allocated leaked leaked_blocks", allocations=calls, allocated_bytes=allocated,
        leaked_blocks=live, leaked_bytes=live_bytes)
    equal(r["recording"]["source"]["sampled"], False, "every allocation was seen")
    check("jv_mem_alloc" in functions_of(r), f"functions are resolved: {functions_of(r)}")


def test_jemalloc_sampled():
    """Scaled up as jeprof does it: by 1 / (1 - exp(-size / interval)), and said to be an estimate."""
    pathlib.Path("d").write_text("heap_v2/524288\n  t*: 14: 406688 [0: 0]\n@ 0x10 0x20\n"
                                 "  t*: 13: 6688 [0: 0]\n  t0: 13: 6688 [0: 0]\n@ 0x30\n"
                                 "  t*: 1: 400000 [0: 0]\n\nMAPPED_LIBRARIES:\n")
    r = report("d")
    estimates = []
    for blocks, size in ((13, 6688), (1, 400000)):
        factor = 1 / (1 - math.exp(-size / blocks / 524288))
        estimates.append((int(blocks * factor), int(size * factor)))
    equal(sorted((s["leaked_blocks"], s["leaked_bytes"]) for s in r["sites"]), sorted(estimates),
          "estimates")
    equal(r["recording"]["source"]["sampled"], True, "sampled")
    equal(r["totals"]["allocations"], None, "calls, which jemalloc counts with prof_accum alone")
    check("estimate" in run(HEAPWISE, "report", "d").stdout, "the text says so")


def test_gperftools():
    if not os.path.exists(LIBRARIES + "libtcmalloc.so.4"):
        skip("libgoogle-perftools4 is not installed")
    need("jq")
    run(*JQ, env={"LD_PRELOAD": LIBRARIES + "libtcmalloc.so.4",
                  "HEAPPROFILE": str(pathlib.Path("dump").resolve())})
    file = pathlib.Path("dump.0001.heap")
    first = re.search(r"(\d+): +(\d+) \[ *(\d+): +(\d+)\] @", file.read_text())
    live, live_bytes, calls, allocated = map(int, first.groups())
    is_sound(file)
    r = report(file)
    has(r, "calls allocated leaked leaked_blocks", allocations=calls, allocated_bytes=allocated,
        leaked_blocks=live, leaked_bytes=live_bytes)
    check("jv_mem_alloc" in functions_of(r), f"functions are resolved: {functions_of(r)}")


def sites_of(r, *keys):
    """Figures by names of functions, lines or not."""
    out = {}
    for site in r["sites"]:
        names = tuple(f["function"] for f in site["stack"])
        figures = out.setdefault(names, dict.fromkeys(keys, 0))
        for key in keys:
            figures[key] += site[key]
    return {n: f for n, f in out.items() if any(f.values())}


def test_pprof_round_trip():
    """Our own export comes back with all its figures, stack by stack."""
    recorded = record(target("counts"))
    equal(run(HEAPWISE, "export", "--to", "pprof", "-o", "p.pb.gz", recorded.main).status, 0, "export")
    ours, back = recorded.report(), report("p.pb.gz")
    keys = ("allocations", "allocated_bytes", "leaked_bytes", "leaked_blocks", "peak_bytes",
            "peak_blocks", "temporary", "temporary_bytes", "failed")
    for key in keys:
        equal(back["totals"][key], ours["totals"][key], key)
    equal(sites_of(back, *keys), sites_of(ours, *keys), "sites")
    pathlib.Path("plain").write_bytes(gzip.decompress(pathlib.Path("p.pb.gz").read_bytes()))
    equal(report("plain")["totals"], back["totals"], "without gzip")
    is_sound("p.pb.gz")


def message(*fields):
    """A protocol buffer: (number, value) of numbers, texts, and lists, which are packed."""
    def varint(n):
        out = b""
        while n > 127:
            out, n = out + bytes([n & 127 | 128]), n >> 7
        return out + bytes([n])
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
            continue
        if isinstance(value, list):
            value = b"".join(varint(n) for n in value)
        value = value.encode() if isinstance(value, str) else value
        out += varint(number << 3 | 2) + varint(len(value)) + value
    return out


def test_pprof_of_others():
    """Tables in any order, unpacked numbers, only two kinds of values, as some tools write them."""
    texts = ["", "inuse_objects", "count", "inuse_space", "bytes", "alloc", "main", "a.c"]
    profile = message(
        (2, message((1, 7), (1, 9), (2, 3), (2, 300))), (2, message((1, [9]), (2, [1, 50]))),
        (1, message((1, 1), (2, 2))), (1, message((1, 3), (2, 4))),
        (4, message((1, 7), (3, 0x10), (4, message((1, 5), (2, 12))))),
        (4, message((1, 9), (3, 0x20), (4, message((1, 6), (2, 30))))),
        (5, message((1, 5), (2, 5), (4, 7))), (5, message((1, 6), (2, 6), (4, 7))),
        *[(6, text) for text in texts], (12, 524288))
    pathlib.Path("p").write_bytes(gzip.compress(profile))
    r = report("p")
    has(r, "leaked leaked_blocks", leaked_bytes=350, leaked_blocks=4)
    have = {tuple((f["function"], f["file"], f["line"]) for f in s["stack"]): s["leaked_bytes"]
            for s in r["sites"]}
    equal(have, {(("alloc", "a.c", 12), ("main", "a.c", 30)): 300, (("main", "a.c", 30),): 50}, "sites")
    equal(r["recording"]["source"]["sampled"], True, "a period of more than one byte")
    cpu = message((1, message((1, 1), (2, 2))), (6, ""), (6, "cpu"), (6, "nanoseconds"))
    pathlib.Path("cpu").write_bytes(gzip.compress(cpu))
    result = run(HEAPWISE, "report", "cpu")
    equal(result.status, 1, "a profile of something else")
    check("cpu" in result.stderr and "no heap profile" in result.stderr, result.stderr)


def test_collapsed():
    pathlib.Path("c").write_text("# made by hand\nmain;f;malloc 4096\nmain;g h;operator new(unsigned long) 17\n"
                                 "main;f;malloc 4\n")
    r = report("c")
    has(r, "peak", peak_bytes=4117)
    equal(sites_of(r, "peak_bytes"),
          {("malloc", "f", "main"): {"peak_bytes": 4100},
           ("operator new(unsigned long)", "g h", "main"): {"peak_bytes": 17}}, "sites")
    recorded = record(target("counts"))
    run(HEAPWISE, "export", "--to", "collapsed", "-o", "own", recorded.main)
    equal(report("own")["totals"]["peak_bytes"], recorded.report()["totals"]["peak_bytes"],
          "our own export")


@each("--from=10ms", "--thread=1")
def test_questions_that_cannot_be_answered(option):
    pathlib.Path("c").write_text("main 4096\n")
    result = run(HEAPWISE, "report", option, "c")
    equal((result.status, result.stdout.count("Peak:")), (1, 0), "no answer")
    check("a file of collapsed stacks" in result.stderr, result.stderr)


def test_nothing_that_is_known():
    for name, content in (("text", b"hello\n"), ("numbers", b"\0\1\2\3" * 50), ("json", b'{"a": 1}'),
                          ("gz", gzip.compress(b"hello")), ("cut", gzip.compress(b"x" * 99)[:-12])):
        pathlib.Path(name).write_bytes(content)
        result = run(HEAPWISE, "report", name)
        equal((result.status, result.stderr.count("\n")), (1, 1), f"{name}: {result.stderr!r}")
        check(name in result.stderr, f"the file is named: {result.stderr!r}")
