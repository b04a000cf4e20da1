# SPDX-License-Identifier: MIT
"""`heapwise view`: what its server answers, against `report --json` and against each other."""

import concurrent.futures
import pathlib

from harness import check, each, equal, limit, record, report, target
from pages import Tables, by_stack, sites_by_stack
from serving import Served

NEVER_FREED, NEVER_FALLS, UNTIL_THE_END = range(3)
COSTS = ("allocations", "allocated_bytes", "peak_bytes", "peak_blocks", "leaked_bytes",
         "leaked_blocks", "temporary", "temporary_bytes", "failed")


def same_as_report(served, tables, recording, question, *options):
    """A profile, and the report's sites and sums for the same question."""
    profile, truth = served.container("api/0/profile", **question), report(recording, *options)
    equal(by_stack(tables, profile, COSTS), sites_by_stack(truth, COSTS), f"sites for {question}")
    sums = truth["filtered"] or truth["totals"]
    for cost in COSTS:
        equal(int(profile.meta["sum"][cost]), sums[cost], f"sum of {cost} for {question}")
        equal(profile.sum(cost), sums[cost], f"column {cost} for {question}")
        equal(int(profile.meta["all"][cost]), truth["totals"][cost], f"all of {cost}")
    check(truth["sites"], f"no site for {question}: the test asks for nothing")
    return profile


def test_the_page_and_its_facts():
    recorded = record(target("counts"))
    with Served(recorded.main) as served:
        page = served.get("")
        check(page.text().lower().startswith("<!doctype html>"), "the page is no HTML")
        equal(page.headers["Content-Type"], "text/html; charset=utf-8", "the page's type")
        recordings = served.json("api/recordings")
        equal([(r["id"], r["path"], r["program"]) for r in recordings["recordings"]],
              [(0, str(recorded.main), "counts")], "recordings")
        equal(recordings["mode"], "server", "mode")
        truth, facts = report(recorded.main), served.json("api/0/facts")
        for key in ("schema", "generator", "recording", "process", "totals", "filtered", "limits", "modules",
                    "timeline", "threads"):
            equal(facts[key], truth[key], key)
        check(all(facts["knows"].values()), "our own recordings know everything")
        equal(sum(b["count"] for b in facts["sizes"]), truth["totals"]["allocations"], "sizes")
        equal(sum(b["bytes"] for b in facts["sizes"]), truth["totals"]["allocated_bytes"], "sizes")


def test_marks_are_those_of_the_report_and_not_without_end():
    for more in (0, 3000):
        recorded = record(target("named_moments"), str(more)).main
        with Served(recorded) as served:
            facts, truth = served.json("api/0/facts"), report(recorded)["marks"]
            equal(len(truth), 4 + more, "marks of the program")
            equal(facts["marks"], truth[:2000], "marks of the page")
            equal(facts["mark_count"], len(truth), "how many there are")


@each("counts", "peak", "temporary", "recursion")
def test_profile_of_the_whole_run(name):
    recorded = record(target(name))
    with Served(recorded.main) as served:
        tables = Tables(served.container("api/0/tables"))
        profile = same_as_report(served, tables, recorded.main, {})
        equal(list(profile["row"]), sorted(set(profile["row"])), "rows ascend")
        totals = report(recorded.main)["totals"]
        equal((profile.sum("freed_blocks"), profile.sum("freed_bytes")),
              (totals["frees"], totals["freed_bytes"]), "freed")
        equal(profile.sum("alive_bytes"), totals["leaked_bytes"], "alive at the end")


def test_profiles_of_ranges_threads_and_filters():
    recorded = record(target("waits"), 300)
    duration = report(recorded.main)["totals"]["duration_ms"]
    middle, late = duration // 3, duration * 2 // 3
    tid = report(recorded.main)["threads"][0]["tid"]
    with Served(recorded.main) as served:
        tables = Tables(served.container("api/0/tables"))
        for question, options in (
                ({"to": middle}, ("--until", middle)),
                ({"from_": middle, "to": late}, ("--from", middle, "--until", late)),
                ({"from_": late}, ("--from", late)),
                ({"thread": tid}, ("--thread", tid)),
                ({"function": "own_malloc"}, ("--function", "own_malloc")),
                ({"function": ["!own_calloc", "main"]},
                 ("--function", "!own_calloc", "--function", "main")),
                ({"module": "waits", "from_": middle}, ("--module", "waits", "--from", middle)),
                ({"file": "own.h", "to": late}, ("--file", "own.h", "--until", late))):
            same_as_report(served, tables, recorded.main, question, *options)


def test_costs_of_parts_add_up():
    recorded = record(target("phases"), 300)
    with Served(recorded.main) as served:
        whole = served.container("api/0/profile")
        middle = whole.meta["to_ms"] // 2
        first = served.container("api/0/profile", to=middle)
        second = served.container("api/0/profile", from_=middle)
        small = served.container("api/0/profile", size="0-100")
        large = served.container("api/0/profile", size="101-")
        short = served.container("api/0/profile", lifetime="-5")
        long = served.container("api/0/profile", lifetime="6-")
        for cost in ("allocations", "allocated_bytes", "freed_blocks", "freed_bytes", "temporary"):
            for a, b, what in ((first, second, "time"), (small, large, "size"), (short, long, "lifetime")):
                equal(a.sum(cost) + b.sum(cost), whole.sum(cost), f"{cost} of both halves by {what}")
        check(0 < short.sum("allocations") < whole.sum("allocations"), "the lifetimes are told apart")
        check(0 < small.sum("allocations") < whole.sum("allocations"), "the sizes are told apart")
        equal(first.sum("alive_bytes"),
              first.sum("allocated_bytes") - first.sum("freed_bytes"), "alive after the first half")
        equal(first.sum("later_bytes"), first.sum("alive_bytes") - served.container(
            "api/0/profile", to=middle, alive_at=10 ** 9).sum("leaked_bytes"), "freed later")


def test_times_of_allocations():
    recorded = record(target("waits"), 200)
    with Served(recorded.main) as served:
        plain = served.container("api/0/profile")
        timed = served.container("api/0/profile", times=1)
        check("first_ms" not in plain.columns and "first_ms" not in plain.meta["known"], "not asked for")
        end = timed.meta["to_ms"]
        check(all(first <= last < end for first, last in zip(timed["first_ms"], timed["last_ms"])),
              "the first is not after the last")
        check(max(timed["last_ms"]) >= 200, "something is allocated after the wait")


def test_sparse_columns_hold_the_same():
    recorded = record(target("phases"), 50)
    with Served(recorded.main) as served:
        for question in ({}, {"from_": 10}, {"from_": 5, "to": 30}, {"size": "1-60"}, {"function": "nobody"},
                         {"times": 1}):
            plain = served.container("api/0/profile", **question)
            sparse = served.container("api/0/profile", sparse=1, **question)
            equal((sparse.columns, sparse.meta), (plain.columns, plain.meta), f"the profile of {question}")
            equal(plain.encoded, set(), "columns that are packed unasked")
            equal(sparse.encoded, set(plain.columns) - {"first_ms", "last_ms"}, "columns that are packed")
        check("it can be 1 only" in served.error("api/0/profile?sparse=2"), "a wish that is none")


def test_whole_group_leaks():
    recorded = record(target("phases"), 50)
    with Served(recorded.main) as served:
        leaked = served.container("api/0/profile", whole_group="leaked")
        check(61 * 17 in leaked.figures("leaked_bytes"), "the stack that leaks is there")
        equal(leaked.figures("leaked_blocks"), leaked.figures("allocations"), "nothing is freed")


def test_history_meets_the_profiles():
    recorded = record(target("phases"), 300)
    with Served(recorded.main) as served:
        history = served.container("api/0/history", points=7)
        points = list(history["point_ms"])
        equal(len(points), 7, "points")
        live = list(history.figures("rest", points))
        for point, amount in zip(history["point"], history["bytes"]):
            live[point] += amount
        for at, amount in zip(points[1:], live[1:]):
            profile = served.container("api/0/profile", alive_at=at)
            equal(amount, profile.sum("alive_bytes"), f"bytes alive at {at} ms")
        check(max(live) > 257 * 100, "much is alive at some point")


def test_history_hints_at_what_grows():
    recorded = record(target("phases"), 300)
    with Served(recorded.main) as served:
        tables, history = Tables(served.container("api/0/tables")), served.container("api/0/history")
        hints = {tables.stack(row)[1][0]: reason
                 for row, reason in zip(history["growth.row"], history["growth.reason"])}
        equal(hints, {"grow_a_cache": UNTIL_THE_END, "leak": NEVER_FREED}, "what seems to grow, and why")


def test_histogram_and_threads_meet_the_totals():
    recorded = record(target("threads"))
    truth = report(recorded.main)
    totals = truth["totals"]
    with Served(recorded.main) as served:
        histogram = served.json("api/0/histogram")
        never = histogram["lifetimes"][-1]
        equal((never["never"], never["count"], never["bytes"]),
              (True, totals["leaked_blocks"], totals["leaked_bytes"]), "blocks that never end")
        for key in ("sizes", "lifetimes"):
            equal(sum(b["count"] for b in histogram[key]), totals["allocations"], key)
            equal(sum(b["bytes"] for b in histogram[key]), totals["allocated_bytes"], key)
        threads = served.json("api/0/threads")
        equal([(t["tid"], t["name"]) for t in threads],
              [(t["tid"], t["name"]) for t in truth["threads"]], "threads")
        for cost in COSTS:
            equal(sum(t[cost] for t in threads), totals[cost], f"{cost} of all threads")
        equal(sum(t["freed_blocks"] for t in threads), totals["frees"], "freed by all threads")
        one = threads[-1]
        asked = served.container("api/0/profile", thread=one["tid"])
        for t in [t for t in threads if t["tid"] == one["tid"]][1:]:
            one = {key: one[key] + t[key] if isinstance(t[key], int) else t[key] for key in t}
        for cost in COSTS:
            equal(asked.sum(cost), one[cost], f"{cost} of thread {one['tid']}")


def test_timeline_is_the_reports_at_any_resolution():
    recorded = record(target("waits"), 300)
    truth = report(recorded.main)
    points, totals = truth["timeline"], truth["totals"]
    with Served(recorded.main) as served:
        full = served.json("api/0/timeline", points=100000)
        for key in points[0]:
            equal(full[key], [p[key] for p in points], key)
        few = served.json("api/0/timeline", points=5)
        check(0 < len(few["time_ms"]) <= 5, "five points at most")
        equal(max(few["peak_bytes"]), totals["peak_bytes"], "the peak is in it")
        equal(few["allocations"][-1], totals["allocations"], "allocations at the end")
        at = points[len(points) // 2]["time_ms"]
        late = served.json("api/0/timeline", from_=at)
        equal(late["time_ms"][0], at, "where a part begins")
        equal(late["before"]["allocations"], points[len(points) // 2 - 1]["allocations"], "before")


def test_source_that_the_recording_names():
    recorded = record(target("counts"))
    with Served(recorded.main) as served:
        tables = Tables(served.container("api/0/tables"))
        files = sorted({f for _, f, _, _ in tables.functions if f and f.endswith("/counts.c")})
        check(files, "the recording names counts.c")
        directory = pathlib.Path(report(recorded.main)["process"]["working_directory"])
        answer = served.ask("GET", f"/{served.token}/api/0/source?file={files[0]}")
        path = directory / files[0]
        if path.exists():
            equal((answer.status, answer.body), (200, path.read_bytes()), "the source")
            equal(answer.headers["Content-Type"], "text/plain; charset=utf-8", "its type")
        else:
            equal(answer.status, 404, "a source that is not here")
        check("no function" in served.error("api/0/source?file=/etc/passwd", 404), "refused")
        served.error("api/0/source?file=", 400)
        served.error("api/0/source", 400)


def test_two_recordings():
    before, after = record(target("counts"), output="a.heapwise"), record(target("peak"), output="b.heapwise")
    with Served(after.main, "--diff", before.main) as served:
        equal([r["program"] for r in served.json("api/recordings")["recordings"]],
              ["peak", "counts"], "programs")
        for number, recorded in enumerate((after, before)):
            equal(served.json(f"api/{number}/facts")["totals"], report(recorded.main)["totals"], "totals")
            equal(served.container(f"api/{number}/profile").sum("allocations"),
                  report(recorded.main)["totals"]["allocations"], "allocations")
        served.error("api/2/facts", 404)


def same_at_once(file, questions, times):
    """The server starts with all of these, and gives the answers that it gives one by one."""
    with Served(file) as served:
        alone = {q: served.get(q).body for q in questions}
    with Served(file) as served, concurrent.futures.ThreadPoolExecutor(12) as pool:
        asked = questions * times
        for question, answer in zip(asked, pool.map(lambda q: served.get(q).body, asked)):
            equal(answer, alone[question], f"{question}, asked with others at once")


@limit(120)
def test_many_questions_at_once():
    questions = [f"api/0/{route}" for route in ("facts", "tables", "profile", "profile?times=1",
                                                "history", "timeline", "histogram", "threads")]
    questions += [f"api/0/profile?from={n}&function=m" for n in range(1, 20)]
    same_at_once(record(target("waits"), 100).main, questions, 4)


@limit(120)
def test_the_first_questions_of_a_recording_with_suppressions():
    file = record(target("suppressed")).main
    for _ in range(8):  # its facts need the names, which the page is made of at the same time
        same_at_once(file, ["api/0/facts", "api/0/tables", "api/0/profile", "api/0/threads"], 2)


def test_a_recording_of_another_tool_says_what_it_does_not_know():
    pathlib.Path("stacks.folded").write_text("main;load;parse 300\nmain;load 50\nmain;draw 7\n")
    with Served("stacks.folded") as served:
        facts = served.json("api/0/facts")
        check(not facts["knows"]["events"] and not facts["knows"]["time"], "there are no events")
        equal(facts["totals"]["frees"], None, "frees")
        profile = served.container("api/0/profile")
        equal((profile.meta["known"], profile.sum("peak_bytes"), profile.meta["frees"]),
              (["peak_bytes"], 357, None), "what is known")
        equal({tuple(f[0] for f in stack): n for stack, n in
               by_stack(Tables(served.container("api/0/tables")), profile, ["peak_bytes"]).items()},
              {("parse", "load", "main"): (300,), ("load", "main"): (50,), ("draw", "main"): (7,)}, "stacks")
        check("the sizes" in served.error("api/0/profile?size=1-2"), "no sizes")
        check("does not" in served.error("api/0/profile?lifetime=1-2"), "no lifetimes")
        for route in ("history", "histogram"):
            check("totals alone" in served.error(f"api/0/{route}"), route)
