# SPDX-License-Identifier: MIT
"""The browser UI in a real Chromium: every view of real recordings, its figures against `heapwise report --json`.

What the browser does is in tests/ui/*.mjs."""

import base64
import json
import pathlib
import re
import signal
import subprocess
import zlib

from harness import (HEAPWISE, ROOT, SYSTEM_PYTHON, Failed, check, equal, limit, need, record, report, run,
                     sanitized_when_long, skip, target)

FORMULA = ROOT / "docs/examples/formula.c"
COMPILED = """#include <bits/stdc++.h>
#include <regex>
bool f(const std::string &s) { return std::regex_match(s, std::regex("a+")); }
"""
PYTHON_PROGRAM = "import json; d = [json.loads(json.dumps({'n': n, 's': str(n) * 9})) for n in range(3000)]"


class View:
    """`heapwise view` for as long as a test looks at it."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([HEAPWISE, "view", "--no-open", *map(str, arguments)], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        said = ""
        for stream in (self.process.stdout, self.process.stderr):
            for line in stream:
                said += line
                found = re.search(r"http://\S+", line)
                if found:
                    return found.group()
        raise Failed(f"heapwise view printed no address: {said!r}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=20)


def in_browser(script, *arguments):
    """Runs tests/ui/SCRIPT, which says what is wrong and fails, or skips with 77."""
    need("npm")
    fetched = run(ROOT / "tools/build-ui", "--packages", seconds=100)
    check(fetched.status == 0, f"the packages of the UI: {fetched.stderr}")
    done = run(need("node"), ROOT / "tests/ui" / script, *arguments, seconds=150)
    if done.status == 77:
        skip(done.stdout.strip())
    check(done.status == 0, f"{script}:\n{done.stdout}{done.stderr}")


def formula(name, *options):
    """A small program with temporary blocks and a recursive parser."""
    run("cc", "-g", "-O1", *options, FORMULA, "-lm", "-o", name)
    return record(f"./{name}", "300", output=f"{name}.heapwise").main


def truth(file, **more):
    path = pathlib.Path("truth.json")
    path.write_text(json.dumps({"report": report(file), "source": None, "ranges": True, **more}))
    return path


def source_line():
    """The line of the example that builds its table, and the text of it."""
    lines = FORMULA.read_text().splitlines()
    number = next(i for i, line in enumerate(lines, 1) if "calloc(1, sizeof *table)" in line)
    return {"file": FORMULA.name, "line": number, "text": lines[number - 1]}


@limit(180)
def test_every_view_of_a_small_program():
    need("cc")
    file = formula("formula")
    with View(file) as url:
        in_browser("figures.mjs", url, truth(file, source=source_line()))


@limit(180)
def test_every_view_of_a_real_program():
    file = record(SYSTEM_PYTHON, "-c", PYTHON_PROGRAM, env={"PYTHONMALLOC": "malloc"}).main
    with View(file) as url:
        in_browser("figures.mjs", url, truth(file))


@limit(180)
def test_the_file_to_mail():
    need("cc")
    file = formula("formula")
    made = run(HEAPWISE, "html", file, "-o", "mail.html")
    check(made.status == 0, f"heapwise html: {made.stderr}")
    in_browser("figures.mjs", pathlib.Path("mail.html").resolve().as_uri(), truth(file, ranges=False))


@limit(180)
def test_by_keyboard_enlarged_and_dark():
    need("cc")
    with View(formula("formula")) as url:
        in_browser("keyboard.mjs", url)


@limit(180)
def test_charts_by_keyboard_and_named_moments():
    file = record(target("named_moments")).main
    with View(file) as url:
        in_browser("charts.mjs", url, file, HEAPWISE)


@limit(180)
def test_the_last_millisecond():
    """A recording that allocates and frees in its last millisecond: views end with what that left."""
    file = ROOT / "tests/recordings/v1.0.heapwise"
    made = run(HEAPWISE, "html", file, "-o", "mail.html")
    check(made.status == 0, f"heapwise html: {made.stderr}")
    with View(file) as url:
        in_browser("last_millisecond.mjs", truth(file), url, pathlib.Path("mail.html").resolve().as_uri())


@limit(180)
def test_what_a_screen_reader_is_told():
    need("cc")
    with View(formula("formula")) as url:
        in_browser("heard.mjs", url)


@limit(180)
def test_nothing_to_show():
    with View(record(target("nothing")).main) as url:
        in_browser("states.mjs", "nothing", url)


@limit(180)
def test_a_damaged_recording():
    whole = formula("formula").read_bytes()
    pathlib.Path("cut.heapwise").write_bytes(whole[:len(whole) * 2 // 3])
    with View("cut.heapwise") as url:
        in_browser("states.mjs", "damaged", url)


@limit(180)
def test_the_server_is_gone():
    with View(formula("formula")) as url:
        in_browser("states.mjs", "gone", url)


@limit(180)
def test_the_server_takes_long():
    with View(formula("formula")) as url:
        in_browser("states.mjs", "late", url)


@limit(180)
def test_a_file_says_what_it_can_answer():
    long_enough = record(target("named_moments")).main  # for ranges between its moments
    made = run(HEAPWISE, "html", long_enough, "-o", "mail.html")
    check(made.status == 0, f"heapwise html: {made.stderr}")
    page = pathlib.Path("mail.html")
    packed = re.search(r'id="api/recordings"[^>]*>([^<]*)<', page.read_text()).group(1)
    sentences = json.loads(zlib.decompress(base64.b64decode(packed)))["limits"]
    told = any(re.search(r"one of \d+ moments", sentence) for sentence in sentences)
    check(told, f"what the file says of ranges: {sentences}")
    pathlib.Path("sentences.json").write_text(json.dumps(sentences))
    in_browser("states.mjs", "file", page.resolve().as_uri(), "sentences.json")


@limit(180)
def test_two_recordings():
    need("cc")
    before, after = formula("formula"), formula("formula_once", "-DTABLES_ONCE")
    reports = pathlib.Path("truth.json")
    reports.write_text(json.dumps({"before": report(before), "after": report(after)}))
    with View(after, "--diff", before) as url:
        in_browser("comparison.mjs", url, reports)


@sanitized_when_long("takes minutes; the other views run there")
@limit(600)
def test_a_large_recording():
    """A compiler at work: so many rows of call stacks that the page has a worker make its trees."""
    pathlib.Path("it.cpp").write_text(COMPILED)
    said = run(need("clang++"), "-###", "-std=c++17", "-O1", "-c", "it.cpp").stderr
    command = [line.split() for line in said.splitlines() if '"-cc1"' in line][0]
    file = record(*[word.strip('"') for word in command], seconds=200).main
    pathlib.Path("truth.json").write_text(json.dumps(report(file, "--top", "1")["totals"]))
    made = run(HEAPWISE, "html", file, "-o", "mail.html", seconds=200)
    check(made.status == 0, f"heapwise html: {made.stderr}")
    with View(file) as url:
        in_browser("large.mjs", "truth.json", url, pathlib.Path("mail.html").resolve().as_uri())


@limit(180)
def test_suppressed_leaks():
    """What rules take off the leaks is shown beside them: the program's own rules, and those of a file."""
    own = record(target("suppressed")).main
    pathlib.Path("all.supp").write_text("leak:^real_leak$\nleak:never_there\n")
    for name, options, leaked, rules in (
            ("own", (), 2003, {"leak:wanted_leak": [1009, 1]}),
            ("file", ("--suppressions", "all.supp"), 0,
             {"leak:^real_leak$": [2003, 1], "leak:never_there": [0, 0], "leak:wanted_leak": [1009, 1]}),
            ("none", ("--no-suppressions",), 3012, {})):
        told = report(own, *options)
        equal(told["totals"]["leaked_bytes"], leaked, f"{name}: leaked")
        page = pathlib.Path(f"{name}.html")
        made = run(HEAPWISE, "html", own, "-o", page, *options)
        check(made.status == 0, made.stderr)
        expected = json.dumps({"leaked": leaked, "rules": rules})
        with View(own, *options) as url:
            in_browser("suppressed.mjs", expected, url, page.resolve().as_uri())
    bad = run(HEAPWISE, "view", own, "--no-open", "--suppressions", "none.supp")
    check(bad.status == 1 and "cannot read the suppressions in none.supp" in bad.stderr, bad.stderr)
