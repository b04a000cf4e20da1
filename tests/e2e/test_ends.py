# SPDX-License-Identifier: MIT
"""However a process ends, all that was completed before is in its recording."""

import os
import pathlib
import signal
import struct
import subprocess
import time

from harness import (HEAPWISE, agrees, check, each, equal, limit, own_agrees, report, same_as_alone,
                     sanitized, target, through)

SIGNALS = {"abort": 6, "kill": 9, "term": 15, "int": 2, "hup": 1, "segv": 11, "fpe": 8, "ill": 4,
           "bus": 7, "pipe": 13}


@sanitized
@each("return", "exit", "_exit", "quick_exit", "exit_group", *SIGNALS)
def test_of(how):
    run = same_as_alone(target("ends"), how)
    if how in SIGNALS:
        equal(run.status, 128 + SIGNALS[how], "status")
    r = run.report()
    agrees(r, run.json())


@each("thread_exit", "return_with_threads")
def test_with_threads(how):
    run = same_as_alone(target("ends"), how)
    own_agrees(run.report(), run.json())


def test_exec():
    run = same_as_alone(target("ends"), "exec")
    agrees(run.report_of("ends"), run.json())


@limit(120)
def test_killed_at_random_moments():
    """Each call that had completed in the program is in the recording; at most one more a thread is."""
    for round_ in range(8):
        file = f"{round_}.heapwise"
        process = subprocess.Popen([HEAPWISE, "run", "--quiet", "-o", file, target("progress"), "truth"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        pid = int(process.stdout.readline())
        time.sleep(0.02 + 0.013 * round_)
        os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=60)
        equal(process.returncode, 137 if process.returncode > 0 else -9, "exit status")
        numbers = struct.unpack("=48Q", pathlib.Path("truth").read_bytes())
        allocations, frees = sum(numbers[0::16]), sum(numbers[1::16])
        r = report(file)
        sums = through(r, "own_malloc_counted")
        recorded_frees = sums["allocations"] - sums["leaked_blocks"]
        check(allocations <= sums["allocations"] <= allocations + 3,
              f"{sums['allocations']} allocations recorded, {allocations} completed")
        check(frees <= recorded_frees <= frees + 3, f"{recorded_frees} frees recorded, {frees} completed")
        os.remove("truth")
