# SPDX-License-Identifier: MIT
"""heapwise diff: two builds of a program, and files of different formats."""

import gzip
import json
import pathlib
import re
import subprocess

from harness import HEAPWISE, ROOT, check, each, equal, need, record, report, run
from test_import_formats import message

BEFORE = r"""
#include <stdlib.h>
__attribute__((noinline)) void *make(size_t size) { return malloc(size); }
__attribute__((noinline)) void same(void) { free(make(101)); }
__attribute__((noinline)) void grows(void) { make(1003); }
__attribute__((noinline)) void shrinks(void) { make(5009); make(5009); }
__attribute__((noinline)) void goes(void) { make(70001); }
int main(void) { same(); grows(); shrinks(); goes(); return 0; }
"""
# Other lines, other addresses, a function before the others.
AFTER = r"""

/* An edit far above everything else. */
#include <stdlib.h>
#include <string.h>
static char pad[4096];
__attribute__((noinline)) size_t unrelated(const char *s) { memset(pad, 1, 9); return strlen(s); }
__attribute__((noinline)) void *make(size_t size) { return malloc(size); }
__attribute__((noinline)) void comes(void) { make(30011); }
__attribute__((noinline)) void same(void) { free(make(101)); }
__attribute__((noinline)) void grows(void) { make(1003); make(1003); make(1003); }
__attribute__((noinline)) void shrinks(void) { make(5009); }
int main(int argc, char **argv) { same(); grows(); shrinks(); comes(); return unrelated(argv[0]) == 0; }
"""
TRUTH = {"grows": (1003, 3009), "shrinks": (10018, 5009), "goes": (70001, 0), "comes": (0, 30011)}


def two_builds():
    need("cc")
    for name, text, flags in (("before", BEFORE, ["-O0"]), ("after", AFTER, ["-O1", "-no-pie"])):
        pathlib.Path(f"{name}.c").write_text(text)
        done = run("cc", "-g", *flags, f"{name}.c", "-o", name)
        equal(done.status, 0, f"the compiler: {done.stderr}")
        record(f"./{name}", output=f"{name}.heapwise")
    return "before.heapwise", "after.heapwise"


def diff(*arguments):
    result = run(HEAPWISE, "diff", *arguments)
    equal((result.status, result.stderr), (0, ""), f"diff {arguments}")
    return result.stdout


def stacks(d, key):
    """Changes by the function that calls make."""
    out = {}
    for s in d["stacks"]:
        names = [f["function"] for f in s["stack"]]
        check(names[0] == "make" and names[-1] == "main", f"stack: {names}")
        out[names[1]] = (s["change"], s[key]["before"], s[key]["after"])
    return out


def test_stacks_of_two_builds():
    files = two_builds()
    d = json.loads(diff("--json", "--sort", "leaked", *files))
    words = {"grows": "grown", "shrinks": "shrunk", "goes": "gone", "comes": "new"}
    equal(stacks(d, "leaked_bytes"), {f: (words[f], *TRUTH[f]) for f in TRUTH}, "stacks")
    equal(d["stack_count"], {"new": 1, "gone": 1, "grown": 1, "shrunk": 1}, "counts")
    for side, file in (("before", files[0]), ("after", files[1])):
        totals = report(file)["totals"]
        for key in ("leaked_bytes", "leaked_blocks", "allocated_bytes", "allocations", "peak_bytes",
                    "peak_blocks", "temporary"):
            equal(d["totals"][key][side], totals[key], f"{key} {side}")
    equal(d["totals"]["leaked_bytes"]["change"], 38029 - 81022, "change")
    equal(d["stacks"][0]["stack"][1]["line"], 7, "the line in the recording that has the function")


def test_forms():
    files = two_builds()
    text = diff("--color", "never", "--width", "100", "--bytes", *files)
    check(re.search(r"leaked +81,022 B +38,029 B +-42,993 B +-53.1 %", text), text)
    check("Leaks: -42,993 B in all; stacks 1 new, 1 grown, 1 shrunk, 1 gone" in text, text)
    check("gone: 70,001 B → 0 B" in text or "gone: 70,001 B -> 0 B" in text, text)
    check(max(map(len, text.splitlines())) <= 100, "lines are no wider than asked for")
    check("\033" not in text and "\033[" in diff("--color", "always", *files), "colours")
    equal(diff(files[0], files[0]).count("no stack changed"), 4, "a recording and itself")
    lines = diff("--collapsed", "--sort", "leaked", *files).splitlines()
    equal({l.split(" ")[0]: tuple(map(int, l.split(" ")[1:])) for l in lines},
          {f"main;{f};make": TRUTH[f] for f in TRUTH}, "collapsed")
    markdown = diff("--markdown", *files)
    check("| Leaked | 79.1 KiB | 37.1 KiB | **-42.0 KiB** | -53.1 % |" in markdown, markdown)
    check("<code>make</code> after.c:8 ← <code>comes</code> ← <code>main</code>" in markdown, markdown)


def test_thresholds_filters_and_lines():
    files = two_builds()
    def functions(*options):
        return set(stacks(json.loads(diff("--json", "--sort", "leaked", *options, *files)),
                          "leaked_bytes"))
    equal(functions("--threshold", "5KB"), {"goes", "comes"}, "at least 5 KB")
    equal(functions("--threshold", "5009"), {"goes", "comes", "shrinks"}, "at least 5009")
    equal(functions("--threshold", "50%"), {"goes"}, "at least half of all")
    equal(functions("--top", "1"), {"goes"}, "the greatest")
    equal(functions("--function", "^(comes|grows)$"), {"comes", "grows"}, "only those functions")
    by_line = json.loads(diff("--json", "--sort", "leaked", "--by", "line", *files))
    equal(by_line["stack_count"]["grown"] + by_line["stack_count"]["shrunk"], 0,
          "by line everything is new or gone, as all lines moved")


def test_heaptrack_against_our_own():
    """The very same run, as heaptrack saw it and as heapwise did: what heaptrack adds is all that
    there is (its own C++ library's first block, see docs/peers.md, row 11)."""
    need("heaptrack"), need("jq")
    command = ("jq", "-n", "[range(200)|tostring]|length")
    equal(run("heaptrack", "-o", "ht", *command).status, 0, "heaptrack")
    file = [f for f in pathlib.Path(".").iterdir() if f.name.startswith("ht.")][0]
    ours = record(*command).main
    d = json.loads(diff("--json", "--sort", "allocated", file, ours))
    equal([(s["stack"][0]["function"], s["change"], s["allocated_bytes"]["before"]) for s in
           d["stacks"]], [("[libstdc++.so]", "gone", 72704)], "what only heaptrack saw")
    equal(d["totals"]["temporary"]["before"], None, "heaptrack knows no true temporaries")
    equal(d["totals"]["temporary"]["change"], None, "so their change is not known")
    check(re.search(r"temporary +not known +\d", diff(file, ours)), "not known, in the text")
    result = run(HEAPWISE, "diff", "--collapsed", "--sort", "temporary", file, ours)
    equal(result.status, 1, "a difference that cannot be told")
    check("temporary" in result.stderr, result.stderr)


@each("pprof", "heaptrack", "massif", "collapsed")
def test_our_own_exports(form):
    """What is exported and read back has the same stacks."""
    need("jq")
    ours = record("jq", "-n", "[range(200)|tostring]|length").main
    equal(run(HEAPWISE, "export", "--to", form, "-o", "back", ours).status, 0, "export")
    d = json.loads(diff("--json", "--sort", "peak", ours, "back"))
    equal(d["totals"]["peak_bytes"]["change"], 0, "peak")
    if form != "massif":  # which joins what is below its threshold
        equal(d["stacks"], [], "stacks whose share of the peak differs")


def test_heaptrack_against_our_own_in_cpp():
    """Names of C++ functions differ between formats (arguments, return types, how inlined frames are
    found); the stacks still are the same, call for call."""
    need("heaptrack"), need("c++")
    source = ROOT / "docs/examples/csv_reader.cpp"
    equal(run("c++", "-g", "-O1", source, "-o", "csv").status, 0, "the compiler")
    pathlib.Path("rows.csv").write_text("".join(
        ",".join(f"{i * 7919 % 1000}.{k:018d}" for k in range(8)) + "\n" for i in range(300)))
    command = ("./csv", "rows.csv")
    equal(run("heaptrack", "-o", "ht", *command).status, 0, "heaptrack")
    file = [f for f in pathlib.Path(".").iterdir() if f.name.startswith("ht.")][0]
    ours = record(*command).main
    d = json.loads(diff("--json", "--sort", "calls", file, ours))
    check(d["totals"]["allocations"]["after"] > 5000, "enough calls to compare")
    equal(d["stacks"], [], "stacks whose calls differ")
    equal(d["totals"]["allocated_bytes"]["change"], 0, "bytes")


@each(("a", "b", "c"), ("--by", "month", "a", "b"), ("--threshold", "much", "a", "b"),
      ("--sort", "size", "a", "b"), ("--frobnicate", "a", "b"))
def test_wrong_usage(arguments):
    result = run(HEAPWISE, "diff", *arguments)
    equal((result.status, result.stdout), (2, ""), "wrong usage")
    check(result.stderr.startswith("heapwise: "), result.stderr)


def difference(*samples):
    """A pprof profile of (stack of functions, innermost first; objects; bytes), which may be below 0."""
    names = sorted({name for stack, _, _ in samples for name in stack})
    texts = ["", "inuse_objects", "count", "inuse_space", "bytes", *names]
    number = {name: i + 1 for i, name in enumerate(names)}
    whole = 1 << 64
    return gzip.compress(message(
        (1, message((1, 1), (2, 2))), (1, message((1, 3), (2, 4))),
        *[(2, message((1, [number[n] for n in stack]), (2, [objects % whole, size % whole])))
          for stack, objects, size in samples],
        *[(4, message((1, number[n]), (4, message((1, number[n]), (2, 7))))) for n in names],
        *[(5, message((1, number[n]), (2, texts.index(n)))) for n in names],
        *[(6, text) for text in texts]))


def test_differences_of_pprof():
    """A profile that pprof itself made of two: what is below nothing was there before. With -diff_base both
    are in it whole; with -base the rest alone."""
    pathlib.Path("whole.pb.gz").write_bytes(difference(
        (("alloc", "main"), -2, -100), (("alloc", "main"), 6, 300), (("old", "main"), -1, -50),
        (("new", "main"), 3, 90)))
    r = json.loads(run(HEAPWISE, "diff", "--json", "--sort", "leaked", "whole.pb.gz").stdout)
    equal(r["totals"]["leaked_bytes"], {"before": 150, "after": 390, "change": 240}, "bytes")
    equal(r["totals"]["leaked_blocks"], {"before": 3, "after": 9, "change": 6}, "blocks")
    equal({s["stack"][0]["function"]: (s["change"], s["leaked_bytes"]["change"]) for s in r["stacks"]},
          {"alloc": ("grown", 200), "new": ("new", 90), "old": ("gone", -50)}, "stacks")
    equal([r[side]["format"] for side in ("before", "after")], 2 * ["pprof, a difference"], "formats")
    equal(r["totals"]["allocations"]["before"], None, "what the file does not know")
    with open("whole.pb.gz", "rb") as stdin:
        piped = subprocess.run([HEAPWISE, "diff", "--json", "--sort", "leaked", "-"], stdin=stdin, capture_output=True)
    equal(json.loads(piped.stdout)["totals"], r["totals"], "from standard input")
    text = run(HEAPWISE, "diff", "whole.pb.gz").stdout
    check("a difference" in text and "+240 B" in text, text)
    lines = run(HEAPWISE, "diff", "--collapsed", "--sort", "leaked", "whole.pb.gz").stdout
    check("main;alloc 100 300" in lines.splitlines(), lines)


@each("report", "export", "html", "check", "fsck", "import")
def test_a_difference_is_no_profile(command):
    """Every other command says what it is, and which command shows it."""
    pathlib.Path("d").write_bytes(difference((("f", "main"), -1, -50)))
    more = {"export": ("--to", "csv", "-o", "-"), "html": ("-o", "-"), "check": ("--max-leaked", "1G"),
            "import": ("-o", "kept")}.get(command, ())
    refused = run(HEAPWISE, command, *more, "d")
    equal((refused.status, refused.stdout, refused.stderr.count("\n")), (1, "", 1), refused.stderr)
    check("d is the difference of two profiles" in refused.stderr, refused.stderr)
    check("heapwise diff d" in refused.stderr, refused.stderr)


def test_one_file_that_is_no_difference():
    pathlib.Path("p").write_bytes(difference((("f", "main"), 1, 50)))
    pathlib.Path("c").write_text("main;f 10\n")
    for name in ("p", "c", str(record("/bin/true").main)):
        refused = run(HEAPWISE, "diff", name)
        equal((refused.status, refused.stdout), (1, ""), refused.stderr)
        check("no difference of two profiles: give two recordings" in refused.stderr, refused.stderr)
    for files in ((), ("a", "b", "c")):
        equal(run(HEAPWISE, "diff", *files).status, 2, "wrong usage")
