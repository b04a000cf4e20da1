# SPDX-License-Identifier: MIT
"""The examples of docs/examples/ci, run as they stand there: they pass, and fail with a smaller budget."""

import os
import pathlib
import shutil
import subprocess
import xml.etree.ElementTree

from harness import BUILD, ROOT, check, equal, limit, need, run, skip

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


APP = """#include <stdlib.h>
#include <string.h>
__attribute__((noinline)) void *work(size_t n) { return malloc(n); }
int main(int argc, char **argv) {
    int rounds = argc > 1 && strcmp(argv[1], "--benchmark") == 0 ? 1000 : 10;
    for (int i = 0; i < rounds; i++) free(work(SIZE));
    return 0;
}
"""
PROJECT = """cmake_minimum_required(VERSION 3.16)
project(app C)
enable_testing()
add_executable(app app.c)
add_test(NAME app COMMAND app)
"""


def steps_of_the_workflow():
    try:
        import yaml
    except ImportError:
        skip("python3-yaml is not installed")
    text = (EXAMPLES / "workflow.yml").read_text()
    (job,) = yaml.safe_load(text)["jobs"].values()
    return job["steps"]


def project(size):
    """A repository whose first commit allocates 100 bytes at a time and whose second `size`."""
    pathlib.Path("project").mkdir()
    files = {"CMakeLists.txt": PROJECT,
             "budgets.toml": "[[budget]]\nprocess = '/app$'\nmax_leaked = 0\nmax_peak = 200\n",
             ".gitignore": "build\nbase\n*.heapwise\n"}
    for name, text in files.items():
        pathlib.Path("project", name).write_text(text)
    git = ("git", "-C", "project", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    run(*git, "init", "-q")
    commits = []
    for bytes_ in (100, size):
        pathlib.Path("project/app.c").write_text(APP.replace("SIZE", str(bytes_)))
        run(*git, "add", "-A")
        equal(run(*git, "commit", "--allow-empty", "-qm", f"{bytes_} bytes").status, 0, "a commit")
        commits.append(run(*git, "rev-parse", "HEAD").stdout.strip())
    return commits[0]


def go_through(steps, base):
    """Runs the steps as the service runs them: each by bash -e -o pipefail, one after the other until one
    fails. Gives the name of that one, or None."""
    pathlib.Path("bin").mkdir()
    # The whole build and installation are tested elsewhere; here they put the one that is built in place.
    pathlib.Path("bin/make").write_text(f'#!/bin/sh\necho "$@" >> "$HOME/made"\ncase "$*" in *install) '
                                        f'ln -sf {BUILD}/heapwise "$HOME/bin/heapwise";; esac\n')
    pathlib.Path("bin/sudo").write_text('#!/bin/sh\nexec "$@"\n')
    for name in ("make", "sudo"):
        pathlib.Path("bin", name).chmod(0o755)
    env = {"PATH": f"{os.getcwd()}/bin:{os.environ['PATH']}", "HOME": os.getcwd(),
           "HEAPWISE_REPOSITORY": ROOT.as_uri()}
    for number, step in enumerate(steps):
        if "run" not in step:
            continue
        commands = step["run"].replace("/tmp/heapwise", os.path.abspath("clone"))
        commands = commands.replace("${{ github.event.pull_request.base.sha }}", base)
        check("${{" not in commands, f"an expression that this test does not know: {commands}")
        env["GITHUB_STEP_SUMMARY"] = os.path.abspath(f"summary.{number}.md")  # one for each step
        pathlib.Path("step.sh").write_text(commands)
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", os.path.abspath("step.sh")],
                              cwd="project", env={**os.environ, **env}, capture_output=True, text=True)
        pathlib.Path("log").open("a").write(f"## {step['name']}: {done.returncode}\n{done.stdout}{done.stderr}")
        if done.returncode != 0:
            return step["name"]
    return None


def summary():
    return "".join(p.read_text() for p in sorted(pathlib.Path(".").glob("summary.*.md")))


def needs():
    need("cmake"), need("ctest"), need("cc"), need("git"), need("bash")
    return steps_of_the_workflow()


@limit(150)
def test_workflow_passes():
    """Every command of the workflow, in a project that keeps to its budgets."""
    steps = needs()
    equal(go_through(steps, project(100)), None, "the step that failed")
    equal(pathlib.Path("made").read_text().splitlines(),
          [f"-C {os.path.abspath('clone')}", f"-C {os.path.abspath('clone')} install"], "how heapwise is installed")
    check(pathlib.Path("clone/Makefile").exists(), "the repository is cloned")
    suites = xml.etree.ElementTree.parse("project/heap-tests.xml").getroot()
    equal((suites.get("tests"), suites.get("failures")), ("2", "0"), "JUnit of the tests")
    suites = xml.etree.ElementTree.parse("project/heap.xml").getroot()
    check(int(suites.get("tests")) >= 5 and suites.get("failures") == "0", "JUnit of the comparison")
    check("Heap budgets: all 2 kept" in summary() and "### Heap: old.heapwise → new.heapwise" in summary(),
          f"what the page of the run shows: {summary()}")
    kept = [p.name for p in pathlib.Path("project").glob("*.heapwise")]
    check({"old.heapwise", "new.heapwise"} < set(kept), f"the recordings to be kept: {kept}")


@limit(150)
def test_workflow_fails_over_the_budget():
    steps = needs()
    equal(go_through(steps, project(300)), "Tests within their budgets", "the step that failed")
    failure = xml.etree.ElementTree.parse("project/heap-tests.xml").getroot().find(".//failure")
    check("300 B of 200 B" in failure.get("message") and "main app.c:6" in failure.text, failure.text)
    check("1 of 2 not kept" in summary(), f"what the page of the run shows: {summary()}")


@limit(150)
def test_workflow_fails_against_the_base():
    """Within the budgets, but more than 5 % above the base of the pull request."""
    steps = needs()
    equal(go_through(steps, project(150)), "Against the base of the pull request", "the step that failed")
    check("EXCEEDED  peak" in pathlib.Path("log").read_text(), pathlib.Path("log").read_text()[-2000:])
    check("| +50 B | grown | 100 B | 150 B |" in summary(), f"what the page of the run shows: {summary()}")
