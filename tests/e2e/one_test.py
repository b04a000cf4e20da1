# SPDX-License-Identifier: MIT
"""Runs one test in this process: one_test.py MODULE FUNCTION [CASE]. Exit status 0 passed, 77
skipped, 1 failed; the reason is on standard output. tests/run starts it in an empty directory."""

import ctypes
import importlib
import os
import signal
import sys
import time
import traceback

import harness

PR_SET_CHILD_SUBREAPER = 36


def descendants(of):
    """Process numbers of all that came of this process and still run."""
    parents = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(name)] = int(fields[1])
    found = []
    for pid in parents:
        up = pid
        while up in parents and up != of:
            up = parents[up]
        if up == of and pid != of:
            found.append(pid)
    return found


def command_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return f.read().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return "?"


def left_behind(patience):
    """Commands that still run after the test, which is never right; ends them."""
    end = time.monotonic() + patience
    while True:
        left = descendants(os.getpid())
        if not left or time.monotonic() > end:
            break
        time.sleep(0.02)
    commands = [command_of(pid) for pid in left]
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return commands


def main():
    module, function = sys.argv[1:3]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Whoever runs the tests in the background, or under nohup, has these ignored; programs inherit that.
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    status = 1
    try:
        test = getattr(importlib.import_module(module), function)
        cases = {str(case): case for case in getattr(test, "cases", ())}
        test(*[cases[case] for case in sys.argv[3:]])
        status = 0
    except harness.Skipped as why:
        print(why)
        status = 77
    except harness.Failed as why:
        where = traceback.extract_tb(why.__traceback__)
        lines = [f"{os.path.basename(f.filename)}:{f.lineno}" for f in where if "test_" in f.filename]
        print(f"{' '.join(lines)}: {why}")
    except Exception:
        traceback.print_exc(file=sys.stdout)
    commands = left_behind(patience=3 if status == 0 else 0)
    if commands and status == 0:
        print(f"still running after the test: {commands}")
        status = 1
    sys.exit(status)


main()
