# SPDX-License-Identifier: MIT
"""How much the machine's processors slow each other, and how much its speed comes and goes.

The recorder runs beside the program. Where two processors are two halves of one core, what it does
shows in the program's own time; and where others use the machine, in anything."""

import os
import subprocess

import table


def build_spin(here, out):
    subprocess.run(["cc", "-O2", str(here / "programs/spin.c"), "-o", str(out / "spin")], check=True)
    return str(out / "spin")


def start(spin, processor):
    return subprocess.Popen([spin], stdout=subprocess.DEVNULL,
                            preexec_fn=lambda: os.sched_setaffinity(0, {processor}))


def cpu_seconds(process):
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def measure_slowdown(spin, runs, note):
    """(least, median, most) of CPU time beside another one / alone, each pair taken in turn; None with one
    processor."""
    processors = sorted(os.sched_getaffinity(0))
    if len(processors) < 2:
        return None
    ratios = []
    for _ in range(max(runs, 5)):
        alone = cpu_seconds(start(spin, processors[0]))
        both = [start(spin, p) for p in processors[:2]]
        ratios.append(cpu_seconds(both[0]) / alone)
        cpu_seconds(both[1])
    note("beside each other: " + ", ".join(f"{r:.2f}x" for r in ratios))
    return min(ratios), table.median(ratios), max(ratios)


def line(slowdown):
    if slowdown is None:
        return "There is one processor only: program and recorder take turns."
    least, middle, most = slowdown
    return (f"A loop takes **{middle:.2f}x** its own CPU time while another one runs on the other processor "
            f"({least:.2f}x to {most:.2f}x): the first figure says whether processors share a core, the spread "
            f"how far a single figure of this machine can be trusted.")
