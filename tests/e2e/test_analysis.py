# SPDX-License-Identifier: MIT
"""Questions whose answers are known: targets/moments.c does three pieces of work with pauses between
them, so that the figures of every moment in a pause, of every range that begins and ends in pauses, and
of every size are known exactly. targets/grows.c has functions that grow in each way."""

from harness import HEAPWISE, check, equal, each, record, run, target

COSTS = ("allocations", "allocated_bytes", "temporary", "failed", "leaked_bytes", "leaked_blocks",
         "alive_bytes", "alive_blocks", "freed_bytes", "freed_blocks", "later_bytes", "later_blocks",
         "peak_bytes", "peak_blocks")


class Moments:
    """A recording of the target, and a moment in each of its pauses. A busy machine may stop the recorder
    for the whole of a pause, which then is none on its clock; so the target may run again."""

    def __init__(self):
        for _ in range(6):
            self.recorded = record(target("moments"))
            (begin, a), (b, c), (d, e), (end, _) = self.times = self.pieces()
            self.longest_piece = max(a - begin, c - b, e - d) + 1
            self.shortest_pause = min(b - a, d - c, end - e)
            if begin > 0 and self.shortest_pause > max(self.longest_piece, 20):
                break
        check(begin > 0 and self.shortest_pause > max(self.longest_piece, 20),
              f"the pieces lie apart: {self.times}")
        self.before, self.first, self.second = begin // 2, (a + b) // 2, (c + d) // 2
        self.after = (e + end) // 2

    def pieces(self):
        """The first and the last millisecond of each piece of work."""
        times = {}
        for site in self.recorded.report("--times", "--function", "^edge$")["sites"]:
            piece = [f["function"] for f in site["stack"] if f["function"] in ("one", "two", "three", "done")][0]
            first, last = times.get(piece, (1 << 60, 0))
            times[piece] = min(first, site["first_ms"]), max(last, site["last_ms"])
        return [times[piece] for piece in ("one", "two", "three", "done")]

    def ask(self, *options):
        """Figures by size of block, which tells what it is; without the edges."""
        report = self.recorded.report("--function", "^own_malloc$", "--ignore", "^edge$", *options)
        return report, {cost: report["filtered"][cost] for cost in COSTS}

    def figures(self, *options):
        return self.ask(*options)[1]


def expect(found, **wanted):
    equal({k: found[k] for k in wanted}, wanted, "the figures")


def test_alive_at_moments():
    m = Moments()
    expect(m.figures("--alive-at", m.before), alive_bytes=0, alive_blocks=0)
    expect(m.figures("--alive-at", m.first), alive_bytes=10 * 1009 + 5 * 503 + 101, alive_blocks=16)
    expect(m.figures("--alive-at", m.second), alive_bytes=6 * 1009 + 5 * 503 + 7 * 2003 + 101,
           alive_blocks=19)
    expect(m.figures("--alive-at", m.after), alive_bytes=6 * 1009 + 5 * 2003 + 2 * 101,
           alive_blocks=13)
    expect(m.figures(), alive_blocks=13, leaked_blocks=13, later_blocks=0, freed_blocks=14)


def test_ranges():
    m = Moments()
    expect(m.figures("--from", m.first, "--until", m.second), allocations=7, allocated_bytes=7 * 2003,
           freed_bytes=4 * 1009, freed_blocks=4, leaked_blocks=7, later_bytes=2 * 2003, later_blocks=2,
           temporary=0, alive_blocks=19)
    expect(m.figures("--from", m.second, "--until", m.after), allocations=4, temporary=3,
           freed_blocks=10, freed_bytes=3 * 307 + 5 * 503 + 2 * 2003, leaked_bytes=101, later_blocks=0)
    expect(m.figures("--until", m.first), allocations=16, freed_blocks=0, later_blocks=9,
           later_bytes=4 * 1009 + 5 * 503, leaked_blocks=16)


def test_growth_between_moments():
    m = Moments()
    expect(m.figures("--from", m.before, "--until", m.first, "--alive-at", m.second),
           leaked_bytes=6 * 1009 + 5 * 503 + 101, leaked_blocks=12, alive_blocks=19)
    expect(m.figures("--from", m.before, "--until", m.first, "--alive-at", m.after),
           leaked_bytes=6 * 1009 + 101, leaked_blocks=7)
    expect(m.figures("--from", m.first, "--until", m.second, "--alive-at", m.before), leaked_blocks=0)


def test_sizes():
    m = Moments()
    expect(m.figures("--size", "1009"), allocations=10, leaked_blocks=6, freed_blocks=4,
           peak_bytes=6 * 1009)
    expect(m.figures("--size", "300-510"), allocations=8, freed_blocks=8, temporary=3, leaked_blocks=0)
    expect(m.figures("--size", "1.5K-"), allocations=7, leaked_bytes=5 * 2003)
    expect(m.figures("--size", "-101", "--until", m.first), allocations=1)
    report, _ = m.ask("--size", "1009")
    equal((report["question"]["size_min"], report["question"]["size_max"]), (1009, 1009), "the question")
    parts = [m.figures("--size", s) for s in ("-502", "503-1008", "1009-2002", "2003-")]
    whole = m.figures()
    for cost in COSTS:
        equal(sum(p[cost] for p in parts), whole[cost], f"{cost} of all sizes")


def test_lifetimes():
    """Blocks that end in the piece in which they began live no longer than the piece took, those that
    end in a later one longer than the pause."""
    m = Moments()
    piece, pause = m.longest_piece, m.shortest_pause
    expect(m.figures("--lifetime", f"-{piece}ms"), allocations=3, allocated_bytes=3 * 307, leaked_blocks=0)
    expect(m.figures("--lifetime", f"{pause}ms-"), allocations=24, leaked_blocks=13, temporary=0)
    expect(m.figures("--lifetime", f"{pause}ms-100h"), allocations=11, leaked_blocks=0, freed_blocks=11)


def test_whole_group_leaks():
    m = Moments()
    expect(m.figures("--whole-group-leaks"), leaked_blocks=2, leaked_bytes=2 * 101, allocations=2)
    report, _ = m.ask("--whole-group-leaks")
    equal({s["stack"][1]["function"] for s in report["sites"]}, {"keep"}, "the only such function")


def stacks(report):
    return [[f["function"] for f in s["stack"]] for s in report["sites"]]


def test_focus_ignore_hide_show():
    m = Moments()
    report = m.recorded.report("--focus", "^two$")
    equal(report["filtered"]["allocations"], 7 + 2, "the second piece")
    check(all("two" in s for s in stacks(report)), "focus")
    report = m.recorded.report("--focus", "/moments$", "--ignore", "^two$", "--ignore", "^edge$")
    check(all("two" not in s and "edge" not in s for s in stacks(report)), "ignore")
    whole = m.recorded.report()
    hidden = m.recorded.report("--hide", "^own_")
    check(not any(f and f.startswith("own_") for s in stacks(hidden) for f in s), "hide")
    shown = m.recorded.report("--show", "^(one|two|three)$")
    equal({tuple(s) for s in stacks(shown)}, {(), ("one",), ("two",), ("three",)}, "show")
    for report in hidden, shown:
        equal(report["totals"], whole["totals"], "what is hidden changes no totals")
        for cost in COSTS:
            equal(sum(s[cost] for s in report["sites"]), sum(s[cost] for s in whole["sites"]), cost)


def test_times():
    m = Moments()
    report = m.recorded.report("--times", "--from", m.first, "--until", m.second)
    for site in report["sites"]:
        if site["allocations"] == 0:
            check("first_ms" not in site, "no time without an allocation")
            continue
        check(m.times[1][0] <= site["first_ms"] <= site["last_ms"] <= m.times[1][1], site)


def test_histogram():
    m = Moments()
    report, _ = m.ask("--histogram")
    sizes = {(b["min"], b["max"]): (b["blocks"], b["bytes"]) for b in report["histogram"]["sizes"]}
    equal(sizes, {(64, 127): (2, 202), (256, 511): (8, 3 * 307 + 5 * 503), (512, 1023): (10, 10090),
                  (1024, 2047): (7, 7 * 2003)}, "sizes")
    equal(report["histogram"]["never_freed_blocks"], 13, "never freed")
    equal(sum(b["blocks"] for b in report["histogram"]["lifetimes_ms"]), 14, "freed")
    text = run(HEAPWISE, "report", "--histogram", m.recorded.main).stdout
    check("never freed" in text and "64 B - 127 B" in text, text)


@each("threads", "live_threads")
def test_thread_table_adds_up(name):
    recorded = record(target(name))
    report = recorded.report("--threads")
    rows = report["thread_costs"]
    check(len(rows) > 1, "it has threads")
    for cost in ("allocations", "allocated_bytes", "leaked_bytes", "peak_bytes", "temporary", "failed"):
        equal(sum(row[cost] for row in rows), report["totals"][cost], f"{cost} of all threads")
    equal(sum(row["ended_blocks"] for row in rows), report["totals"]["frees"], "frees of all threads")
    equal(sum(row["freed_bytes"] for row in rows), report["totals"]["freed_bytes"], "freed bytes")
    row = max(rows, key=lambda row: row["allocations"])
    same = [r["allocations"] for r in rows if r["tid"] == row["tid"]]
    alone = recorded.report("--thread", str(row["tid"]))
    equal(alone["totals"]["allocations"], sum(same), "the thread asked about alone")


def test_growth_hints():
    """Which of the functions grow, and in which way. A busy machine may stop the target for long, which
    looks like a step without growth; so it may try again."""
    wanted = {"hoard": "never_freed", "leave_half": "never_falls", "queue": "until_the_end"}
    for _ in range(4):
        recorded = record(target("grows"))
        hints = recorded.report("--growth", "--hide", "^own_malloc$")["growth"]
        if {h["frame"]["function"]: h["reason"] for h in hints} == wanted:
            break
    equal({h["frame"]["function"]: h["reason"] for h in hints}, wanted, "what grows")
    text = run(HEAPWISE, "report", "--growth", "--hide", "^own_malloc$", recorded.main).stdout
    check("none of its blocks is ever freed" in text and "hoard" in text, text)


@each("--threads", "--histogram", "--growth", "--times")
def test_views_of_a_program_that_does_nothing(option):
    recorded = record(target("nothing"))
    equal(run(HEAPWISE, "report", option, recorded.main).stderr, "", "nothing to complain about")
    recorded.report(option)
