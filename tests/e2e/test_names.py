# SPDX-License-Identifier: MIT
"""Names of recordings, and what heapwise says at the end of a run."""

import os
import pathlib
import re

from harness import HEAPWISE, TARGETS, check, each, equal, need, record, report, run, same_as_alone, target


def recordings():
    return sorted(p.name for p in pathlib.Path(".").iterdir() if p.suffix == ".heapwise")


def pid_in(name):
    return report(name)["process"]["pid"]


@each("run", "bare")
def test_default(form):
    result = run(HEAPWISE, *(["run"] if form == "run" else []), target("counts"))
    equal(result.status, 0, "exit status")
    names = recordings()
    equal(len(names), 1, "recordings")
    check(re.fullmatch(r"heapwise\.counts\.\d+\.heapwise", names[0]), f"its name: {names[0]}")
    equal(str(pid_in(names[0])), names[0].split(".")[2], "the process number in it")


def test_output_option():
    same_as_alone(target("counts"), output="name with spaces.heapwise")
    equal(recordings(), ["name with spaces.heapwise"], "recordings")


def test_directory_in_the_name():
    pathlib.Path("sub/deep").mkdir(parents=True)
    record(target("counts"), output="sub/deep/x.heapwise")
    check(pathlib.Path("sub/deep/x.heapwise").exists(), "the recording is where it should be")


def test_placeholders():
    record(target("counts"), output="r-%n-%p.heapwise")
    names = recordings()
    equal(len(names), 1, "recordings")
    check(re.fullmatch(r"r-counts-\d+\.heapwise", names[0]), f"its name: {names[0]}")
    equal(f"r-counts-{pid_in(names[0])}.heapwise", names[0], "the process number in it")


def test_children():
    record(target("fork_child"), "exit", output="x.heapwise")
    names = recordings()
    equal(len(names), 3, "recordings")
    check("x.heapwise" in names, f"the first process's: {names}")
    for name in names:
        if name != "x.heapwise":
            equal(name, f"x.{pid_in(name)}.heapwise", "a child's name")


def test_name_without_suffix():
    record(target("fork_child"), "exit", output="plain")
    check(pathlib.Path("plain").exists(), "the first process's recording")
    check(len([p for p in pathlib.Path(".").iterdir() if p.name.startswith("plain.")]) == 2,
          f"the children's: {list(pathlib.Path('.').iterdir())}")


def test_old_recording_is_replaced():
    pathlib.Path("out.heapwise").write_text("something else, and long enough to be seen behind the new")
    run_ = record(target("counts"))
    equal(run_.report()["totals"]["allocations"], run_.json()["allocations"], "allocations")


def test_what_is_said_at_the_end():
    result = run(HEAPWISE, "-o", "a.heapwise", target("counts"))
    alone = run(target("counts"))
    equal(result.stdout, alone.stdout, "standard output is the program's alone")
    lines = result.stderr.splitlines()
    check(any(re.search(r"heapwise: .*a\.heapwise", l) for l in lines), f"the file is named: {lines[:3]}")
    check(len(lines) > 5, f"a summary follows: {lines}")
    quiet = run(HEAPWISE, "--quiet", "-o", "b.heapwise", target("counts"))
    check(len(quiet.stderr.splitlines()) <= 1, f"--quiet leaves it out: {quiet.stderr!r}")


def test_table_of_processes():
    result = run(HEAPWISE, "-o", "a.heapwise", target("fork_child"), "exit")
    for name in recordings():
        check(name in result.stderr, f"{name} is named in {result.stderr!r}")


@each("--no-such-option", "-o")
def test_usage_errors(option):
    result = run(HEAPWISE, "run", option)
    equal(result.status, 2, "exit status")
    check(result.stderr.startswith("heapwise: "), f"message: {result.stderr!r}")
    equal(result.stdout, "", "standard output")


def test_help_and_version():
    for option in ("--help", "--version"):
        result = run(HEAPWISE, option)
        equal((result.status, result.stderr), (0, ""), option)
        check("heapwise" in result.stdout, f"{option} prints {result.stdout!r}")


def test_options_of_the_program_are_its_own():
    result = record("/bin/echo", "--quiet", "-o", "x", "--help")
    check(result.stdout.startswith("--quiet -o x"), f"echo printed {result.stdout!r}")


def test_modules_named_from_the_working_directory():
    """By dlopen("./…"), closed again at once, and by a relative LD_LIBRARY_PATH: their functions have names."""
    pathlib.Path("plugin.c").write_text("#include <stdlib.h>\nint plugin_work(void) { return malloc(1013) == 0; }\n")
    pathlib.Path("user.c").write_text("int plugin_work(void);\nint main(void) { return plugin_work(); }\n")
    for command in (["-shared", "-fPIC", "-fno-builtin", "-g", "-o", "plugin.so", "plugin.c"],
                    ["-o", "user", "user.c", "-L.", "-l:plugin.so"]):
        equal(run(need("gcc"), *command).status, 0, "gcc")
    opened = record(target("opens_cpp"), "./plugin.so", TARGETS / "libcpp_operators.so", output="o.heapwise")
    linked = record("./user", output="l.heapwise", env={"LD_LIBRARY_PATH": "."})
    for recorded, blocks in ((opened, 20), (linked, 1)):
        r = recorded.report()
        sites = [s for s in r["sites"] if s["leaked_bytes"] == 1013 * blocks]
        equal([(s["stack"][0]["function"], s["stack"][0]["module"]) for s in sites],
              [("plugin_work", os.path.abspath("plugin.so"))], "the function that allocates, and its module")
