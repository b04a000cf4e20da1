# SPDX-License-Identifier: MIT
"""Threads: exact in every interleaving, whoever frees, however they end."""

from harness import check, each, equal, own, own_agrees, record, same_as_alone, target


@each(1, 2, 4, 16)
def test_counts(threads):
    run = record(target("threads"), threads, 20000)
    r, truth = run.report(), run.json()
    own_agrees(r, truth)
    equal(r["totals"]["reallocations"], truth["reallocations"], "reallocations")
    equal(r["totals"]["threads"], threads + 1 if threads else 1, "threads")


@each(1, 2, 4, 16)
def test_peak_at_the_barrier(threads):
    run = record(target("threads"), threads, 500)
    sums = own(run.report())
    equal(sums["peak_bytes"], run.json()["peak_bytes"], "peak bytes")
    equal(sums["peak_blocks"], run.json()["peak_blocks"], "peak blocks")


def test_blocks_freed_by_other_threads():
    run = record(target("cross_free"), 30000)
    r, truth = run.report(), run.json()
    own_agrees(r, truth)
    equal(own(r)["leaked_blocks"], 0, "leaked blocks")
    equal(r["totals"]["reallocations"], truth["reallocations"], "reallocations")
    equal(r["totals"].get("unknown_frees", 0), 0, "frees of unknown blocks")


@each("return", "pthread_exit", "cancel", "syscall", "detach", "tls")
def test_end(how):
    run = record(target("thread_ends"), how)
    r = run.report()
    own_agrees(r, run.json())
    equal(r["totals"]["threads"], 201, "threads")


def test_many_short_ones():
    run = record(target("thread_ends"), "return", 5000)
    own_agrees(run.report(), run.json())
    equal(run.report()["totals"]["threads"], 5001, "threads")
    check(run.main.stat().st_size < 4 << 20, f"the recording has {run.main.stat().st_size} bytes")


def test_allocation_before_and_after_main():
    run = same_as_alone(target("at_exit"))
    own_agrees(run.report(), run.json())
