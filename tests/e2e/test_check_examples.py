# SPDX-License-Identifier: MIT
"""The examples of docs/examples/ci, run as they stand there: they pass, and fail with a smaller budget."""

import os
import pathlib
import shutil

from harness import BUILD, ROOT, check, equal, limit, need, run

EXAMPLES = ROOT / "docs/examples/ci"


def copied():
    shutil.copytree(EXAMPLES, "ci")
    return {"PATH": f"{BUILD}:{os.environ['PATH']}", "HOME": os.getcwd()}


def tighten(path, frugal="max_allocations = 2", mean="max_allocations = 1"):
    text = pathlib.Path(path).read_text()
    check(frugal in text, f"the budget of {path}")
    pathlib.Path(path).write_text(text.replace(frugal, mean))


def passes_then_fails(budgets, *command, env):
    result = run(*command, env=env)
    equal(result.status, 0, f"within the budget: {result.stdout[-2000:]} {result.stderr[-2000:]}")
    tighten(budgets)
    result = run(*command, env=env)
    check(result.status != 0, f"over the budget: {result.stdout[-2000:]}")
    return result.stdout + result.stderr


@limit(150)
def test_cmake():
    need("cmake"), need("ctest"), need("cc")
    env = copied()
    for command in (("cmake", "-S", "ci/cmake", "-B", "b"), ("cmake", "--build", "b")):
        result = run(*command, env=env)
        equal(result.status, 0, result.stdout + result.stderr)
    said = passes_then_fails("ci/budgets.toml", "ctest", "--test-dir", "b", "--output-on-failure",
                             env=env)
    check("EXCEEDED  allocations" in said and "2 of 1, 1 too much" in said, said)
    whole = run("heapwise", "run", "--quiet", "--check", "ci/budgets.toml", "--", "ctest", "--test-dir",
                "b", "-R", "^words$", env=env)
    equal(whole.status, 1, f"the whole test run: {whole.stderr}")
    check("EXCEEDED" in whole.stderr, whole.stderr)


@limit(150)
def test_meson():
    need("meson"), need("ninja"), need("cc")
    env = copied()
    result = run("meson", "setup", "b", "ci/meson", env=env)
    equal(result.status, 0, result.stdout + result.stderr)
    said = passes_then_fails("ci/budgets.toml", "meson", "test", "-C", "b", "--print-errorlogs", env=env)
    check("EXCEEDED" in said, said)


@limit(150)
def test_cargo():
    need("cargo")
    env = copied()
    env["CARGO_HOME"] = str(pathlib.Path("cargo-home").resolve())
    env["RUSTUP_HOME"] = os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup"))
    env["HEAPWISE"] = str(BUILD / "heapwise")
    said = passes_then_fails("ci/cargo/budgets.toml", "cargo", "test", "--offline", "--manifest-path",
                             "ci/cargo/Cargo.toml", env=env)
    check("EXCEEDED" in said, said)
