# SPDX-License-Identifier: MIT
"""Allocation while the loader is at work, and programs that the loader cannot enter or that filter calls."""

from harness import TARGETS, agrees, check, equal, own_agrees, record, run, same_as_alone, skip, target, through


def test_resolvers_constructors_and_name_spaces():
    recorded = same_as_alone(target("loader"), TARGETS / "libconstructed.so")
    equal(recorded.status, 0, "exit status")
    r = recorded.report()
    own_agrees(r, recorded.json())
    constructed = through(r, "constructed_begin")
    equal((constructed["allocations"], constructed["leaked_blocks"]), (200, 0), "blocks of the constructors")
    equal(through(r, "resolve")["allocations"], 1, "the block of the resolver")


def test_static_pie():
    recorded = same_as_alone(target("counts_static_pie"), complaints=True)
    equal(len(recorded.complaints), 1, f"lines: {recorded.complaints}")
    check("static" in recorded.complaints[0], recorded.complaints[0])


def test_filter_that_gives_errors():
    if run(target("filtered"), "error").status == 77:
        skip("no filters here")
    recorded = same_as_alone(target("filtered"), "error", complaints=True)
    agrees(recorded.report(), recorded.json())
    equal(len(recorded.complaints), 1, f"lines: {recorded.complaints}")
    check("child" in recorded.complaints[0] and "not permitted" in recorded.complaints[0],
          recorded.complaints[0])


def test_filter_that_kills():
    if run(target("filtered"), "kill").status == 77:
        skip("no filters here")
    recorded = same_as_alone(target("filtered"), "kill")
    equal(recorded.status, 0, "exit status")
    agrees(recorded.report(), recorded.json())
