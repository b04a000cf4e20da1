# SPDX-License-Identifier: MIT
"""Turns measurements into the tables that people read, each figure beside what was promised."""

import math
import statistics


def median(values):
    return statistics.median(values) if values else float("nan")


def geometric_mean(values):
    good = [v for v in values if v > 0 and not math.isnan(v)]
    return math.exp(sum(map(math.log, good)) / len(good)) if good else float("nan")


def size(count):
    for unit, divisor in (("MiB", 2**20), ("KiB", 2**10)):
        if abs(count) >= divisor:
            return f"{count / divisor:.2f} {unit}" if unit == "MiB" else f"{count / divisor:.0f} {unit}"
    return f"{count:.0f} B"


def verdict(met):
    return "met" if met else "NOT met"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


class Summary:
    """Medians of one program, and what follows from them."""

    def __init__(self, measured):
        """`measured`: see bench/run; a dictionary of a program's runs by tool."""
        self.program = measured["program"]
        runs = measured["runs"]
        self.wall = {tool: median([r.wall for r in rs]) for tool, rs in runs.items()}
        self.least = {tool: min(r.wall for r in rs) for tool, rs in runs.items()}
        self.cpu = {tool: median([r.cpu for r in rs]) for tool, rs in runs.items()}
        self.bytes = measured["bytes"]
        self.allocations = measured["allocations"]
        self.recorder_memory = measured["recorder_memory"]
        self.peak_bytes = measured["peak_bytes"]

    def ratio(self, tool):
        return self.wall[tool] / self.wall["native"]

    def added_wall(self):
        return self.quotient(self.wall)

    def added_cpu(self):
        return self.quotient(self.cpu)

    @staticmethod
    def quotient(figures):
        """(heapwise - native) / (heaptrack - native); noise can make the dividend less than nothing."""
        theirs = figures["heaptrack"] - figures["native"]
        ours = figures["heapwise"] - figures["native"]
        return max(ours, 0.001 * theirs) / theirs if theirs > 0 else float("nan")

    def memory_limit(self):
        return 0.3 * self.peak_bytes + (64 << 20)

    def size_limit(self):
        return max(self.bytes["heaptrack"] / 2, self.bytes["heaptrack"] + (64 << 10)
                   if self.bytes["heaptrack"] < (128 << 10) else 0)


def time_table(summaries):
    rows = []
    for s in summaries:
        rows.append([s.program.what, f"{s.allocations['heapwise'] / 1e6:.2f} M",
                     f"{s.wall['native']:.3f} s", f"{s.ratio('heaptrack'):.2f}x",
                     f"**{s.ratio('heapwise'):.2f}x**", f"{s.program.wall_limit:.2f}x",
                     verdict(s.ratio("heapwise") <= s.program.wall_limit),
                     f"{s.added_wall():.3f}", f"{s.added_cpu():.3f}"])
    theirs = geometric_mean([s.ratio("heaptrack") for s in summaries])
    ours = geometric_mean([s.ratio("heapwise") for s in summaries])
    rows.append(["geometric mean", "", "", f"{theirs:.2f}x", f"**{ours:.2f}x**", "", "",
                 f"**{geometric_mean([s.added_wall() for s in summaries]):.3f}**",
                 f"**{geometric_mean([s.added_cpu() for s in summaries]):.3f}**"])
    return table(["program", "allocations", "alone", "heaptrack", "heapwise", "limit", "", "time added ¹",
                  "CPU added ¹"], rows)


def size_table(summaries):
    rows = []
    for s in summaries:
        ours, theirs = s.allocations["heapwise"], s.allocations["heaptrack"]
        rows.append([s.program.name, size(s.bytes["heaptrack"]), size(s.bytes["heapwise"]),
                     f"{s.bytes['heapwise'] / s.bytes['heaptrack']:.2f}",
                     verdict(s.bytes["heapwise"] <= s.size_limit()),
                     size(s.recorder_memory), size(s.memory_limit()),
                     verdict(s.recorder_memory <= s.memory_limit()),
                     ours, theirs if theirs is not None else "?", (ours - theirs) if theirs else "?"])
    return table(["program", "heaptrack's file", "heapwise's file", "ratio", "at most half ²",
                  "recorder's memory", "limit ³", "", "allocations", "heaptrack counts", "difference"], rows)


def least_table(summaries):
    tools = ("native", "heaptrack", "heapwise")
    return table(["program", *(f"{t}: median (least)" for t in tools), "ratio of the least",
                  *(f"CPU {t}" for t in tools)],
                 [[s.program.name, *(f"{s.wall[t]:.3f} s ({s.least[t]:.3f})" for t in tools),
                   f"{s.least['heapwise'] / s.least['native']:.2f}x", *(f"{s.cpu[t]:.3f} s" for t in tools)]
                  for s in summaries])


def overall(summaries):
    wall = geometric_mean([s.added_wall() for s in summaries])
    cpu = geometric_mean([s.added_cpu() for s in summaries])
    least = geometric_mean([s.quotient(s.least) for s in summaries])
    return (f"Time added by heapwise / time added by heaptrack, geometric mean: **{wall:.3f}** "
            f"(limit 0.08: {verdict(wall <= 0.08)}; aim 0.05; by the least of the runs {least:.3f}). "
            f"CPU time likewise, recorder included: **{cpu:.3f}** (limit 0.20: {verdict(cpu <= 0.20)}).")


NOTES = """\
¹ what heapwise adds to the program, divided by what heaptrack adds; CPU is that of all processes.
² recordings of less than 128 KiB may be up to 64 KiB larger than heaptrack's.
³ 30 % of the program's live heap + 64 MiB."""
