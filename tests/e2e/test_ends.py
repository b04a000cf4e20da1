# SPDX-License-Identifier: MIT
"""However a process ends, all that was completed before is in its recording."""

import os
import signal
import time

from harness import (HEAPWISE, agrees, check, each, equal, limit, own_agrees, record, report, run,
                     same_as_alone, skip, target, through)
from progress import Progress

# Those that leave a process alone, or only stop it, where it has not said otherwise.
NOT_FATAL = {signal.SIGCHLD, signal.SIGCONT, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU,
             signal.SIGURG, signal.SIGWINCH}
FATAL = [number for number in range(1, 65) if number not in NOT_FATAL]
MISTAKES = {"abort": signal.SIGABRT, "null": signal.SIGSEGV, "divides": signal.SIGFPE, "illegal": signal.SIGILL,
            "breakpoint": signal.SIGTRAP, "beyond_file": signal.SIGBUS, "runs_data": signal.SIGSEGV}


@each("return", "exit", "_exit", "quick_exit", "exit_group")
def test_of(how):
    run = same_as_alone(target("ends"), how)
    r = run.report()
    agrees(r, run.json())
    equal((r["process"]["exit_status"], r["process"]["signal"]), (run.status, None), "end that the report tells")


def ended_by(how, number):
    run = same_as_alone(target("ends"), how)
    equal(run.signal, number, f"signal that ended {how}, and then heapwise")
    r = run.report()
    equal(r["process"]["signal"], number, f"signal that the report tells of {how}")
    return run, r


@limit(300)
def test_every_fatal_signal():
    check(len(FATAL) == 56, f"{len(FATAL)} signals")
    for number in FATAL:
        run, r = ended_by(number, number)
        agrees(r, run.json())


@each(*MISTAKES)
def test_mistake(how):
    run, r = ended_by(how, MISTAKES[how])
    agrees(r, run.json())


@each("full_exit", "full_kill")
def test_with_much_memory(how):
    """heapwise ends the recording while the kernel takes the memory apart, before anybody is told how it ended."""
    run = same_as_alone(target("ends"), how)
    r = run.report()
    agrees(r, run.json())
    truth = (29, None) if how == "full_exit" else (None, signal.SIGKILL)
    equal((r["process"]["exit_status"], r["process"]["signal"]), truth, "end that the report tells")
    equal(r["process"]["ended"], how.removeprefix("full_").replace("kill", "signal"), "how it ended")


@each("free_twice", "free_of_none")
def test_mistake_that_libc_finds(how):
    """libc writes what it found and aborts; the wrong free itself ended no block."""
    run, r = ended_by(how, signal.SIGABRT)
    check("free()" in run.stderr, f"what libc said: {run.stderr!r}")
    own_agrees(r, run.json(), ["allocations", "allocated_bytes"])
    equal(r["totals"]["unknown_frees"], 1, "frees of no block")


@each("thread_exit", "return_with_threads")
def test_with_threads(how):
    run = same_as_alone(target("ends"), how)
    own_agrees(run.report(), run.json())


@limit(120)
@each("return", "exit", "_exit", "quick_exit", "exit_group", "abort", "kill", "segv", "exec", "thread_exec",
      "pthread_exit")
def test_while_threads_allocate(how):
    """The others are in the middle of their calls: what each had completed is there, and at most one more of it."""
    for number in range(5):
        alone = run(target("progress"), "truth", 4, how)
        recorded = record(target("progress"), "truth", 4, how, output=f"{number}.heapwise")
        equal((recorded.status, recorded.signal), (alone.status, alone.signal), "exit status and signal")
        r = recorded.report_of("progress") if "exec" in how and number == 0 else report(recorded.main)
        Progress("truth", 4).agrees(r, how)
        equal(r["recording"]["damage"], None, "damage")
        os.remove("truth")
        if how == "pthread_exit":
            kept = through(r, "own_malloc_counted")["leaked_blocks"]
            equal(kept, 4 * 16, "blocks at the end, when all had done their work")


@limit(120)
def test_stack_overflow():
    """No stack is left for a hook either: it must end as alone, in a call as deep, and be recorded to the last."""
    alone = run(target("progress"), "alone", 1, "overflow")
    recorded = record(target("progress"), "recorded", 1, "overflow", options=["--no-symbols"])
    equal((recorded.status, recorded.signal), (alone.status, alone.signal), "exit status and signal")
    equal(recorded.signal, signal.SIGSEGV, "signal")
    r = recorded.report("--top", "1")
    done, deep = Progress("recorded", 1).allocations, Progress("alone", 1).allocations
    check(done <= r["totals"]["allocations"] <= done + 1,
          f"{r['totals']['allocations']} allocations recorded, {done} completed")
    # 240 bytes a call; the kernel begins the stack up to 8 KiB lower or higher, and a hook needs some room.
    check(deep - 100 <= done <= deep + 50, f"{done} calls deep, {deep} alone")


def test_exec():
    run = same_as_alone(target("ends"), "exec")
    agrees(run.report_of("ends"), run.json())


class MemoryGroup:
    """A control group of its own with so many bytes, of version 1 or 2, whichever this machine lets us make."""

    def __init__(self, limit_bytes):
        self.directory, self.end = None, time.monotonic() + 60
        for root, setting in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
            directory = f"{root}/heapwise-test-{os.getpid()}"
            try:
                os.mkdir(directory)
                self.directory = directory
                with open(f"{directory}/{setting}", "w", encoding="ascii") as file:
                    file.write(str(limit_bytes))
                return
            except OSError:
                self.close()
        skip("no control group with a memory limit can be made here (not root, or not a writable cgroup)")

    def enter(self, *command):
        """The command that runs `command` in it."""
        return ["/bin/sh", "-c", f'echo $$ >{self.directory}/cgroup.procs && exec "$@"', "sh", *command]

    def close(self):
        while self.directory is not None:
            try:
                os.rmdir(self.directory)
                self.directory = None
            except OSError:  # what is killed takes a moment to be gone
                check(time.monotonic() < self.end, f"processes in {self.directory} that do not end")
                time.sleep(0.01)


@limit(120)
@each("program", "both")
def test_out_of_memory_in_a_control_group(who):
    """The kernel kills the program, which is alone in its group. If it shares it with heapwise, it kills the larger
    one: mostly the program, else heapwise first, whose recording then opens up to there and says so."""
    group = MemoryGroup(128 << 20)
    try:
        program = [target("progress"), "truth", "2", "grows"]
        alone = run(*group.enter(*program))
        equal(alone.signal, signal.SIGKILL, "what ends it alone")
        if who == "program":
            recorded = record(*group.enter(*program), complaints=True)
            file = next(f for f in recorded.files() if report(f)["process"]["executable"].endswith("/progress"))
        else:
            recorded = run(*group.enter(HEAPWISE, "run", "--quiet", "-o", "out.heapwise", *program))
            file = "out.heapwise"
        equal(recorded.signal, signal.SIGKILL, f"what ended it: {recorded.stderr!r}")
        r, done = report(file), Progress("truth", 2)
        if who == "both" and r["recording"]["damage"]:
            check("recorder" in r["recording"]["damage"], r["recording"]["damage"])
            check(r["totals"]["allocations"] <= done.allocations + 2, f"allocations: {r['totals']['allocations']}")
            return
        equal((r["process"]["signal"], r["recording"]["damage"]), (9, None), "end that the report tells, and damage")
        done.agrees(r, "out of memory")
        check(r["totals"]["peak_bytes"] > 10 << 20, f"it grew to {r['totals']['peak_bytes']} bytes")
    finally:
        group.close()
