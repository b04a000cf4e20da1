# SPDX-License-Identifier: MIT
"""docs/reading-the-views.md: its figures are those of its programs, its pictures are there and small."""

import pathlib
import re
import struct

from harness import ROOT, check, limit, need, not_sanitized, record, report, run

GUIDE = ROOT / "docs/reading-the-views.md"
EXAMPLES = ROOT / "docs/examples"
PICTURES = ROOT / "docs/pictures"
LARGEST, ALL = 150_000, 2_500_000  # bytes


def told(*figures):
    text = " ".join(GUIDE.read_text().split())
    for figure in figures:
        check(re.search(rf"(?<![\d,.]){re.escape(figure)}(?!\d|,\d)", text), f"the guide does not say {figure}")


def formula(name, *options):
    run("cc", "-g", "-O1", *options, EXAMPLES / "formula.c", "-lm", "-o", name)
    return report(record(f"./{name}", "20000", output=f"{name}.heapwise").main)


def test_figures_of_the_parser():
    need("cc")
    before, after = formula("formula"), formula("formula_once", "-DTABLES_ONCE")
    old, new = before["totals"], after["totals"]
    told(f"{old['allocations']:,}", f"{new['allocations']:,}", f"{new['temporary']:,}",
         f"{new['peak_bytes'] - old['peak_bytes']:,} bytes")
    check(new["leaked_bytes"] - old["leaked_bytes"] == new["peak_bytes"] - old["peak_bytes"], "as much is never freed")
    by_function = dict.fromkeys(("table_add", "build_tables"), 0)
    for site in before["sites"]:
        functions = [frame["function"] for frame in site["stack"]]
        for name in by_function:
            by_function[name] += site["allocations"] if name in functions else 0
    told(f"{by_function['table_add']:,}", f"{by_function['build_tables']:,}")


@limit(120)
def test_figures_of_the_table():
    rustc = need("rustc")
    people = run("/usr/bin/python3", EXAMPLES / "make_people.py").stdout
    pathlib.Path("people.csv").write_text(people)
    told(f"{len(people):,} bytes")
    totals = {}
    for name, source in (("csv_memory", "csv_memory.rs"), ("csv_memory_fixed", "fixed/csv_memory.rs")):
        run(rustc, "-g", "-O", EXAMPLES / source, "-o", name)
        totals[name] = report(record(f"./{name}", "people.csv", output=f"{name}.heapwise").main)["totals"]
    # Exact figures differ between versions of Rust's library; the story must not.
    check(5 <= totals["csv_memory"]["peak_bytes"] / len(people) < 6, f"five times the file: {totals}")
    check(totals["csv_memory_fixed"]["peak_bytes"] / len(people) < 1.5, f"and after that little more than it: {totals}")
    check(totals["csv_memory_fixed"]["allocations"] < 100, f"in few calls: {totals}")


@not_sanitized("does not run heapwise")
def test_pictures():
    pictures = sorted(PICTURES.glob("*.png"))
    check(len(pictures) > 20, f"pictures: {pictures}")
    named = {name for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
             for name in re.findall(r"pictures/([\w-]+\.png)", page.read_text())}
    for picture in pictures:
        head = picture.read_bytes()
        check(head[:8] == b"\x89PNG\r\n\x1a\n", f"{picture.name} is no PNG file")
        width, height = struct.unpack(">II", head[16:24])
        check(width == 1200 and 400 <= height <= 900, f"{picture.name}: {width} by {height}")
        check(len(head) < LARGEST, f"{picture.name}: {len(head)} bytes")
        check(picture.name in named, f"no page shows {picture.name}")
    check(sum(picture.stat().st_size for picture in pictures) < ALL, "all pictures together")
