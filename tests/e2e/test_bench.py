# SPDX-License-Identifier: MIT
"""The benchmark runs and fills its tables; its figures are nobody's business here."""

from harness import HEAPWISE, ROOT, SYSTEM_PYTHON, check, equal, limit, need, not_sanitized, run


@limit(120)
def test_one_program():
    need("heaptrack")
    result = run(SYSTEM_PYTHON, ROOT / "bench/run", "--runs", 1, "--keep-results", "--out", "out",
                 "--heapwise", HEAPWISE, "perl", seconds=110)
    equal(result.status, 0, f"exit status ({result.stderr})")
    for word in ("perl hash and string churn", "geometric mean", "recorder's memory", "nan"):
        check((word in result.stdout) == (word != "nan"), f"{word!r} in the tables: {result.stdout}")


@not_sanitized("does not run heapwise")
def test_unknown_program():
    result = run(SYSTEM_PYTHON, ROOT / "bench/run", "--keep-results", "--out", "out", "nonsense")
    equal(result.status, 2, "exit status")
    check("nonsense" in result.stderr, f"message: {result.stderr!r}")
