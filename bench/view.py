# SPDX-License-Identifier: MIT
"""How fast `heapwise view` answers and its page draws: recordings of 1, 10 and 100 million events, and the
compiler's; and how large the compiler's HTML file is."""

import contextlib
import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time
import urllib.request

import long_recording
import measure
import programs
import table

HERE = pathlib.Path(__file__).resolve().parent
EVENTS = (1_000_000, 10_000_000, 100_000_000)
RANGE_LIMIT, TURN_LIMIT, FRAME_LIMIT, HTML_LIMIT = 1.0, 100.0, 16.0, 5_000_000
SEED = 20  # of the ranges: the same ones each time

# What is asked of a range; the words are those of docs/http-api.md.
QUESTIONS = (
    ("range", "profile", {}),
    ("with sizes", "profile", {"size": "64-256"}),
    ("with lifetimes", "profile", {"lifetime": "0-10"}),
    ("of a thread", "profile", {"thread": None}),
    ("threads", "threads", {}),
    ("histograms", "histogram", {}),
    ("over time", "history", {}),
)


class Viewed:
    """`heapwise view` of a file."""

    def __init__(self, heapwise, file):
        self.began = time.perf_counter()
        self.process = subprocess.Popen([heapwise.path, "view", "--no-open", str(file)], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.url = next(found.group() for found in map(re.compile(r"http://\S+").search, self.process.stdout)
                        if found)

    def ask(self, what, **words):
        """(seconds, answer)"""
        query = "&".join(f"{name}={value}" for name, value in words.items())
        start = time.perf_counter()
        with urllib.request.urlopen(f"{self.url}api/0/{what}?{query}") as answer:
            body = answer.read()
        return time.perf_counter() - start, body

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def rest(self):
        """Waits until it has done what it does behind the first questions."""
        used = -1
        while used != self.cpu():
            used = self.cpu()
            time.sleep(0.5)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()


@contextlib.contextmanager
def viewed(heapwise, file):
    server = Viewed(heapwise, file)
    try:
        yield server
    finally:
        server.end()


def make_recordings(heapwise, out, note):
    """[(name, events, file)]; those of made-up events are the same each time."""
    found = [(f"{events // 10**6} M", events, long_recording.make_up(heapwise, out, events, note))
             for events in EVENTS]
    clang = next(p for p in programs.programs(out) if p.name == "clang")
    file = out / "view-clang.heapwise"
    file.unlink(missing_ok=True)
    measure.run(heapwise.command(clang.command, file), clang.env)
    found.append(("clang", heapwise.report(file)["totals"]["events"], file))
    return found


def measure_answers(heapwise, file, runs):
    """Seconds by question: of the first range that is asked, and medians once the server is at rest."""
    with viewed(heapwise, file) as server:
        _, body = server.ask("facts")
        facts = json.loads(body)
        begun = time.perf_counter() - server.began
        duration = facts["totals"]["duration_ms"]
        server.ask("tables")
        ready = time.perf_counter() - server.began
        ranges = random.Random(SEED)
        taken = {"facts": begun, "tables": ready}

        def one(what, words):
            begin = ranges.randrange(duration * 7 // 10)
            end = begin + duration // 20 + ranges.randrange(duration // 4) + 1
            named = {"thread": facts["threads"][0]["tid"]} if "thread" in words else words
            return server.ask(what, **{"from": begin, "to": end}, **named)[0]

        taken["first range"] = one("profile", {})
        server.rest()
        taken["rest"] = time.perf_counter() - server.began
        for name, what, words in QUESTIONS:
            times = [one(what, words) for _ in range(runs)]
            taken[name] = table.median(times)
            taken[f"{name}, most"] = max(times)
        taken["memory"] = measure.peak_memory_of(server.process.pid)
    return taken


def measure_page(heapwise, file, runs, note):
    """What bench/view/page.mjs prints, or None where there is no browser."""
    if shutil.which("node") is None or shutil.which("chromium") is None:
        return None
    with viewed(heapwise, file) as server:
        page = subprocess.Popen(["node", str(HERE / "view/page.mjs"), server.url, str(runs)], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = page.stdout.readline()
        if said == "shown\n":
            server.rest()
            said, _ = page.communicate("\n")
        else:
            said += page.communicate()[0]
    if page.returncode != 0:
        note(f"the page could not be measured: {said[-500:]}")
        return None
    return json.loads(said)


def html_size(heapwise, file, out):
    page = out / "view-clang.html"
    measure.run([heapwise.path, "html", str(file), "--force", "-o", str(page)])
    return page.stat().st_size


def measure_view(heapwise, out, runs, note):
    found = []
    for name, events, file in make_recordings(heapwise, out, note):
        answers = measure_answers(heapwise, file, runs)
        page = measure_page(heapwise, file, runs, note)
        note(f"view {name}: a range {answers['range'] * 1e3:.0f} ms, over time {answers['over time'] * 1e3:.0f} ms" +
             ("" if page is None else f", the page {page['picture']:.0f} ms"))
        found.append((name, events, file.stat().st_size, answers, page))
    return found, html_size(heapwise, out / "view-clang.heapwise", out)


def seconds(value):
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def answers_table(found):
    header = ["recording", "file", "facts ⁴", "names and stacks ⁴", "first range",
              "at rest ⁴", *(name for name, _, _ in QUESTIONS), "longest", "server's memory"]
    rows = []
    for name, _, size, a, _ in found:
        longest = max(a[f"{question}, most"] for question, _, _ in QUESTIONS)
        rows.append([name, table.size(size), seconds(a["facts"]), seconds(a["tables"]), seconds(a["first range"]),
                     seconds(a["rest"]), *(seconds(a[question]) for question, _, _ in QUESTIONS), seconds(longest),
                     table.size(a["memory"])])
    return table.table(header, rows)


def pages_table(found):
    rows = []
    for name, _, _, _, page in found:
        if page is None:
            rows.append([name] + ["not measured"] * 9)
            continue
        frames = sorted(page["frames"])
        turns = (f"{table.median(page['ranges'][view]):.0f}, {table.median(page['rested'][view]):.0f} ms"
                 for view in page["ranges"])
        rows.append([name, f"{page['picture']:.0f} ms", f"{page['whole']:.0f} ms", *turns,
                     f"{max(page['blocked'].values()):.0f} ms",
                     f"{table.median(frames):.1f} ms, {frames[len(frames) * 95 // 100]:.1f} ms"])
    return table.table(["recording", "first picture", "all of it", "range: overview", "flame graph",
                        "flame graph bottom-up", "bottom-up", "top-down", "longest task",
                        "a frame of zooming: median, 95 %"], rows)


def lines(measured):
    found, html = measured
    by_name = {name: (answers, page) for name, _, _, answers, page in found}
    largest, (_, page) = by_name["100 M"][0], by_name["clang"]
    filtered = max(largest[name] for name in ("with sizes", "with lifetimes", "of a thread"))
    parts = ["`heapwise view` of recordings of so many events, and of clang's: time until the server answers, for "
             "ranges that nobody asked about before (medians once it is at rest, but for the first):",
             answers_table(found),
             "⁴ since the command was started.",
             f"A range of 100 million events is answered in **{seconds(largest['range'])}** (limit "
             f"{seconds(RANGE_LIMIT)}: {table.verdict(largest['range'] <= RANGE_LIMIT)}); of blocks of some sizes, "
             f"lifetimes or of one thread in at most **{seconds(filtered)}** (limit {seconds(RANGE_LIMIT)}: "
             f"{table.verdict(filtered <= RANGE_LIMIT)}).",
             "The page in Chromium: from the navigation to the first picture and to all of the overview, from the "
             "end of a drag in the time line until everything is drawn anew (let go at once, and after the pointer has "
             "rested for 0.15 s, while the page asks ahead), and work of the main thread for a frame of the flame "
             "graph with all stacks:",
             pages_table(found)]
    if page is not None:
        turns = [max(table.median(page[how][view]) for view in page[how]) for how in ("ranges", "rested")]
        met = [table.verdict(turn <= TURN_LIMIT) for turn in turns]
        frame = sorted(page["frames"])[len(page["frames"]) * 95 // 100]
        parts.append(f"A range dragged above clang's slowest view is drawn after **{turns[0]:.0f} ms** (limit "
                     f"{TURN_LIMIT:.0f} ms: {met[0]}), after a rest **{turns[1]:.0f} ms** ({met[1]}); a frame of its "
                     f"flame graph takes **{frame:.1f} ms** (limit {FRAME_LIMIT:.0f} ms: "
                     f"{table.verdict(frame <= FRAME_LIMIT)}).")
    parts.append(f"`heapwise html` of clang: **{html / 1e6:.2f} MB** (limit {HTML_LIMIT / 1e6:.0f} MB: "
                 f"{table.verdict(html <= HTML_LIMIT)}).")
    return "\n\n".join(parts)
