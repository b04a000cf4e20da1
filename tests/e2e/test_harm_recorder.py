# SPDX-License-Identifier: MIT
"""The recorder's death, slowness and lack of room: the program ends as alone, what was written opens."""

import json
import os
import pathlib
import signal
import subprocess
import time

from harness import (HEAPWISE, check, each, equal, limit, own_agrees, record, report, run, skip, target)


def begin(*command, **how):
    return subprocess.Popen([HEAPWISE, "run", "--quiet", "-o", "k.heapwise", *map(str, command)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)


@limit(120)
@each(0.02, 0.1, 0.3, 0.7)
def test_killed_in_full_swing(after):
    """Four threads, full rings, and nobody who empties them any more."""
    process = begin(target("threads"), 4, 300000)
    time.sleep(after)
    process.kill()
    out, _ = process.communicate(timeout=100)
    alone = run(target("threads"), 4, 300000)
    if out == "" and not os.path.exists("k.heapwise"):
        return  # killed before it had started the program
    equal(out, alone.stdout, "what the program printed")
    if os.path.exists("k.heapwise") and os.path.getsize("k.heapwise") > 0:
        opened = run(HEAPWISE, "report", "k.heapwise", "--json")
        if opened.status == 0:
            r = json.loads(opened.stdout)
            whole = r["totals"]["reallocations"] == json.loads(out)["reallocations"]
            check(r["recording"]["damage"] or whole, "the report says that the recording is not whole")
        else:
            check("k.heapwise" in opened.stderr, f"the reader says why: {opened.stderr!r}")


@limit(120)
def test_stopped_again_and_again():
    process = begin(target("threads"), 4, 100000)
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.05)
    out, err = process.communicate(timeout=100)
    equal((process.returncode, err), (0, ""), "status and complaints")
    own_agrees(report("k.heapwise"), json.loads(out.splitlines()[-1]))


@limit(120)
def test_full_disk():
    if os.getuid() != 0:
        skip("only root can mount")
    os.mkdir("small")
    if run("/bin/mount", "-t", "tmpfs", "-o", "size=256k", "none", "small").status != 0:
        skip("no mounts here")
    try:
        recorded = record(target("threads"), 4, 300000, output="small/out.heapwise", complaints=True)
        equal(recorded.status, 0, "exit status")
        equal(recorded.stdout, run(target("threads"), 4, 300000).stdout, "what the program printed")
        check(any("out.heapwise" in line and "space" in line for line in recorded.complaints),
              f"the reason: {recorded.complaints}")
        r = report("small/out.heapwise")
        check(r["recording"]["damage"], "the report says that the recording is not whole")
        check(r["totals"]["allocations"] > 0, "what was written opens")
    finally:
        run("/bin/umount", "small")
