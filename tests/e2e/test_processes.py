# SPDX-License-Identifier: MIT
"""fork, vfork, exec, spawn, system: every process that runs the agent has a recording of its own."""

import os
import pathlib
import shutil

from harness import (HEAPWISE, ROOT, agrees, check, each, equal, limit, need, own, own_agrees, record, run,
                     same_as_alone, skip, target)


SUITES = pathlib.Path(os.environ.get("HEAPWISE_SUITES", ROOT / "build-suites"))


@each("exit", "_exit")
def test_fork(how):
    run = same_as_alone(target("fork_child"), how)
    truths = run.truths()
    reports = run.reports()
    equal(len(reports), 3, "recordings")
    by_bytes = {r["totals"]["allocated_bytes"]: r for r in reports}
    equal(sorted(by_bytes), sorted(t["allocated_bytes"] for t in truths.values()), "bytes of each")
    for truth in truths.values():
        r = by_bytes[truth["allocated_bytes"]]
        equal(r["totals"]["allocations"], truth["allocations"], f"allocations of the {truth['name']}")
        equal(r["totals"]["leaked_bytes"], truth["leaked_bytes"], f"leaks of the {truth['name']}")
    equal(run.report()["totals"]["allocated_bytes"], truths["parent"]["allocated_bytes"],
          "the file given by -o is the first process's")


@each("vfork", "vfork_allocates", "fork", "posix_spawn", "system", "popen")
def test_child(way):
    run = same_as_alone(target("spawn"), way, target("counts"))
    truths = run.truths()
    counts = run.report_of("counts")
    agrees(counts, truths["counts"])
    parents = [r for r in run.reports() if os.path.basename(r["process"]["executable"]) == "spawn"
               and own(r)["allocations"] > 0]
    equal(len(parents), 1, "recordings of the parent")
    own_agrees(parents[0], truths["spawn"])


@each("exec", "thread_exec")
def test_exec(way):
    run = same_as_alone(target("spawn"), way, target("counts"))
    agrees(run.report_of("counts"), run.json())
    equal(own(run.report_of("spawn"))["allocations"], 1, "allocations before the exec")


def test_vfork_whose_exec_fails():
    run = same_as_alone(target("spawn"), "vfork_fails", "x")
    own_agrees(run.report(), run.json())


def test_fork_while_threads_allocate():
    run = record(target("fork_threads"), 20, seconds=50)
    equal((run.status, run.stdout), (0, "forks 20 bad 0\n"), "children that came home")
    children = [r for r in run.reports() if r["process"]["pid"] != run.report()["process"]["pid"]]
    equal(len(children), 20, "recordings of children")
    for r in children:
        sums = own(r)
        equal((sums["allocations"], sums["leaked_blocks"]), (150, 100), "a child's own blocks")


def test_a_tree_of_shells():
    script = f"{target('counts')} >/dev/null; ({target('peak')} >/dev/null; exit 3)"
    run = same_as_alone("/bin/sh", "-c", script)
    equal(run.status, 3, "exit status")
    names = sorted(os.path.basename(r["process"]["executable"]) for r in run.reports())
    check("counts" in names and "peak" in names, f"recorded programs: {names}")


@limit(120)
def test_make_with_two_jobs():
    """A real build: every compiler, assembler and linker has a recording, and the result is the same."""
    need("gcc")
    for i in range(4):
        pathlib.Path(f"f{i}.c").write_text(f"#include <stdio.h>\nint f{i}(void) {{ return puts(\"{i}\"); }}\n")
    pathlib.Path("main.c").write_text("int f0(void); int main(void) { return f0() < 0; }\n")
    pathlib.Path("Makefile").write_text("objects = main.o f0.o f1.o f2.o f3.o\n"
                                        "app: $(objects)\n\tgcc -o $@ $(objects)\n"
                                        "%.o: %.c\n\tgcc -O1 -c -o $@ $<\n")
    recorded = record("/usr/bin/make", "-j2", "-s", seconds=100)
    equal((recorded.status, recorded.stderr), (0, ""), "make's status and complaints")
    equal(run("./app").stdout, "0\n", "what the built program prints")
    names = [os.path.basename(r["process"]["executable"]) for r in recorded.reports()]
    for name, count in (("make", 1), ("cc1", 5), ("collect2", 1)):
        equal(names.count(name), count, f"recordings of {name} in {sorted(names)}")
    check(sum("-as" in n or n == "as" for n in names) == 5, f"assemblers in {sorted(names)}")
    check(any(n.endswith(("-ld.bfd", "ld.bfd", "ld", "-ld")) for n in names), f"a linker in {sorted(names)}")
    for r in recorded.reports():
        totals = r["totals"]
        equal(totals["allocations"] - totals["frees"], totals["leaked_blocks"], "blocks at the end")


@limit(400)
def test_make_of_a_real_project():
    """Lua, as its authors publish it: the same bytes are built, and each process of the build has its recording."""
    source = SUITES / "lua"
    if not source.exists():
        skip("tools/suites has not fetched it (no network?)")
    need("gcc")
    shutil.copytree(source, "lua")
    units = len(list(pathlib.Path("lua/src").glob("*.c")))
    done = same_as_alone("/usr/bin/make", "-j2", "-s", "-C", "lua/src", "linux", "MYCFLAGS=-O0",
                         options=["--no-symbols"], seconds=180)
    equal(done.status, 0, "make's status")
    equal(run("lua/src/lua", "-e", "print(2^10)").stdout, "1024.0\n", "what the built interpreter prints")
    objects = len(list(pathlib.Path("lua/src").glob("*.o")))
    equal(objects, units, "compiled files")
    reports = done.reports()
    names = [os.path.basename(r["process"]["executable"]).removeprefix("x86_64-linux-gnu-") for r in reports]
    for name, count in (("make", 2), ("cc1", objects), ("as", objects), ("collect2", 2), ("ld.bfd", 2), ("ar", 1),
                        ("ranlib", 1)):
        equal(names.count(name), count, f"recordings of {name} in {sorted(names)}")
    drivers = sum(n.startswith("gcc") for n in names)
    equal(drivers, objects + 2, f"recordings of the driver in {sorted(names)}")
    for r in reports:
        totals = r["totals"]
        equal((totals["allocations"] - totals["frees"], r["limits"]["lost_events"], r["recording"]["damage"]),
              (totals["leaked_blocks"], 0, None), f"blocks, lost events and damage of {r['process']['command']}")


def test_git():
    git = need("git")
    run(git, "init", "-q", ".")
    for i in range(5):
        pathlib.Path("file").write_text("line\n" * (i + 1))
        run(git, "add", "file")
        run(git, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", f"commit {i}")
    recorded = same_as_alone(git, "--no-pager", "log", "-p", "--stat")
    check(recorded.report()["totals"]["allocations"] > 100, "git's allocations")


def test_no_follow():
    run = same_as_alone(target("spawn"), "fork", target("counts"), options=["--no-follow"])
    equal([os.path.basename(r["process"]["executable"]) for r in run.reports()], ["spawn"],
          "recorded programs")
    environment = record("/bin/sh", "-c", "env; true", options=["--no-follow"], output="e.heapwise")
    check("HEAPWISE" not in environment.stdout, "children do not see anything of heapwise")


NOBODY = 65534


def as_nobody():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


@each("user", "group", "user of another", "capability")
def test_program_with_rights_of_its_own(what):
    """As sudo is: the loader ignores LD_PRELOAD there. It runs as alone, and one line says why it is not recorded."""
    if os.getuid() != 0:
        skip("only root can make a set-uid program")
    os.chmod(".", 0o777)
    shutil.copy(target("counts"), "counts")
    if what == "capability":
        if run(need("setcap"), "cap_net_raw+ep", "counts").status != 0:
            skip("this file system has no capabilities")
    else:
        other = NOBODY if what == "user of another" else 0
        os.chown("counts", other, other)
        os.chmod("counts", 0o2755 if what == "group" else 0o4755)
    prepare = as_nobody if what != "user of another" else None
    try:
        run(HEAPWISE, "--help", prepare=as_nobody)
    except PermissionError:
        skip("another user may not execute heapwise where it is")
    if run("./counts", prepare=prepare).status == 126:
        skip("this file system grants no rights")
    done = same_as_alone("./counts", complaints=True, prepare=prepare)
    equal(done.status, 0, "exit status")
    check(done.json()["allocations"] > 0, "the program did its work")
    equal(len(done.complaints), 1, f"lines that say why it cannot be recorded: {done.complaints}")
    check("set-user-ID" in done.complaints[0] and "./counts" in done.complaints[0], done.complaints[0])


def test_set_uid_program_of_the_same_user():
    """It gives nobody other rights, so it is recorded as any other."""
    shutil.copy(target("counts"), "counts")
    os.chmod("counts", 0o6755)
    done = same_as_alone("./counts")
    agrees(done.report(), done.json())
