# SPDX-License-Identifier: MIT
"""Real test suites, perl's and python's own, alone and recorded: every test of theirs ends in the same way.

tools/suites fetches them. A part of each is run here, all with HEAPWISE_LONG=1 (make test-long). A test
of theirs whose result differs is run again on both sides, since some of them depend on the clock."""

import os
import pathlib
import re
import xml.etree.ElementTree

from harness import HEAPWISE, LONG, ROOT, SYSTEM_PYTHON, check, equal, limit, run, sanitized_when_long, skip

SUITES = pathlib.Path(os.environ.get("HEAPWISE_SUITES", ROOT / "build-suites"))
SECONDS = 3000  # for one side of the long forms

PERL = ["base", "cmd", "comp", "opbasic", "mro", "lib"]
PERL_MORE = ["op", "re", "uni", "io"]
PYTHON = ["test_json", "test_re", "test_dict", "test_list", "test_set", "test_unicode", "test_bytes", "test_gc",
          "test_weakref", "test_exceptions", "test_generators", "test_coroutines", "test_fork1", "test_thread",
          "test_mmap", "test_sqlite3", "test_zlib", "test_hashlib", "test_itertools",
          "test_collections", "test_struct", "test_array", "test_csv", "test_dbm", "test_sort",
          "test_posix", "test_pipes", "test_resource", "test_atexit", "test_random", "test_cmath"]


def suite(name):
    path = SUITES / name
    if not path.exists():
        skip("tools/suites has not fetched it (no network?)")
    return path


def recorder(directory):
    os.makedirs(directory, exist_ok=True)
    return [HEAPWISE, "run", "--quiet", "--no-symbols", "-o", f"{directory}/%p.heapwise"]


def recordings_are_whole(directory):
    """A sample of them: the suites make thousands of processes."""
    files = sorted(pathlib.Path(directory).iterdir())
    check(files, "recordings")
    for file in files[::max(1, len(files) // 50)]:
        done = run(HEAPWISE, "fsck", file)
        equal((done.status, done.stderr), (0, ""), f"fsck of {file}")
    for file in files:
        file.unlink()
    return len(files)


def compare(names, outcomes, enough):
    """`outcomes(names, before)` runs tests with the command `before` in front, and gives their results by name.
    """
    alone, recorded = outcomes(names, []), outcomes(names, recorder("recordings"))
    check(len(alone) >= enough, f"{len(alone)} results, where at least {enough} are to be compared")
    recordings_are_whole("recordings")
    for _ in range(2):
        again = sorted({group for group, name in alone.keys() | recorded.keys()
                        if alone.get((group, name)) != recorded.get((group, name))})
        if not again:
            break
        for results, before in ((alone, []), (recorded, recorder("again"))):
            for key in [k for k in results if k[0] in again]:
                del results[key]
            results.update(outcomes(again, before))
    equal([f"{key}: {alone.get(key)} alone, {recorded.get(key)} recorded" for key in alone.keys() | recorded.keys()
           if alone.get(key) != recorded.get(key)], [], "results that differ")
    passed = sum(set(result.split()) == {"ok"} for result in recorded.values())
    check(passed > len(recorded) * 0.9, f"only {passed} of {len(recorded)} pass at all")


def perl_outcomes(names, before):
    """What t/TEST says of each script."""
    done = run(*before, "./perl", "TEST", *names, cwd=suite("perl") / "t", seconds=SECONDS,
               env={"LC_ALL": "C", "PERL_HASH_SEED": "0"})
    found = re.findall(r"^t/(\S+?) \.+ ?(.*?)^(?=t/|All tests|Failed)", done.stdout, re.MULTILINE | re.DOTALL)
    return {(f"{name}.t", "script"): text.strip().splitlines()[-1].strip() for name, text in found}


@limit(4 * SECONDS if LONG else 900)
def test_of_perl():
    directories = PERL + PERL_MORE if LONG else PERL
    root = suite("perl") / "t"
    names = sorted(str(file.relative_to(root)) for d in directories for file in (root / d).glob("*.t"))
    compare(names, lambda some, before: perl_outcomes(some, [os.path.abspath(w) if "/%p" in w else w for w in before]),
            470 if LONG else 100)


def python_outcomes(names, before):
    """The result of each file, and of each test case in it (some names are there twice: doctests)."""
    if os.path.exists("junit.xml"):
        os.remove("junit.xml")
    done = run(*before, SYSTEM_PYTHON, "-m", "test", "--junit-xml", "junit.xml", "--timeout", "120", "-j", "2", *names,
               env={"PYTHONPATH": str(suite("python")), "PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"},
               seconds=SECONDS)
    results = {(name, "file"): "ok" for name in names}
    for kind, listed in re.findall(r"^\d+ tests? ([a-z ]+).*:\n((?:    .*\n)+)", done.stdout, re.MULTILINE):
        for name in listed.split():
            results[name, "file"] = kind
    for part in xml.etree.ElementTree.parse("junit.xml").iter("testsuite"):
        cases = [(case.get("name"), [c.tag for c in case if c.tag in ("error", "failure", "skipped")])
                 for case in part.iter("testcase")]
        files = [re.match(r"test\.(test_\w+)", name) for name, _ in cases]
        file = next((f.group(1) for f in files if f), "?")
        for name, ended in cases:
            results.setdefault((file, name), []).append(ended[0] if ended else "ok")
    return {key: value if isinstance(value, str) else " ".join(sorted(value)) for key, value in results.items()}


@sanitized_when_long("takes minutes; the perl suite runs there")
@limit(4 * SECONDS if LONG else 900)
def test_of_python():
    directory = suite("python") / "test"
    everything = {path.name.removesuffix(".py") for path in directory.glob("test_*")}
    compare(sorted(everything) if LONG else PYTHON, python_outcomes, 20000 if LONG else 3000)
