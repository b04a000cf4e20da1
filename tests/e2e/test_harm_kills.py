# SPDX-License-Identifier: MIT
"""SIGKILL at any moment: the recording opens and holds every call that had completed."""

import os
import random
import signal
import subprocess
import time

from harness import HEAPWISE, LONG, check, each, equal, limit, report, target
from progress import Progress


def killed_run(threads, delay):
    """Records `progress`, kills it after `delay` seconds, and checks what is there; how many calls."""
    with subprocess.Popen([HEAPWISE, "run", "--quiet", "-o", "k.heapwise", target("progress"), "truth",
                           str(threads)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        pid = int(process.stdout.readline())
        time.sleep(delay)
        os.kill(pid, signal.SIGKILL)
        _, err = process.communicate(timeout=60)
    equal((process.returncode, err), (-signal.SIGKILL, b""), "exit status and complaints")
    done = Progress("truth", threads)
    os.remove("truth")
    r = report("k.heapwise")
    equal(r["recording"]["damage"], None, "damage")
    equal(r["process"]["signal"], 9, "what ended it")
    done.agrees(r, f"killed after {delay * 1000:.3f} ms with {threads} threads")
    return done.allocations


@limit(3600 if LONG else 300)
@each(1, 4)
def test_killed_at_random_moments(threads):
    seed = random.randrange(1 << 30)
    moments = random.Random(seed)
    calls = 0
    for _ in range(1000 if LONG else 100):
        # Mostly within the first milliseconds, where everything is new; some in full swing.
        calls += killed_run(threads, moments.expovariate(1 / 0.006))
    check(calls > 0, f"the target did something (seed {seed})")
