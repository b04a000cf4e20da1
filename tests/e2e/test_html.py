# SPDX-License-Identifier: MIT
"""`heapwise html`: the file holds what the server would answer, cut down where told, and needs nothing."""

import base64
import collections
import html.parser
import json
import os
import pathlib
import re
import zlib

from harness import HEAPWISE, SYSTEM_PYTHON, check, equal, limit, need, record, report, run, skip, target
from pages import PRUNED, Container, Tables, by_stack, sites_by_stack
from serving import Served

COSTS = ("allocations", "allocated_bytes", "peak_bytes", "peak_blocks", "leaked_bytes",
         "leaked_blocks", "temporary", "temporary_bytes", "failed")


class Page(html.parser.HTMLParser):
    """The data of an HTML file, and every reference to something outside of it."""

    def __init__(self, path):
        super().__init__()
        self.parts, self.references, self.policy, self.id = {}, [], None, None
        self.scripts = []
        self.text = pathlib.Path(path).read_text()
        self.feed(self.text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.id = None
        if tag == "script" and attributes.get("type") == "application/octet-stream":
            self.id = attributes["id"]
            equal(attributes["data-format"], "deflate", "how data is compressed")
        elif tag in ("script", "style"):
            self.scripts.append(attributes.get("nonce"))
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        for name in ("src", "href", "srcset", "action", "style"):
            if name in attributes and not attributes[name].startswith("data:"):
                self.references.append((tag, name, attributes[name]))

    def handle_data(self, data):
        if self.id is not None:
            self.parts[self.id] = zlib.decompress(base64.b64decode(data, validate=True))
            self.id = None

    def json(self, name):
        return json.loads(self.parts[name])

    def container(self, name):
        return Container(self.parts[name])


def written(*arguments, status=0):
    result = run(HEAPWISE, "html", *arguments, seconds=280)
    if "-Dui=false" in result.stderr:
        skip("this heapwise was built without its pages")
    equal(result.status, status, f"exit status: {result.stderr}")
    return result


def test_the_file_holds_what_the_report_tells():
    recorded = record(target("phases"), 200)
    said = written(recorded.main, "-o", "out.html").stderr
    check("33 moments" in said, f"it says what ranges it knows: {said}")
    page, truth = Page("out.html"), report(recorded.main)
    recordings = page.json("api/recordings")
    equal((recordings["mode"], recordings["recordings"][0]["program"]), ("file", "phases"), "recordings")
    check(any("33 moments" in sentence for sentence in recordings["limits"]), "the page says it, too")
    equal(page.json("api/0/facts")["totals"], truth["totals"], "totals")
    tables = Tables(page.container("api/0/tables"))
    equal(tables.container.encoded, {"rows.parent"}, "what is packed")
    profile = page.container("api/0/profile")
    equal(by_stack(tables, profile, COSTS), sites_by_stack(truth, COSTS), "sites")
    check(max(profile["last_ms"]) <= truth["totals"]["duration_ms"], "times are there")
    equal(sum(b["count"] for b in page.json("api/0/histogram")["sizes"]),
          truth["totals"]["allocations"], "sizes")
    equal(page.json("api/0/threads")[0]["allocations"], truth["totals"]["allocations"], "threads")
    equal(max(page.json("api/0/timeline")["peak_bytes"]), truth["totals"]["peak_bytes"], "timeline")
    check(len(page.container("api/0/history")["point_ms"]) == 48, "history")


def test_slices_are_the_ranges():
    recorded = record(target("phases"), 200)
    written(recorded.main, "-o", "out.html")
    page = Page("out.html")
    slices, tables = page.container("api/0/slices"), Tables(page.container("api/0/tables"))
    borders, start = slices["border_ms"], slices["start"]
    equal((len(borders), borders[0], len(start), start[-1]), (33, 0, 33, len(slices["row"])), "borders")
    for first, end in ((0, 10), (10, 32), (7, 8)):
        truth = report(recorded.main, "--from", borders[first], "--until", borders[end])
        keys = ("allocations", "allocated_bytes", "temporary", "temporary_bytes")
        sums = collections.defaultdict(lambda: [0] * len(keys))
        columns = [slices.figures(key) for key in keys]
        for i in range(start[first], start[end]):
            for k, column in enumerate(columns):
                sums[tables.stack(slices["row"][i])][k] += column[i]
        equal({s: tuple(v) for s, v in sums.items() if any(v)}, sites_by_stack(truth, keys),
              f"sites from {borders[first]} to {borders[end]} ms")
    for border in (1, 16, 32):
        truth = report(recorded.main, "--until", borders[border])["totals"]
        alive = [sum(slices.figures(a)[:start[border]]) - sum(slices.figures(f)[:start[border]])
                 for a, f in (("allocations", "freed_blocks"), ("allocated_bytes", "freed_bytes"))]
        equal(alive, [truth["leaked_blocks"], truth["leaked_bytes"]], f"alive at {borders[border]} ms")


def test_marks_are_moments_to_choose():
    """The times of the program's marks are borders, so that what lies between two of them can be asked for."""
    recorded = record(target("named_moments"))
    written(recorded.main, "-o", "out.html")
    page = Page("out.html")
    marks = sorted({mark["time_ms"] for mark in page.json("api/0/facts")["marks"]})
    slices = page.container("api/0/slices")
    borders, start = list(slices["border_ms"]), slices["start"]
    check(len(marks) > 1, f"times of marks: {marks}")
    equal([mark for mark in marks if mark not in borders], [], "marks that are no borders")
    equal(borders, sorted(set(borders)), "borders, ascending")
    for first, end in zip(marks, marks[1:]):
        truth = report(recorded.main, "--from", first, "--until", end)["totals"]
        span = slice(start[borders.index(first)], start[borders.index(end)])
        for key in ("allocations", "allocated_bytes", "temporary"):
            equal(sum(slices.figures(key)[span]), truth[key], f"{key} from {first} to {end} ms")


def test_suppressed_leaks_are_told_of_nowhere_in_a_file():
    """Ranges of a file tell what is alive, which rules do not touch; what leaked is of the whole run, without them."""
    recorded = record(target("phases"), 200)
    pathlib.Path("rules").write_text("leak:*\n")
    written(recorded.main, "-o", "plain.html")
    written(recorded.main, "--suppressions", "rules", "-o", "out.html")
    plain, page = Page("plain.html"), Page("out.html")
    check(plain.container("api/0/profile").sum("leaked_bytes") > 0, "it leaks")
    equal(page.container("api/0/profile").sum("leaked_bytes"), 0, "leaked with rules")
    slices = page.container("api/0/slices")
    equal([name for name in slices.columns if name.startswith("leaked")], [], "columns of leaks in ranges")
    with Served("--suppressions", "rules", recorded.main) as served:
        borders, start = slices["border_ms"], slices["start"]
        for border in (8, 20, 32):
            alive = sum(slices.figures("allocated_bytes")[:start[border]]) - sum(
                slices.figures("freed_bytes")[:start[border]])
            equal(alive, served.container("api/0/profile", to=borders[border]).sum("alive_bytes"),
                  f"alive at {borders[border]} ms, in the file and from the server")


def test_nothing_outside_is_asked_for():
    recorded = record(target("counts"))
    written(recorded.main, "-o", "out.html")
    page = Page("out.html")
    equal(page.references, [], "references to other files")
    check(page.policy.startswith("default-src 'none'; script-src 'nonce-"), page.policy)
    nonce = re.search(r"'nonce-([0-9a-f]{32})'", page.policy)[1]
    equal(set(page.scripts), {nonce}, "nonces of scripts and styles")
    check("unsafe" not in page.policy and "http" not in page.policy, page.policy)
    written(recorded.main, "-o", "again.html")
    check(nonce not in pathlib.Path("again.html").read_text(), "the nonce is another one each time")


def test_names_are_data():
    """A file's name with markup in it never becomes markup."""
    os.mkdir("<img src=x>")
    recorded = record(target("counts"), output="<script>alert(1)</script>.heapwise".replace("/", "_"))
    written(recorded.main, "-o", "out.html")
    page = Page("out.html")
    check("alert(1)" not in page.text, "the name stands in the text")
    check("alert(1)" in page.json("api/recordings")["recordings"][0]["path"], "but in the data")


def test_pruned_sums_are_exact():
    recorded = record(SYSTEM_PYTHON, "-c", "import json, decimal")
    whole = written(recorded.main, "-o", "whole.html")
    check("added up" not in whole.stderr, "nothing is left out of a small one")
    around = os.path.getsize("whole.html") - sum(
        len(p) for p in re.findall(r'data-format="deflate">([^<]*)<', Page("whole.html").text))
    size = around + (os.path.getsize("whole.html") - around) * 9 // 10
    for tried in range(20):
        result = run(HEAPWISE, "html", recorded.main, "-o", "small.html", "--max-size", size)
        if "added up" in result.stderr or result.status != 0:
            break
        size = around + (size - around) * 9 // 10
    equal(result.status, 0, f"a smaller file: {result.stderr}")
    check(os.path.getsize("small.html") <= size, "the size that was asked for")
    page, truth = Page("small.html"), report(recorded.main)
    tables = Tables(page.container("api/0/tables"))
    check(any(flags & PRUNED for _, _, _, flags in tables.functions), "a function for what is added up")
    check(len(tables.parents) < len(Tables(Page("whole.html").container("api/0/tables")).parents), "fewer rows")
    check(any("small call stacks" in s for s in page.json("api/recordings")["limits"]), "it says so")
    profile = page.container("api/0/profile")
    for cost in COSTS:
        equal(profile.sum(cost), truth["totals"][cost], f"sum of {cost}")
    slices = page.container("api/0/slices")
    equal(slices.sum("allocations"), truth["totals"]["allocations"], "sum of the slices")
    impossible = run(HEAPWISE, "html", recorded.main, "-o", "none.html", "--max-size", "5000")
    equal((impossible.status, os.path.exists("none.html")), (1, False), "a size that nothing fits into")


def test_two_recordings_in_one_file():
    before, after = record(target("counts"), output="a.heapwise"), record(target("peak"), output="b.heapwise")
    written(after.main, "--diff", before.main, "-o", "out.html")
    page = Page("out.html")
    equal([r["program"] for r in page.json("api/recordings")["recordings"]], ["peak", "counts"], "programs")
    for number, recorded in enumerate((after, before)):
        equal(page.container(f"api/{number}/profile").sum("allocations"),
              report(recorded.main)["totals"]["allocations"], "allocations")


def test_a_file_without_events():
    pathlib.Path("stacks.folded").write_text("main;load;parse 300\nmain;load 50\n")
    said = written("stacks.folded", "-o", "out.html").stderr
    check("whole run only" in said, said)
    page = Page("out.html")
    check("api/0/slices" not in page.parts and "api/0/history" not in page.parts, "there are no ranges")
    equal(page.container("api/0/profile").sum("peak_bytes"), 350, "the sum")


@limit(280)
def test_clang_fits_into_five_megabytes():
    """A compiler at work: a million rows of call stacks."""
    clang = need("clang++")
    pathlib.Path("it.cpp").write_text(
        "#include <bits/stdc++.h>\n#include <regex>\n"
        "bool f(const std::string &s) { return std::regex_match(s, std::regex(\"a+\")); }\n")
    said = run(clang, "-###", "-std=c++17", "-O1", "-c", "it.cpp").stderr
    command = [line.split() for line in said.splitlines() if '"-cc1"' in line][0]
    recorded = record(*[word.strip('"') for word in command], seconds=200)
    written(recorded.main, "-o", "out.html")
    size = os.path.getsize("out.html")
    check(size < 5_000_000, f"{size} bytes")
    page, truth = Page("out.html"), report(recorded.main, "--top", "1")
    check(truth["totals"]["allocations"] > 300_000, "it is a large one")
    profile = page.container("api/0/profile")
    for cost in COSTS:
        equal(profile.sum(cost), truth["totals"][cost], f"sum of {cost}")
    check(len(page.container("api/0/tables")["rows.parent"]) > 30_000, "most rows are kept")


def test_used_wrongly():
    file = record(target("counts")).main
    for arguments, why in (((), "which recording"), (("a", "b"), "one recording"),
                           (("a", "--max-size", "x"), "--max-size"),
                           (("a", "--max-size", "0"), "--max-size"), (("a", "--frobnicate"), "--frobnicate")):
        result = run(HEAPWISE, "html", *arguments)
        equal((result.status, result.stdout), (2, ""), f"{arguments}: {result.stderr}")
        check(why in result.stderr, f"{arguments}: {result.stderr}")
    written(file)
    check(pathlib.Path("out.html").exists(), "the usual name")
    check("--force" in written(file, status=1).stderr, "the usual name is not written over")
    written(file, "--force")
    equal(written(file, "-o", "-").stdout.lower()[:15], "<!doctype html>", "standard output")
