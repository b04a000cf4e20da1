# SPDX-License-Identifier: MIT
"""The small measurements: one malloc/free pair, the start of a run, instructions on the hook's path."""

import pathlib
import re
import shutil
import subprocess

import measure
import table

HERE = pathlib.Path(__file__).resolve().parent
DEPTH = 20
PAIRS = 1_000_000
LIMITS = {1: 45, 4: 70}  # nanoseconds more than native, by number of threads


def build_pair(out):
    command = ["cc", "-O2", "-g", "-fno-builtin", "-pthread", str(HERE / "programs/pair.c"), "-o",
               str(out / "pair")]
    subprocess.run(command, check=True)
    return str(out / "pair")


def pair_costs(tools, pair, out, runs, note):
    """ns a pair by (threads, tool): medians of interleaved runs."""
    taken = {}
    for threads in LIMITS:
        for i in range(runs):
            for tool in tools:
                file = out / f"pair-{tool.name}.heapwise"
                done = measure.run(tool.command([pair, str(threads), str(PAIRS), str(DEPTH)], file))
                figures = re.findall(r"^\d+\.\d+$", done.output, re.MULTILINE)
                taken.setdefault((threads, tool.name), []).append(float(figures[0]))
                note(f"pair, {threads} threads, run {i + 1}, {tool.name}: {figures[0]} ns")
    return {key: (table.median(values), min(values)) for key, values in taken.items()}


def pair_table(costs):
    rows = []
    for threads, limit in LIMITS.items():
        native, ours = costs[threads, "native"][0], costs[threads, "heapwise"][0]
        least = costs[threads, "heapwise"][1] - costs[threads, "native"][1]
        theirs = costs.get((threads, "heaptrack"), (float("nan"),))[0]
        rows.append([threads, f"{native:.1f} ns", f"{theirs:.0f} ns", f"{ours:.1f} ns",
                     f"**{ours - native:.1f} ns**", f"{least:.1f} ns",
                     f"{limit} ns", table.verdict(ours - native <= limit)])
    return table.table(["threads", "alone", "heaptrack", "heapwise", "heapwise adds", "least", "limit", ""],
                       rows)


def start_cost(heapwise, out, note):
    """(median, least) milliseconds of `true` alone and recorded."""
    alone, recorded = [], []
    for _ in range(30):
        alone.append(measure.run(["/bin/true"]).wall * 1e3)
        recorded.append(measure.run(heapwise.command(["/bin/true"], out / "true.heapwise")).wall * 1e3)
    note(f"true: {table.median(alone):.2f} ms alone, {table.median(recorded):.2f} ms recorded")
    return (table.median(alone), min(alone)), (table.median(recorded), min(recorded))


def start_line(costs):
    alone, recorded = costs
    added = recorded[0] - alone[0]
    return (f"`heapwise run true` takes {recorded[0]:.1f} ms, `true` {alone[0]:.1f} ms: heapwise adds "
            f"**{added:.1f} ms** (least of both: {recorded[1] - alone[1]:.1f} ms; limit 5 ms: "
            f"{table.verdict(added <= 5)}).")


def instructions(heapwise, pair, out, note):
    """Instructions a pair alone and with the agent, or None where callgrind cannot run both.

    The agent runs within callgrind, which counts the program's side only; two lengths are subtracted,
    so that start and end fall out.
    """
    if shutil.which("valgrind") is None:
        return None
    counts = {}
    for name in ("alone", "recorded"):
        taken = []
        for pairs in (20_000, 120_000):
            log = out / "callgrind.log"
            command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                       f"--log-file={log}", pair, "1", str(pairs), str(DEPTH)]
            file = out / "callgrind.heapwise"
            if name == "recorded":
                file.unlink(missing_ok=True)
                command = heapwise.command(command, file)
            try:
                measure.run(command)
                taken.append(int(re.search(r"Collected : (\d+)", log.read_text()).group(1)))
            except (RuntimeError, AttributeError, OSError) as why:
                note(f"callgrind {name}: {str(why)[:200]}")
                return None
        counts[name] = (taken[1] - taken[0]) / 100_000
    note(f"callgrind: {counts}")
    return counts


def instructions_line(counts):
    if counts is None:
        return "Instructions a pair: callgrind could not run the agent here."
    if counts["recorded"] - counts["alone"] < 20:
        return "Instructions a pair: the agent did not come into the program under callgrind."
    return (f"Instructions a malloc/free pair at depth {DEPTH} (callgrind): {counts['alone']:.0f} alone, "
            f"{counts['recorded']:.0f} with the agent, so the hooks take "
            f"**{counts['recorded'] - counts['alone']:.0f}**.")
