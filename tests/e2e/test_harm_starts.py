# SPDX-License-Identifier: MIT
"""Programs that the agent cannot be loaded into, started by recorded ones and gone at once: one line says so at
the end, with how many; and nothing is said of programs that could be entered, or that did not start."""

import os
import pathlib
import shutil
import stat

from harness import (TARGETS, agrees, check, each, equal, need, record, report, run, same_as_alone, skip, target)
from test_processes import as_nobody

EXECS = ("execve", "execv", "execvp", "execvpe", "execl", "execlp", "execle", "fexecve", "execveat")
DIRECT = (*EXECS, *(f"vfork {e}" for e in EXECS), "posix_spawn", "posix_spawnp")
SEARCHES = {"execvp", "execvpe", "execlp", "posix_spawnp"}
ON_PATH = {"PATH": f"/nonexistent::{TARGETS}:/usr/bin:/bin"}


def the_line(recorded, *words):
    equal(len(recorded.complaints), 1, f"lines: {recorded.complaints}")
    for word in words:
        check(word in recorded.complaints[0], f"{word!r} in {recorded.complaints[0]!r}")


@each(*DIRECT)
def test_static_program(way):
    """Of each function that starts programs, from a child of fork and of vfork."""
    name = "counts_static" if way.split()[-1] in SEARCHES else target("counts_static")
    recorded = same_as_alone(target("starts"), way, 1, name, complaints=True, env=ON_PATH)
    equal(recorded.stdout.splitlines()[-1], "0", "its exit status")
    the_line(recorded, "starts (process", "counts_static, which was not recorded: it is statically linked")
    check("more" not in recorded.complaints[0], f"one program: {recorded.complaints[0]}")


@each(*DIRECT)
def test_program_that_could_be_entered(way):
    """One that never allocates: there is nothing to say of it."""
    name = "nothing" if way.split()[-1] in SEARCHES else target("nothing")
    recorded = same_as_alone(target("starts"), way, 3, name, env=ON_PATH)
    equal(recorded.stdout, "7\n7\n7\n", "exit statuses")


@each(*DIRECT)
def test_arguments_are_passed_on(way):
    recorded = same_as_alone(target("starts"), way, 1, "/bin/sh", "-c", 'echo "<$0> $# $HOME"; exit 7',
                             env={"HOME": "/here"})
    equal(recorded.stdout, "</bin/sh> 0 /here\n7\n", "what it saw, and its exit status")


@each(*DIRECT)
def test_start_that_fails(way):
    """The same error as alone, and no word of it, although the file is one that could not be entered."""
    shutil.copy(target("counts_static"), "forbidden")
    os.chmod("forbidden", stat.S_IRUSR | stat.S_IWUSR)
    recorded = same_as_alone(target("starts"), way, 20, "./forbidden")
    equal(recorded.stdout, "213\n" * 20, "errors: EACCES")
    missing = same_as_alone(target("starts"), way, 2, "/nonexistent/program")
    check(set(missing.stdout.split()) <= {"202", "222"}, f"errors: {missing.stdout}")  # ENOENT; fexecve: EINVAL


@each("nowhere", "vfork nowhere")
def test_wrong_addresses(way):
    """The kernel refuses them, and so does it recorded."""
    recorded = same_as_alone(target("starts"), way, 1, target("nothing"))
    equal(recorded.stdout, "214\n", "EFAULT")


@each("system", "popen")
def test_shell(way):
    """The shell says what it starts, unless it is given an environment without the agent."""
    command = target("counts_static")
    the_line(same_as_alone(target("starts"), way, 1, command, complaints=True), "counts_static, which was not recorded")
    same_as_alone(target("starts"), way, 2, target("nothing"), output="2.heapwise")


@each("system", "popen", "posix_spawn", "vfork execve")
def test_environment_that_is_cleared(way):
    command = ["exit 7"] if way in ("system", "popen") else ["/bin/sh", "-c", "exit 7"]
    recorded = same_as_alone(target("starts"), "clear " + way, 3, *command, complaints=True)
    equal(recorded.stdout, "7\n7\n7\n", "exit statuses")
    the_line(recorded, "/bin/sh, which was not recorded", "LD_PRELOAD", "; nor were 2 more programs")


def test_how_many():
    """More than there are notes for; failed starts and programs that could be entered are not among them."""
    static, forbidden = target("counts_static"), os.path.abspath("forbidden")
    shutil.copy(static, forbidden)
    os.chmod(forbidden, stat.S_IRUSR)
    script = "".join(f"{p} >/dev/null 2>&1; " for p in [static, target("nothing"), forbidden] * 30) + "exit 5"
    recorded = same_as_alone("/bin/sh", "-c", script, complaints=True)
    equal(recorded.status, 5, "exit status")
    the_line(recorded, "counts_static, which was not recorded", "; nor were 29 more programs")


def test_script_is_its_interpreter():
    pathlib.Path("script").write_text(f"#!{target('counts_static')} -x\n")
    pathlib.Path("outer").write_text(f"#! {os.path.abspath('script')}\n")
    os.chmod("script", 0o755)
    os.chmod("outer", 0o755)
    the_line(same_as_alone(target("starts"), "posix_spawn", 1, "./outer", complaints=True),
             "./outer, which was not recorded: it is statically linked")
    pathlib.Path("script").write_text("#!/bin/sh\nexit 3\n")
    equal(same_as_alone(target("starts"), "posix_spawn", 1, "./outer", output="2.heapwise").stdout, "3\n", "status")


def test_loader_that_is_called_by_name():
    """It has no loader itself, but is none the less entered."""
    loader = next(iter(pathlib.Path("/lib64").glob("ld-linux-x86-64.so.2")), None)
    if loader is None:
        skip("the loader is somewhere else")
    recorded = same_as_alone(target("starts"), "vfork execv", 1, loader, target("counts"))
    equal(len(recorded.files()), 2, "recordings")
    agrees(report(recorded.files()[1]), recorded.truths()["counts"])


@each("posix_spawn", "vfork execve")
def test_program_with_rights(way):
    """As sudo is, started by a program of a user who has fewer. Where the kernel gives no rights, it is recorded."""
    if os.getuid() != 0:
        skip("only root can make a set-uid program")
    os.chmod(".", 0o777)
    shutil.copy(target("counts"), "counts")
    os.chown("counts", 0, 0)
    os.chmod("counts", 0o4755)
    try:
        if run("./counts", prepare=as_nobody).status != 0:
            skip("another user may not come here")
        done = same_as_alone(target("starts"), way, 1, "./counts", complaints=True, prepare=as_nobody)
    except PermissionError:
        skip("another user may not execute heapwise where it is")
    the_line(done, "./counts, which was not recorded: it is set-user-ID")
    without = same_as_alone(need("setpriv"), "--no-new-privs", target("starts"), way, 1, "./counts",
                            prepare=as_nobody, output="2.heapwise")
    agrees(without.report_of("counts"), without.truths()["counts"])


def test_no_descriptor_to_look_with():
    """Without a descriptor to be had the file cannot be looked at: it starts all the same."""
    script = f"import os, resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\n" \
             f"os.execv({target('counts_static')!r}, ['counts_static'])"
    recorded = record("/usr/bin/python3", "-c", script, complaints=True)
    equal(recorded.status, 0, "exit status")
    check(recorded.json()["allocations"] > 0, "it did its work")
