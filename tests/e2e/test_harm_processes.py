# SPDX-License-Identifier: MIT
"""Processes that come about in unusual ways: none is harmed, and each that can be is recorded."""

import os
import pathlib
import time

from harness import (LONG, agrees, check, each, equal, limit, own, own_agrees, record, report, run, same_as_alone, skip,
                     target)


def children(recorded):
    """The reports of all processes but the first."""
    first = recorded.report()["process"]["pid"]
    return [r for r in recorded.reports() if r["process"]["pid"] != first]


def leaks_of(r, size):
    """How many of the target's own blocks of one size a process leaks."""
    return sum(s["leaked_blocks"] for s in r["sites"]
               if s["leaked_blocks"] and s["leaked_bytes"] == size * s["leaked_blocks"])


@each("clone", "clears", "soft")
def test_child_of(how):
    recorded = same_as_alone(target("fork_odd"), how)
    equal(recorded.status, 0, "exit status")
    equal(leaks_of(recorded.report(), 211), 7, "the parent's blocks")
    equal([leaks_of(r, 503) for r in children(recorded)], [100], "the child's blocks")


@each("silent", "sibling", "files", "clone3", "first")
def test_child_by_clone(flags):
    if run(target("clone_raw"), flags).status == 77:
        skip("such a clone is not permitted here")
    recorded = same_as_alone(target("clone_raw"), flags)
    equal(recorded.status, 0, "exit status")
    equal(leaks_of(recorded.report(), 211), 7, "the parent's blocks")
    equal([leaks_of(r, 503) for r in children(recorded)], [100], "the child's blocks")


@each("shares", "beside")
def test_child_in_the_same_memory(flags):
    recorded = same_as_alone(target("clone_raw"), flags)
    equal(recorded.status, 0, "exit status")
    agrees(recorded.report(), recorded.json())
    equal(recorded.json()["allocations"], 107, "blocks of both")
    equal(children(recorded), [], "recordings of children")


def test_blocks_that_a_child_inherits():
    """Freed or moved in the child, they end nothing of its own, although their addresses come again at once."""
    recorded = same_as_alone(target("fork_odd"), "inherits")
    truth = recorded.truths()["child"]
    (r,) = children(recorded)
    for key in ("allocations", "frees", "allocated_bytes", "freed_bytes", "leaked_blocks", "leaked_bytes"):
        equal(r["totals"][key], truth[key], key)
    equal((r["totals"]["unknown_frees"], r["totals"]["reallocations"], r["limits"]["order_repairs"]), (500, 500, 0),
          "ends of the parent's blocks, and repairs of order")


def test_child_without_descriptors():
    """With RLIMIT_NOFILE 3 for good a child cannot call: it runs on, and that is said."""
    recorded = same_as_alone(target("fork_odd"), "few", complaints=True)
    equal(recorded.status, 0, "exit status")
    equal(leaks_of(recorded.report(), 211), 7, "the parent's blocks")
    if not children(recorded):
        equal(len(recorded.complaints), 1, f"lines that say so: {recorded.complaints}")


@each("returns", "execs")
def test_fork_in_a_signal_handler(how):
    recorded = record(target("fork_odd"), how)
    equal(recorded.status, 0, "exit status")
    found = children(recorded)
    check(len(found) >= 10, f"{len(found)} recordings of children")
    own_agrees(recorded.report(), recorded.json(), ["allocations", "allocated_bytes"])
    equal(recorded.report()["totals"]["leaked_blocks"], 7, "blocks that the parent leaks")
    for r in found:
        equal(r["limits"]["lost_events"], 0, "lost events")
        if how == "execs" and r["process"]["forked"]:
            continue  # the moment between fork and exec
        if how == "returns":
            equal(leaks_of(r, 503), 100, "blocks of a child")


@each("daemon", "libc")
def test_daemon_outlives_all_that_started_it(how):
    """Alone the first process has gone at once; recorded, heapwise stays until the daemon has ended."""
    for name in ("alone", "recorded"):
        command = [target("fork_odd"), how, os.path.abspath(name)]
        # The daemon waits until its ancestor has been waited for, and this test until the daemon's output ends.
        waited_for = ["/bin/sh", "-c", '"$@"; exit $?', "sh", *command]
        done = run(*waited_for) if name == "alone" else record(*command, complaints=True)
        equal((done.status, done.stdout, done.stderr), (0, "", ""), f"what is seen of it, {name}")
    equal(leaks_of(done.report(), 211), 7, "the first process's blocks")
    equal(sorted(leaks_of(r, 503) for r in children(done))[-1], 100, "the daemon's blocks")
    check(pathlib.Path("recorded").exists(), "the daemon came to its end")
    while not pathlib.Path("alone").exists():
        time.sleep(0.01)


def test_user_that_is_given_up():
    if os.getuid() != 0:
        skip("only root can become another user")
    recorded = same_as_alone(target("fork_odd"), "drops")
    equal(recorded.status, 0, "exit status")
    equal([leaks_of(r, 503) for r in children(recorded)], [100], "the child's blocks")


def test_chroot():
    if os.getuid() != 0:
        skip("only root can change the root directory")
    os.mkdir("jail")
    recorded = same_as_alone(target("fork_odd"), "chroots", "jail")
    equal(recorded.status, 0, "exit status")
    equal([leaks_of(r, 503) for r in children(recorded)], [100], "the child's blocks")


def test_namespaces():
    if run(target("fork_odd"), "unshares").status == 77:
        skip("no new namespaces here")
    recorded = same_as_alone(target("fork_odd"), "unshares", complaints=True)
    equal(recorded.status, 0, "exit status")
    equal(leaks_of(recorded.report(), 211), 7, "the parent's blocks")
    if not children(recorded):
        equal(len(recorded.complaints), 1, f"lines that say so: {recorded.complaints}")


@limit(600)
def test_storm_of_children():
    count = 2000 if LONG else 150
    recorded = record(target("fork_odd"), "storm", count, options=["--no-symbols"], seconds=500)
    equal(recorded.status, 0, "exit status")
    equal(len(recorded.files()), count + 1, "recordings")
    for file in recorded.files()[1::count // 50]:
        equal(leaks_of(report(file), 503), 10, f"blocks of a child, {file}")


@limit(3600 if LONG else 240)
def test_many_forks_while_threads_allocate():
    count = 10000 if LONG else 200
    recorded = record(target("fork_threads"), count, options=["--no-symbols"], seconds=3000 if LONG else 200)
    equal((recorded.status, recorded.stdout), (0, f"forks {count} bad 0\n"), "children that came home")
    equal(len(recorded.files()), count + 1, "recordings")
    for file in recorded.files()[1::count // 50]:
        sums = own(report(file))
        equal((sums["allocations"], sums["leaked_blocks"]), (150, 100), f"a child's own blocks, {file}")


def test_no_recording_replaces_another():
    """A child that allocates, then executes another program: one process, two recordings."""
    script = "import os\nif os.fork() == 0: os.execv(COUNTS, [COUNTS])\nos.wait()"
    command = "/usr/bin/python3", "-c", script.replace("COUNTS", repr(target("counts")))
    for pattern in ("out.heapwise", "%p.heapwise", "%n.heapwise"):
        os.mkdir("d")
        recorded = record(*command, output="d/" + pattern)
        files = list(pathlib.Path("d").iterdir())
        equal(len(files), 3, f"recordings for {pattern}: {files}")
        for file in files:
            equal(report(file)["recording"]["damage"], None, f"damage of {file}")
        for file in files:
            file.unlink()
        os.rmdir("d")
        equal(recorded.status, 0, "exit status")


def test_empty_environment():
    recorded = record("/usr/bin/env", "-i", target("counts"))
    equal(recorded.status, 0, "exit status")
    check(recorded.json()["allocations"] > 0, "the program did its work")


def test_env_that_keeps_ours():
    recorded = record("/usr/bin/env", "-u", "HOME", target("counts"))
    equal(recorded.report_of("counts")["totals"]["allocations"], recorded.json()["allocations"], "allocations")
