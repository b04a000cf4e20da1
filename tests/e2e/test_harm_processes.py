# SPDX-License-Identifier: MIT
"""Processes that come about in unusual ways: none is harmed, and each that can be is recorded."""

import os
import pathlib
import shutil
import time

from harness import (LONG, SYSTEM_PYTHON, agrees, check, each, equal, functions, limit, own, own_agrees, record,
                     report, run, same_as_alone, skip, target, through)


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


@limit(900 if LONG else 120)
@each("fork", "clone")
def test_fork_at_any_instruction_of_a_hook(how):
    """In a handler, and the child allocates before it returns from it: what its parent's hook was in the middle of
    is no more, and what it records afterwards is its own. Most of the rounds are at
    where the call tree is at work."""
    rounds, begin = (2500, 0) if LONG else (100, 50)
    recorded = record(target("fork_stepped"), how, rounds, begin, seconds=500)
    if recorded.status == 77:
        skip("single steps are made for x86-64 only")
    forks = int(recorded.stdout.split()[1])
    equal(recorded.stdout, f"forks {forks} bad 0\n", "children that came to their end")
    check(forks > rounds * 0.6, f"rounds that were interrupted: {forks} of {rounds}")
    equal((recorded.report()["limits"]["lost_events"], recorded.report()["totals"]["leaked_blocks"]), (0, 0), "parent")
    found = children(recorded)
    equal(len(found), forks, "recordings of children")
    for r in found:
        equal(r["limits"]["lost_events"], 0, "events that a child lost")
        own_outer = r["totals"]["allocations"] - 51  # 1 if the fork came before the hook had the block
        check(own_outer in (0, 1), f"what a child allocates: {r['totals']}")
        equal(through(r, "in_handler", "main")["leaked_bytes"], 30 * 503, "its blocks in the handler")
        after = [s for s in r["sites"] if "interrupted" in functions(s) and "in_handler" not in functions(s)]
        number = sum(s["leaked_bytes"] for s in after) - 20 * 307 - 100000 - own_outer * 1009
        stack = [f for f in functions(after[0]) if f in ("zero", "one")]
        equal(len(after), 1, f"call stacks of its blocks afterwards: {[functions(s) for s in after]}")
        equal("".join("1" if f == "one" else "0" for f in stack), f"{number:014b}", "the call stack of the round")


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


def test_spawned_program_outlives_all_that_started_it():
    """By vfork and exec, and the parent ends before the program's first instruction: nobody has heard of it yet."""
    script = f"import os; os.posix_spawn({target('counts')!r}, [{target('counts')!r}], os.environ); os._exit(3)"
    for i in range(10):
        recorded = record(SYSTEM_PYTHON, "-c", script, output=f"{i}.heapwise", complaints=True,
                          options=["--no-symbols"])
        equal(recorded.status, 3, "exit status of the first process")
        child = [f for f in recorded.files() if f.name.startswith(f"{i}.") and f != recorded.main]
        equal(len(child), 1, "recordings of the program")
        agrees(report(child[0]), recorded.json())


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


# Over the directory that the recorder's socket lies in (src/recorder/listen.c).
HIDE_SOCKET = 'mount -t tmpfs none "${XDG_RUNTIME_DIR:-/dev/shm}" && exec "$@"'

NAME_SPACES = {
    "all": ["unshare", "--user", "--map-root-user", "--net", "--ipc", "--uts", "--pid", "--fork", "--mount-proc"],
    "hidden socket": ["unshare", "--mount", "/bin/sh", "-c", HIDE_SOCKET, "sh"],
    "root": ["chroot", "/"],
}


@each(*NAME_SPACES)
def test_program_in_name_spaces_of_its_own(which):
    """As containers are made: the program is entered in there, and finds the recorder."""
    command = [*NAME_SPACES[which], target("counts")]
    if run(*command).status != 0:
        skip("not permitted here")
    recorded = same_as_alone(*command, complaints=True)
    agrees(recorded.report_of("counts"), recorded.json())
    equal(recorded.complaints, [], "complaints")


def test_program_that_nothing_of_the_recorder_reaches():
    """With a network of its own and the directory hidden, neither of its two sockets does: it runs as alone."""
    command = ["unshare", "--mount", "--net", "/bin/sh", "-c", HIDE_SOCKET, "sh", target("counts")]
    if run(*command).status != 0:
        skip("not permitted here")
    recorded = same_as_alone(*command, complaints=True)
    check(recorded.json()["allocations"] > 0, "the program did its work")
    check(len(recorded.complaints) <= 1, f"lines: {recorded.complaints}")  # it ends within milliseconds


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


def one_line_about(recorded, *words):
    equal(len(recorded.complaints), 1, f"lines: {recorded.complaints}")
    for word in words:
        check(word in recorded.complaints[0], f"{word} in {recorded.complaints[0]}")


SECOND = ["/bin/sh", "-c", "sleep 1; echo done; exit 7"]  # as long as it takes to be noticed


def test_empty_environment():
    recorded = same_as_alone("/usr/bin/env", "-i", *SECOND, complaints=True)
    equal((recorded.status, recorded.stdout), (7, "done\n"), "what the program did")
    one_line_about(recorded, "env (process", "sh, which was not recorded", "LD_PRELOAD")


def test_preload_that_is_replaced():
    """In a child, by the program itself: the parent is recorded, and the child missing is said."""
    script = f"import os\nkept = [bytes(9) for _ in range(999)]\nos.environ['LD_PRELOAD'] = ''\n" \
             f"if os.fork() == 0: more = [bytes(99) for _ in range(9999)]; os.execv({SECOND[0]!r}, {SECOND!r})\n" \
             f"os._exit(os.waitstatus_to_exitcode(os.wait()[1]))"
    recorded = same_as_alone("/usr/bin/python3", "-c", script, complaints=True, env={"PYTHONMALLOC": "malloc"})
    equal((recorded.status, recorded.stdout), (7, "done\n"), "what the program did")
    check(recorded.report()["totals"]["allocations"] > 999, "the parent's recording")
    one_line_about(recorded, "python3", "sh, which was not recorded")


def test_wrapper_of_a_static_program():
    script = f'{target("nothing")}; exec {target("counts_static")}'
    recorded = same_as_alone("/bin/sh", "-c", script, complaints=True)
    check(recorded.json()["allocations"] > 0, "the program did its work")
    check(len(recorded.complaints) <= 1, f"lines: {recorded.complaints}")  # it ends within milliseconds


def test_no_word_of_what_was_not_to_be_followed():
    equal(record("/usr/bin/env", "-i", *SECOND, options=["--no-follow"]).status, 7, "exit status")


def test_program_that_is_replaced_while_it_runs():
    """Another file at its path is no other program."""
    shutil.copy("/bin/sleep", "program")
    script = "./program 1 & cp /bin/true other && mv other program; wait $!; echo $?"
    recorded = record("/bin/sh", "-c", script)
    equal(recorded.stdout, "0\n", "what it did")


def test_env_that_keeps_ours():
    recorded = record("/usr/bin/env", "-u", "HOME", target("counts"))
    equal(recorded.report_of("counts")["totals"]["allocations"], recorded.json()["allocations"], "allocations")
