# SPDX-License-Identifier: MIT
"""The recorder's death, slowness and lack of room: the program ends as alone, what was written opens."""

import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import time

from harness import (HEAPWISE, SHORT_OF_MEMORY, agrees, check, each, equal, limit, not_sanitized, own_agrees,
                     record, report, run, skip, target)

PR_SET_CHILD_SUBREAPER = 36


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


class Steps:
    """The program `outlives` under heapwise: does step after step, as it is told."""

    def __init__(self, **environment):
        self.recorder = begin(target("outlives"), stdin=subprocess.PIPE, bufsize=0,
                              env={**os.environ, **environment})
        self.program = int(self.recorder.stdout.readline())

    def take(self, step):
        """Does one step; gives what the program says of it."""
        self.recorder.stdin.write(step)
        said, number = self.recorder.stdout.readline().split()
        equal(said, step, "the step that the program took")
        return int(number)

    def end(self):
        """The program's truth, heapwise's exit status and what it said."""
        out, err = self.recorder.communicate(timeout=60)
        return json.loads(out), self.recorder.returncode, err


def undisturbed(steps):
    run_ = Steps()
    for step in steps:
        run_.take(step)
    truth, status, err = run_.end()
    equal((status, err), (6, ""), "status and complaints of the undisturbed run")
    r = report("k.heapwise")
    agrees(r, truth)
    return truth, r["totals"]


def test_program_goes_on_without_a_stopped_recorder():
    """After a silence (here 300 ms) with a full ring the program goes on for good; the recording holds all
    events until then, and says how many it lacks."""
    truth, whole = undisturbed("sls")
    steps = Steps(HEAPWISE_SILENCE_MS="300")
    steps.take("s")
    steps.recorder.send_signal(signal.SIGSTOP)
    steps.take("l")
    steps.recorder.send_signal(signal.SIGCONT)
    steps.take("s")  # it is off for good, though the recorder is back
    equal(steps.end(), (truth, 6, f"heapwise: k.heapwise: process {steps.program} waited 0.3 s for heapwise, "
                                  "which did not answer, and went on without it: what came after that is not "
                                  "recorded\n"), "the program's truth, its status, heapwise's words")
    r = report("k.heapwise")
    have, lacking = r["totals"], r["limits"]["lost_events"]
    check(lacking > 0, "the recording says that it lacks events")
    equal(have["events"] + lacking, whole["events"], "events recorded and told of as lacking")
    # 131,072 words of the ring at least: a pair takes three.
    check(have["allocations"] >= 43000, f"all that was in the ring: {have['allocations']}")


def test_silence_that_is_no_number():
    bad = run(HEAPWISE, "run", "true", env={"HEAPWISE_SILENCE_MS": "soon"})
    equal((bad.status, bad.stderr), (2, "heapwise: HEAPWISE_SILENCE_MS=soon: not a number of milliseconds\n"),
          "what heapwise says")


def test_nothing_is_written_after_the_recorders_death():
    """The hooks of a program without a recorder fall through: it shows by memory that nobody may write."""
    truth, _ = undisturbed("sll")
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    steps = Steps()
    steps.take("s")
    steps.recorder.kill()
    os.waitpid(steps.recorder.pid, 0)
    steps.take("l")  # finds the ring full, and nobody there
    equal(steps.take("r"), 1, "regions made read-only")
    steps.take("l")
    steps.recorder.stdin.close()
    equal(json.loads(steps.recorder.stdout.read()), truth, "the program's truth")
    equal(os.waitpid(steps.program, 0)[1], 6 << 8, "the program's exit status")


def test_out_of_memory():
    """The recorder may have no more memory, in the middle of the run: the program does not notice, what it had
    until then is recorded, and heapwise says why there is no more."""
    steps = Steps(**SHORT_OF_MEMORY)
    steps.take("k")
    deadline = time.monotonic() + 30
    while json.loads(run(HEAPWISE, "report", "k.heapwise", "--json").stdout)["totals"]["allocations"] <= 1000:
        check(time.monotonic() < deadline, "no events reach the file")  # with them, all that writing takes is there
        time.sleep(0.02)
    with open(f"/proc/{steps.recorder.pid}/status", encoding="ascii") as f:
        size = next(int(line.split()[1]) for line in f if line.startswith("VmSize")) << 10
    size += 8 << 20  # its blocks alone will take four times as much
    resource.prlimit(steps.recorder.pid, resource.RLIMIT_AS, (size, size))
    for _ in range(9):
        steps.take("k")
    truth, status, err = steps.end()
    equal((truth["leaked_blocks"], status), (2000000, 6), "what the program did, and its exit status")
    check("out of memory" in err and "k.heapwise" in err, f"heapwise says why: {err!r}")
    opened = run(HEAPWISE, "report", "k.heapwise", "--json")
    equal(opened.status, 0, f"the recording opens ({opened.stderr})")
    r = json.loads(opened.stdout)
    check(r["recording"]["damage"], "the report says that the recording is not whole")
    t = r["totals"]
    check(1000 < t["allocations"] < truth["allocations"], f"what is in it: {t}")
    equal((t["unknown_frees"], t["allocations"] - t["frees"]), (0, t["leaked_blocks"]), f"what is in it fits: {t}")


@not_sanitized("AddressSanitizer's allocator cannot be made to fail")
@limit(300)
@each("once", "for ever")
def test_allocator_that_fails(how):
    """Every allocation of heapwise's own may be the one that fails. The program does not notice, or heapwise says
    why it was not started; heapwise never crashes, and what it leaves behind opens or is refused with a reason."""
    alone = run(target("phases"), 20)
    preload = {"LD_PRELOAD": target("libfailing_allocator.so"), **({"FAIL_COUNT": "1"} if how == "once" else {})}
    ran = at = 0
    while True:
        at += 1 + at // 12
        with contextlib.suppress(FileNotFoundError):
            os.remove("out.heapwise")
        recorded = run(HEAPWISE, "run", "--quiet", "-o", "out.heapwise", target("phases"), 20,
                       env={**preload, "FAIL_FROM": str(at)}, seconds=20)
        said = [line for line in recorded.stderr.splitlines() if line.startswith("heapwise: ")]
        what = f"allocation {at} failed {how}: {recorded.stderr!r}"
        if recorded.status == alone.status:
            equal(recorded.stdout, alone.stdout, f"what the program printed; {what}")
            ran += 1
        else:
            check(recorded.status in (1, 126) and recorded.stdout == "", f"it was not started; {what}")
            check(said, f"heapwise says why; {what}")
        if not os.path.exists("out.heapwise"):
            check(said, f"heapwise says why there is no recording; {what}")
            continue
        opened = run(HEAPWISE, "report", "out.heapwise", "--json")
        check(opened.status == 0 or "out.heapwise" in opened.stderr, f"it opens or is refused; {what}; {opened.stderr}")
        checked = run(HEAPWISE, "fsck", "out.heapwise")
        if not said:
            equal((checked.status, checked.stderr), (0, ""), f"it is whole where nothing was said; {what}")
            if at > 1000 and how == "for ever":
                break
        if at > 20000:
            break
    check(ran > 10, f"the program ran {ran} times")
