# SPDX-License-Identifier: MIT
"""What heaptrack gets wrong (docs/peers.md), row by row: each must not happen here."""

import os
import pathlib
import time

from harness import (HEAPWISE, TARGETS, agrees, check, equal, functions, limit, not_sanitized, own,
                     own_agrees, record, report, run, same_as_alone, target, through, valgrind)


@limit(120)
def test_row_01_fork_while_threads_allocate():
    recorded = record(target("fork_threads"), 100, seconds=100)
    equal((recorded.status, recorded.stdout), (0, "forks 100 bad 0\n"), "children that came home")
    equal(len(recorded.files()), 101, "recordings")
    for file in recorded.files()[1:6]:
        equal(own(report(file))["allocations"], 150, "a child's own allocations")


def test_row_02_program_that_closes_all_descriptors():
    os.mkdir("files")
    recorded = same_as_alone(target("close_all"), "files")
    own_agrees(recorded.report(), recorded.json())
    for file in pathlib.Path("files").iterdir():
        equal(file.read_bytes(), b"own bytes\n" * 50, f"what {file} holds")


def test_row_03_static_program():
    recorded = same_as_alone(target("counts_static"), complaints=True)
    equal(len(recorded.complaints), 1, f"lines that say why: {recorded.complaints}")
    check("static" in recorded.complaints[0], recorded.complaints[0])


def test_row_04_last_events_before_exit_signal_and_exec():
    for how in ("_exit", "9", "null", "abort", "exec"):
        recorded = same_as_alone(target("ends"), how, output=f"{how}.heapwise")
        agrees(report(recorded.main), recorded.json())


def test_row_05_wrapper_scripts():
    pathlib.Path("wrapper.sh").write_text(f'#!/bin/sh\nexec "$@"\n')
    os.chmod("wrapper.sh", 0o755)
    for number, wrapper in enumerate((["/bin/sh", "-c", 'exec "$@"', "sh"], ["/usr/bin/env", "A=b"],
                                      ["./wrapper.sh"], ["/usr/bin/env", "/bin/sh", "./wrapper.sh"],
                                      ["/bin/sh", "-c", '"$@"; exit $?', "sh"])):
        os.mkdir(str(number))
        before = os.getcwd()
        wrapper = [w.replace("./wrapper.sh", f"{before}/wrapper.sh") for w in wrapper]
        recorded = same_as_alone(*wrapper, target("counts"), cwd=str(number))
        agrees(recorded.report_of("counts"), recorded.json())


def test_row_06_stacks_deeper_than_64():
    r = record(target("recursion")).report()
    for caller, size in (("caller_red", 1009), ("caller_blue", 2003)):
        sums = through(r, caller, "main")
        equal((sums["leaked_bytes"], sums["leaked_blocks"]), (3 * size, 3), f"below {caller}")


def test_row_07_temporary_is_by_block():
    r = record(target("temporary")).report()
    for name, count in (("rolling_pair", 0), ("true_temporaries", 5000), ("resized_temporaries", 200),
                        ("freed_elsewhere", 0)):
        equal(through(r, name)["temporary"], count, f"temporary blocks of {name}")
    equal(record(target("nothing"), output="n.heapwise").report()["totals"]["temporary"], 0,
          "temporary blocks of a program that allocates nothing")


def test_row_08_realloc_to_zero_frees():
    recorded = record(target("functions"), "realloc_zero")
    totals = recorded.report()["totals"]
    equal((totals["allocations"], totals["frees"], totals["leaked_bytes"]), (1, 1, 0), "totals")


def test_row_09_memalign_and_pvalloc_are_seen():
    for case in ("aligned", "pages"):
        recorded = record(target("functions"), case, output=f"{case}.heapwise")
        agrees(report(recorded.main), recorded.json())


@limit(120)
def test_row_10_realloc_race():
    for i in range(3):
        recorded = record(target("cross_free"), 50000, output=f"{i}.heapwise")
        sums = own(report(recorded.main))
        equal((sums["leaked_blocks"], sums["leaked_bytes"]), (0, 0), "leaks where there are none")
        equal(sums["allocations"], recorded.json()["allocations"], "allocations")


def test_row_11_no_block_of_the_profiler():
    totals = record(target("nothing")).report()["totals"]
    equal(totals["allocations"], 0, "allocations of a program that has none")
    allocations, _, size, _ = valgrind("/bin/true")
    totals = record("/bin/true", output="t.heapwise").report()["totals"]
    equal((totals["allocations"], totals["allocated_bytes"]), (allocations, size), "of /bin/true")


def test_row_12_embedded_suppressions():
    recorded = record(target("suppressed"))
    text = run(HEAPWISE, "report", recorded.main, "--sort", "leaked").stdout
    check("real_leak" in text, "the real leak is shown")
    r = recorded.report()
    equal(r["totals"]["leaked_bytes"], 2003, "leaked bytes")
    equal((r["suppressed"]["blocks"], r["suppressed"]["bytes"]), (1, 1009), "the declared leak")
    equal(recorded.report("--no-suppressions")["totals"]["leaked_bytes"], 3012, "all that leaks")


def test_row_13_rust_v0_symbols():
    pathlib.Path("in.csv").write_text("a,b,3\n" * 50)
    names = {f for s in record(target("csv_reader"), "in.csv").report()["sites"] for f in functions(s)}
    check(any("csv_reader::table::parse" in n for n in names), f"{sorted(names)[:40]}")
    equal([n for n in names if n.startswith("_R")], [], "mangled names")


def test_row_14_names_with_spaces_and_stacks_without_main():
    recorded = same_as_alone(target("without_main"), output="a name with spaces.heapwise")
    own_agrees(report(recorded.main), recorded.json())
    equal(run(HEAPWISE, "report", recorded.main).status, 0, "status of the text report")


def test_row_15_deepbind_is_untouched():
    recorded = same_as_alone(target("deepbind"), TARGETS / "libdeepbind_library.so")
    equal(recorded.stdout, "library\n", "whose symbol the library sees")
    sums = own(recorded.report())
    equal(sums["allocations"], 200, "what the program itself allocates")


def test_row_16_failed_allocations():
    r = record(target("functions"), "malloc_failed").report()
    equal(r["totals"]["failed"], 5, "failed allocations")
    equal(r["totals"]["allocations"], 0, "allocations")
    check(any("malloc_failed" in functions(s) for s in r["sites"]), "their stacks are in the report")


@not_sanitized("judges a time, which is the sanitizers' own then")
def test_row_17_a_run_costs_little():
    """The least of many runs, so that a busy machine does not matter; the bench has the exact figure."""
    def least(*command):
        times = []
        for _ in range(15):
            start = time.perf_counter()
            run(*command)
            times.append(time.perf_counter() - start)
        return min(times)
    added = least(HEAPWISE, "run", "--quiet", "-o", "t.heapwise", "/bin/true") - least("/bin/true")
    check(added < 0.025, f"heapwise adds {added * 1000:.1f} ms to true")


def test_row_17_a_run_loads_little():
    """What only a server or a database needs is not mapped at every start."""
    listed = run(HEAPWISE, "--version", env={"LD_TRACE_LOADED_OBJECTS": "1"}).stdout
    check("libzstd" in listed, f"the loader lists libraries: {listed!r}")
    for late in ("libmicrohttpd", "libgnutls", "libsqlite3"):
        check(late not in listed, f"{late} is loaded at every start")


def test_row_19_units_and_exact_json():
    recorded = record(target("peak"))
    text = run(HEAPWISE, "report", recorded.main).stdout
    check("KiB" in text or "MiB" in text, "binary units that say so")
    equal(recorded.report()["totals"]["peak_bytes"], 2401380, "exact bytes in JSON")
