# SPDX-License-Identifier: MIT
"""Thousands of threads, and threads and handlers that end or jump in the middle of an allocation."""

from harness import LONG, SANITIZED, TARGETS, check, each, equal, limit, own_agrees, record, run, skip, target, through



def record_storm(*arguments):
    """With the allocator that permits it: preloaded, or, where AddressSanitizer is heapwise's own, linked."""
    if SANITIZED:
        return record(target("storm_with_slots"), *arguments)
    return record(target("storm"), *arguments, env={"LD_PRELOAD": str(TARGETS / "libslots_preload.so")})


@limit(240)
def test_live_ones():
    count = 2000
    if run(target("live_threads"), count).status == 77:
        skip("so many threads are not permitted here")
    recorded = record(target("live_threads"), count, seconds=200)
    equal(recorded.status, 0, "exit status")
    r = recorded.report()
    own_agrees(r, recorded.json())
    equal(r["totals"]["threads"], count + 1, "threads")
    equal(r["limits"]["lost_events"], 0, "lost events")
    megabytes = r["limits"]["agent_bytes"] / 2**20
    check(0 < megabytes < 256, f"memory that the agent took: {megabytes:.0f} MiB")


@limit(3600 if LONG else 200)
def test_short_ones():
    count = 100000 if LONG else 20000
    recorded = record(target("thread_ends"), "return", count, seconds=3000 if LONG else 180)
    r = recorded.report()
    own_agrees(r, recorded.json())
    equal(r["totals"]["threads"], count + 1, "threads")
    equal(r["limits"]["lost_events"], 0, "lost events")
    megabytes = r["limits"]["agent_bytes"] / 2**20
    check(megabytes < 32, f"rings are used again: {megabytes:.0f} MiB")


@each("plain", "alternate")
def test_storm_of_handlers_that_allocate(how):
    recorded = record_storm(how, 20000 if LONG else 5000)
    equal(recorded.status, 0, "exit status")
    r = recorded.report()
    own_agrees(r, recorded.json())
    equal(r["limits"]["lost_events"], 0, "lost events")
    equal(r["limits"]["order_repairs"], 0, "order repairs")
    equal(r["totals"]["unknown_frees"], 0, "frees of unknown blocks")


def test_jumps_out_of_the_middle():
    recorded = record_storm("jumps", 3000)
    equal(recorded.status, 0, "exit status")
    r = recorded.report()
    own_agrees(r, recorded.json())
    every_completed(recorded, r, 3000)


def every_completed(recorded, r, ends):
    """All calls that came back are there; of each that was left in the middle it may be so or not."""
    completed = int(recorded.stdout.split()[1])
    sums = through(r, "jumped_over")
    check(completed <= sums["allocations"] <= completed + ends,
          f"{completed} allocations came back, {sums['allocations']} are recorded")
    check(sums["leaked_blocks"] <= ends, f"{sums['leaked_blocks']} blocks without an end")
    check(r["limits"]["lost_events"] <= 2 * ends, f"{r['limits']['lost_events']} lost events")


def test_threads_that_die_in_the_middle():
    recorded = record_storm("dies")
    equal(recorded.status, 0, "exit status")
    r = recorded.report()
    own_agrees(r, recorded.json())
    every_completed(recorded, r, 300)
    equal(r["totals"]["threads"], 301, "threads")


def test_asynchronous_cancellation():
    recorded = record(target("thread_ends"), "cancel_asynchronously")
    own_agrees(recorded.report(), recorded.json())
