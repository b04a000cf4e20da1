# SPDX-License-Identifier: MIT
"""Each allocation function with its edge semantics, alone in a process (tests/targets/functions.c)."""

from harness import agrees, each, equal, not_sanitized, run, same_as_alone, target, valgrind

CASES = ("zero_sizes", "free_null", "realloc_zero", "realloc_null", "realloc_failed", "realloc_moves",
         "reallocarray", "calloc_overflow", "malloc_failed", "aligned", "pages", "aligned_failed",
         "errno_kept", "usable_size", "libc_callers")


@each(*CASES)
def test_case(name):
    recorded = same_as_alone(target("functions"), name)
    agrees(recorded.report(), recorded.json())


@not_sanitized("does not run heapwise")
def test_all_cases_are_here():
    equal(tuple(run(target("functions")).stdout.split()), CASES, "the cases of the target")


@not_sanitized("does not run heapwise")
@each("zero_sizes", "realloc_zero", "realloc_null", "realloc_moves", "aligned")
def test_valgrind_says_so_too(name):
    allocations, frees, size, result = valgrind(target("functions"), name)
    truth = result.json()
    equal((truth["allocations"], truth["frees"], truth["allocated_bytes"]), (allocations, frees, size),
          "the target's truth against valgrind's")
