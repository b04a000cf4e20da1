# SPDX-License-Identifier: MIT
"""However a process ends, all that was completed before is in its recording."""

from harness import agrees, each, equal, own_agrees, same_as_alone, sanitized, target

SIGNALS = {"abort": 6, "kill": 9, "term": 15, "int": 2, "hup": 1, "segv": 11, "fpe": 8, "ill": 4,
           "bus": 7, "pipe": 13}


@sanitized
@each("return", "exit", "_exit", "quick_exit", "exit_group", *SIGNALS)
def test_of(how):
    run = same_as_alone(target("ends"), how)
    if how in SIGNALS:
        equal(run.status, 128 + SIGNALS[how], "status")
    r = run.report()
    agrees(r, run.json())


@each("thread_exit", "return_with_threads")
def test_with_threads(how):
    run = same_as_alone(target("ends"), how)
    own_agrees(run.report(), run.json())


def test_exec():
    run = same_as_alone(target("ends"), "exec")
    agrees(run.report_of("ends"), run.json())
