# SPDX-License-Identifier: MIT
"""Exact counts: what a program counts itself, and what valgrind counts of it."""

from harness import (HEAPWISE, agrees, check, each, equal, record, run, same_as_alone, skip, target, through,
                     valgrind)


@each("counts", "counts_no_pie", "counts_bind_now")
def test_of_the_program_itself(name):
    run = same_as_alone(target(name))
    agrees(run.report(), run.json())


def test_of_valgrind():
    allocations, frees, size, _ = valgrind(target("counts"))
    totals = record(target("counts")).report()["totals"]
    equal(totals["allocations"], allocations, "allocations")
    equal(totals["frees"], frees, "frees")
    equal(totals["allocated_bytes"], size, "allocated bytes")


def test_nothing_comes_of_nothing():
    run = same_as_alone(target("nothing"))
    totals = run.report()["totals"]
    for key in ("allocations", "frees", "failed", "allocated_bytes", "peak_bytes", "leaked_bytes"):
        equal(totals[key], 0, key)
    equal(run.status, 7, "exit status")


def test_twice_the_same():
    first = record(target("counts"), output="a.heapwise").report()
    second = record(target("counts"), output="b.heapwise").report()
    for key in ("allocations", "frees", "allocated_bytes", "peak_bytes", "temporary", "events"):
        equal(second["totals"][key], first["totals"][key], key)


def test_sites_add_up():
    r = record(target("counts")).report()
    for key in ("allocations", "allocated_bytes", "peak_bytes", "peak_blocks", "leaked_bytes",
                "leaked_blocks", "temporary"):
        equal(sum(s[key] for s in r["sites"]), r["totals"][key], f"sum of the sites' {key}")


def test_peak_and_its_shares():
    run = record(target("peak"))
    truth, r = run.json(), run.report()
    equal(r["totals"]["peak_bytes"], truth["peak_bytes"], "peak bytes")
    equal(r["totals"]["peak_blocks"], truth["peak_blocks"], "peak blocks")
    for function in ("grow_early", "grow_middle", "grow_late"):
        equal(through(r, function)["peak_bytes"], truth[function], f"share of {function} at the peak")


def test_sizes_beyond_32_bits():
    recorded = same_as_alone(target("huge"))
    if recorded.status == 77:
        skip("this machine does not lend so much address space")
    agrees(recorded.report(), recorded.json())


def test_cpp_new_and_delete():
    run = same_as_alone(target("cpp_new"))
    leaks = through(run.report(), "leak_each()")
    equal(leaks["leaked_bytes"], run.json()["leaked_bytes"], "bytes leaked by new")
    equal(leaks["leaked_blocks"], run.json()["leaked_blocks"], "blocks leaked by new")
    released = through(run.report(), "release_each()")
    equal(released["allocations"], 300, "allocations in release_each")
    equal(released["leaked_blocks"], 0, "leaks of release_each")


def test_an_unknown_command_is_an_error():
    result = run(HEAPWISE, "./no-such-program")
    equal(result.status, 127, "exit status, as a shell's")
    check("no-such-program" in result.stderr and result.stderr.startswith("heapwise: "),
          f"the message names the program: {result.stderr!r}")
