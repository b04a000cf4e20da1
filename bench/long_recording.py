# SPDX-License-Identifier: MIT
"""How fast a long recording answers: time until `report` begins to print, its memory, a time range, and
what is asked of some sizes, lifetimes or threads, for which every event of the range must be read."""

import os
import pathlib
import subprocess
import time

import measure
import table

HERE = pathlib.Path(__file__).resolve().parent
EVENTS = 100_000_000
SLOW_RUNS = 3  # at most; of what takes seconds each
FILTERS = (("no filter", ()), ("some sizes", ("--size", "100-200")), ("short lifetimes", ("--lifetime", "0-10")),
           ("one of four threads", ("--thread", "2")))
FIRST_BYTE_LIMIT, MEMORY_LIMIT, RANGE_LIMIT = 0.5, 150 << 20, 1.0


def make(heapwise, out, note):
    """A recording of so many events; made anew for each build of heapwise."""
    file = out / f"{EVENTS // 10**6}M.heapwise"
    if not file.exists() or file.stat().st_mtime < os.stat(heapwise.path).st_mtime:
        program = out / "many_events"
        subprocess.run(["cc", "-O2", "-g", "-fno-builtin", str(HERE / "programs/many_events.c"), "-o",
                        str(program)], check=True)
        note(f"recording {EVENTS} events")
        new = out / "new.heapwise"
        measure.run(heapwise.command([str(program), str(EVENTS)], new))
        new.rename(file)
    return file


def make_up(heapwise, out, events, note):
    """A recording of made-up events and four threads, the same each time."""
    build = pathlib.Path(heapwise.path).parent
    maker = build / "bench/report/make_recording"
    subprocess.run(["ninja", "-C", str(build), "bench/report/make_recording"], check=True,
                   stdout=subprocess.DEVNULL)
    file = out / f"made-{events // 10**6}M.heapwise"
    if not file.exists() or file.stat().st_mtime < os.stat(maker).st_mtime:
        note(f"making a recording of {events} events")
        subprocess.run([str(maker), str(file), str(events)], check=True, stdout=subprocess.DEVNULL)
    return file


def ask(command):
    """(seconds to the first byte, seconds to the end, peak memory) of a command that prints."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    process.stdout.read(1)
    first = time.perf_counter() - start
    rest = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {rest[-500:]!r}")
    return first, time.perf_counter() - start, usage.ru_maxrss * 1024


def measure_filters(heapwise, out, runs, note):
    """{(filter, part): medians}, of a third of the time and of all of it."""
    file = make_up(heapwise, out, EVENTS, note)
    parts = {"a third": ("--from", "33%", "--to", "67%"), "the whole": ()}
    taken = {}
    for name, options in FILTERS:
        for part, bounds in parts.items():
            rows = [ask([heapwise.path, "report", str(file), *options, *bounds])
                    for _ in range(min(runs, SLOW_RUNS))]
            taken[name, part] = [table.median(column) for column in zip(*rows)]
    note(f"filters: {taken}")
    return taken


def measure_report(heapwise, out, runs, note):
    file = make(heapwise, out, note)
    duration = heapwise.report(file)["totals"]["duration_ms"]
    third = (f"{duration // 3}ms", f"{duration * 2 // 3}ms")
    taken = {}
    for name, options in (("report", []), ("report --from --to", ["--from", third[0], "--to", third[1]])):
        for _ in range(runs):
            taken.setdefault(name, []).append(ask([heapwise.path, "report", str(file), *options]))
    note(f"long recording: {taken}")
    return {name: [table.median(column) for column in zip(*rows)] for name, rows in taken.items()}, \
        file.stat().st_size, measure_filters(heapwise, out, runs, note)


def filters_table(filters):
    rows = []
    for name, options in FILTERS:
        third, whole = filters[name, "a third"], filters[name, "the whole"]
        rows.append([" ".join((name, *(f"(`{' '.join(options)}`)" for _ in options[:1]))), f"{third[1]:.2f} s",
                     f"{whole[1]:.2f} s", table.size(max(third[2], whole[2]))])
    return table.table(["`report` of 100 million made-up events", "a third of the time", "the whole", "memory"], rows)


def lines(measured):
    asked, size, filters = measured
    first, _, memory = asked["report"]
    _, whole, range_memory = asked["report --from --to"]
    return (f"A recording of {EVENTS // 10**6} million events ({table.size(size)}): `report` begins to print "
            f"after **{first * 1000:.0f} ms** (limit {FIRST_BYTE_LIMIT * 1000:.0f} ms: "
            f"{table.verdict(first <= FIRST_BYTE_LIMIT)}) and uses {table.size(memory)} (limit "
            f"{table.size(MEMORY_LIMIT)}: {table.verdict(memory <= MEMORY_LIMIT)}); with `--from --to` over a "
            f"third of the time it is done after **{whole:.2f} s** (limit {RANGE_LIMIT:.0f} s: "
            f"{table.verdict(whole <= RANGE_LIMIT)}) and uses {table.size(range_memory)}.\n\n"
            f"{filters_table(filters)}")
