# SPDX-License-Identifier: MIT
"""Every stack captured in real programs equals the full walk's and libunwind's (unwind_verify.py)."""

from harness import BUILD, SYSTEM_PYTHON, check, each, equal, limit, not_sanitized, run, skip, target

VERIFY = __file__.replace("test_unwinding.py", "unwind_verify.py")


@not_sanitized("the unwinder is tested by itself, without heapwise")
@limit(300)
@each("sqlite3", "perl", "python3", "git", "exceptions", "clang", "storm")
def test_every_capture_of(name):
    targets = target("counts").rpartition("/tests/targets/")[0]  # its build has the library, too
    result = run(SYSTEM_PYTHON, VERIFY, targets or BUILD, name, seconds=290)
    if result.status == 77:
        skip(f"{name} is not installed")
    equal((result.status, result.stderr), (0, ""), f"what it says: {result.stdout}")
    lines = [l for l in result.stdout.splitlines() if "captures" in l]
    check(lines, f"programs were run: {result.stdout!r}")
    for line in lines:
        check("differences: none" in line, line)
        check(int(line.split(" captures")[0].split()[-1].replace(",", "")) > 1000, f"enough of them: {line}")
