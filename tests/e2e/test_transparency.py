# SPDX-License-Identifier: MIT
"""The program must not notice: output, status, descriptors, environment, signals, terminal."""

import json
import os
import pathlib
import signal
import subprocess
import time

from harness import (HEAPWISE, TARGETS, agrees, check, each, equal, need, own_agrees, record, report, run,
                     same_as_alone, target)

# What following children needs in the environment; nothing else may differ.
OURS = ("LD_PRELOAD=", "HEAPWISE")


def environment_without_ours(lines):
    return [l for l in lines if not l.removeprefix("environment=").startswith(OURS)]


def test_surroundings():
    command = target("surroundings"), "an argument", "*", "", "--quiet", "-o"
    alone = run(*command).stdout.splitlines()
    recorded = record(*command)
    lines = recorded.stdout.splitlines()
    equal(environment_without_ours(lines), environment_without_ours(alone), "what the program sees")
    equal(recorded.stderr, "", "standard error")


def test_environment_added_is_small():
    alone = set(run("/usr/bin/env").stdout.splitlines())
    added = [l for l in record("/usr/bin/env").stdout.splitlines() if l not in alone]
    check(len(added) <= 3, f"variables that heapwise adds: {added}")
    check(all(l.startswith(OURS) for l in added), f"variables that heapwise adds: {added}")


def test_program_that_closes_all_descriptors():
    os.mkdir("files")
    recorded = same_as_alone(target("close_all"), "files")
    own_agrees(recorded.report(), recorded.json())
    for file in pathlib.Path("files").iterdir():
        equal(file.read_bytes(), b"own bytes\n" * 50, f"what {file} holds")


def test_standard_descriptors_closed():
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        command = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh"]
        alone = run(*command, target("ends"), "return")
        recorded = run(*command, HEAPWISE, "run", "--quiet", "-o", "c.heapwise", target("ends"), "return")
        equal(recorded.status, alone.status, f"exit status with {closed}")
        equal(recorded.stdout, alone.stdout, f"standard output with {closed}")


def test_standard_input_reaches_the_program():
    recorded = same_as_alone("/bin/cat", stdin="one\ntwo\n")
    equal(recorded.stdout, "one\ntwo\n", "what cat copied")


def test_user_preload_is_kept():
    library = TARGETS / "libuser_preload.so"
    alone = run(target("preloaded"), env={"LD_PRELOAD": str(library)})
    equal(alone.stdout, "preloaded\n", "alone")
    recorded = record(target("preloaded"), env={"LD_PRELOAD": str(library)})
    equal(recorded.stdout, "preloaded\n", "recorded")
    check(recorded.main.exists(), "it is recorded too")


@each(":", " ")
def test_order_of_user_preloads_is_kept(between):
    """Of two that define one function the first wins, recorded as alone, in the program and in its children."""
    pathlib.Path("other.c").write_text("int getpagesize(void) { return 54321; }\n")
    equal(run(need("gcc"), "-shared", "-fPIC", "-o", "other.so", "other.c").status, 0, "gcc")
    first, second = str(TARGETS / "libuser_preload.so"), os.path.abspath("other.so")
    for libraries, said in (([first, second], "preloaded\n"), ([second, first], "not preloaded\n")):
        recorded = same_as_alone("/bin/sh", "-c", '"$1"; exec "$1"', "sh", target("preloaded"),
                                 env={"LD_PRELOAD": between.join(libraries)})
        equal(recorded.stdout, said * 2, f"what {libraries} make of it")


def test_deepbind():
    recorded = same_as_alone(target("deepbind"), TARGETS / "libdeepbind_library.so")
    equal(recorded.stdout, "library\n", "whose symbol the library sees")


@each("INT", "TERM", "HUP", "QUIT", "USR1")
def test_signal_to_heapwise_reaches_the_program(name):
    number = getattr(signal, "SIG" + name)
    for how in ((), ("catch",)):
        process = subprocess.Popen([HEAPWISE, "run", "--quiet", "-o", "s.heapwise", target("waits"),
                                    "20000", *how], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        equal(process.stdout.readline(), "ready\n", "first line")
        time.sleep(0.1)
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
        status = process.returncode if process.returncode >= 0 else 128 - process.returncode
        if how and name in ("INT", "TERM", "HUP"):
            equal(status, 40 + number, f"status of a program that catches SIG{name}")
            check('"waits"' in out, "it told its truth at the end")
        else:
            equal(status, 128 + number, f"status of a program that SIG{name} ends")
        r = report("s.heapwise")
        check(r["totals"]["allocations"] > 0, "the recording holds what was done before")


def test_control_c_to_the_whole_group():
    """A terminal sends SIGINT to all of the group: the program gets it once and may survive it."""
    process = subprocess.Popen([HEAPWISE, "run", "--quiet", "-o", "s.heapwise", target("waits"), "20000",
                                "catch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)
    equal(process.stdout.readline(), "ready\n", "first line")
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    equal(process.returncode, 42, f"status ({err})")
    truth = json.loads(out.splitlines()[-1])
    own_agrees(report("s.heapwise"), truth)


def test_recorder_killed_program_goes_on():
    process = subprocess.Popen([HEAPWISE, "run", "--quiet", "-o", "k.heapwise", target("waits"), "2500"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    equal(process.stdout.readline(), "ready\n", "first line")
    time.sleep(1.5)
    process.kill()
    out, _ = process.communicate(timeout=30)  # waits for the program, which holds the pipe
    check('"allocations":250000' in out, f"the program did all its work: {out!r}")
    r = report("k.heapwise")
    check(0 < r["totals"]["allocations"] < 250000, f"what was recorded: {r['totals']['allocations']}")


def test_stopped_recorder_only_delays():
    process = subprocess.Popen([HEAPWISE, "run", "--quiet", "-o", "k.heapwise", target("counts")],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=30)
    equal(process.returncode, 0, f"status ({err})")
    agrees(report("k.heapwise"), json.loads(out.splitlines()[-1]))


def test_full_disk_does_not_harm():
    recorded = record(target("counts"), output="/dev/full", complaints=True)
    equal(recorded.status, 0, "exit status")
    check(recorded.json()["allocations"] > 0, "the program did its work")
    check(recorded.complaints, "heapwise says that the recording could not be written")


def test_unwritable_directory():
    alone = run(target("counts"))
    recorded = run(HEAPWISE, "run", "-o", "no/such/dir/x.heapwise", target("counts"))
    check("no/such/dir" in recorded.stderr and "unrecorded" in recorded.stderr, f"what is said: {recorded.stderr!r}")
    equal((recorded.status, recorded.stdout), (0, alone.stdout), "what the program did")


def test_terminal_stays_sane():
    script = need("script")
    result = run(script, "-qec", f"{HEAPWISE} run --quiet -o t.heapwise {target('surroundings')}",
                 "/dev/null")
    check("terminal=1" in result.stdout, f"standard input is still the terminal: {result.stdout!r}")


def test_python_suite_of_one():
    recorded = same_as_alone("/usr/bin/python3", "-c",
                             "import json, subprocess, sys; print(json.dumps([1, {'a': None}])); "
                             "sys.exit(subprocess.call(['/bin/sh', '-c', 'exit 5']))")
    equal(recorded.status, 5, "exit status")
