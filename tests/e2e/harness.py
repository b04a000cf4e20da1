# SPDX-License-Identifier: MIT
"""What every end-to-end test uses: run a program alone, record it, and ask the recording.

A test is a function test_NAME in a file test_TOPIC.py. tests/run gives each one a process and an
empty directory of its own. A test passes when it returns and nothing that it started still runs;
it calls skip() where something it needs is not on this machine.
"""

import json
import os
import pathlib
import shutil
import stat
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HEAPWISE_BUILD", ROOT / "build"))
TARGETS = pathlib.Path(os.environ.get("HEAPWISE_TARGETS", BUILD / "tests/targets"))
HEAPWISE = str(BUILD / "heapwise")
SYSTEM_PYTHON = "/usr/bin/python3"
FSCK_MOST = 1 << 20  # larger recordings are not checked whole by every report
SANITIZED = os.environ.get("HEAPWISE_SANITIZED") == "1"  # HEAPWISE is built with sanitizers
# LeakSanitizer, which is in heapwise then, cannot work in a process that somebody traces.
TRACED = {"ASAN_OPTIONS": "detect_leaks=0"} if SANITIZED else {}
# Its allocator ends a process that has no more memory, unless it is told to say so.
SHORT_OF_MEMORY = {"ASAN_OPTIONS": "allocator_may_return_null=1"} if SANITIZED else {}
LONG = os.environ.get("HEAPWISE_LONG") == "1"  # run the long forms of tests that have one


class Failed(Exception):
    """The program under test did something else than it should."""


class Skipped(Exception):
    """Something that the test needs is not here."""


def each(*cases):
    """The test runs once for each case and takes it as its argument."""
    def mark(function):
        function.cases = cases
        return function
    return mark


def not_sanitized(why):
    """The test runs with the plain heapwise alone: it says nothing of the one built with sanitizers."""
    def mark(function):
        function.not_sanitized = why
        return function
    return mark


def sanitized_when_long(why):
    """The test runs with the heapwise built with sanitizers only where HEAPWISE_LONG=1."""
    return (lambda function: function) if LONG else not_sanitized(why)


def limit(seconds):
    """The test may take longer than the 60 seconds that others have."""
    def mark(function):
        function.seconds = seconds
        return function
    return mark


def skip(why):
    raise Skipped(why)


def need(program):
    """Path of a program that the test needs."""
    path = shutil.which(program)
    if path is None:
        skip(f"{program} is not installed")
    return path


def check(condition, what):
    if not condition:
        raise Failed(what)


def equal(actual, expected, what):
    if actual != expected:
        raise Failed(f"{what}: {actual!r}, but it must be {expected!r}")


def target(name):
    path = TARGETS / name
    if not path.exists():
        raise Failed(f"{path} is not built")
    return str(path)


class Result:
    """How a command ended. `status` is what a shell would show: 128 + number for a signal."""

    def __init__(self, command, status, stdout, stderr):
        self.command = command
        self.signal = -status if status < 0 else None  # what ended the command itself
        self.status = 128 - status if status < 0 else status
        self.stdout = stdout
        self.stderr = stderr

    def json(self):
        """The last line of the standard output, in which a target tells its own truth."""
        return json.loads(self.stdout.strip().splitlines()[-1])

    def truths(self):
        """All truths that it and its children told, by name."""
        lines = [json.loads(l) for l in self.stdout.splitlines() if l.startswith("{")]
        return {line["name"]: line for line in lines}


def run(*command, env=None, clean=False, cwd=None, stdin=None, seconds=60, prepare=None):
    """Runs a command to its end; `clean`: with no other environment than `env`."""
    environment = {**({} if clean else os.environ), **(env or {})}
    if SANITIZED and "LD_PRELOAD" in environment:  # AddressSanitizer wants to come first, unless it is told
        environment["ASAN_OPTIONS"] = "verify_asan_link_order=0"
    seconds *= 3 if SANITIZED else 1
    try:
        done = subprocess.run([str(c) for c in command], env=environment, cwd=cwd, input=stdin,
                              stdin=subprocess.DEVNULL if stdin is None else None,
                              capture_output=True, timeout=seconds, text=True,
                              errors="surrogateescape", preexec_fn=prepare)
    except subprocess.TimeoutExpired as e:
        raise Failed(f"{' '.join(map(str, command))}: not done after {seconds} s; it printed "
                     f"{e.stdout!r} and {e.stderr!r}")
    return Result(command, done.returncode, done.stdout, done.stderr)


class Recorded(Result):
    """A recorded run: what the program did, and the recordings that came of it."""

    def __init__(self, result, directory, main):
        super().__init__(result.command, result.status, result.stdout, result.stderr)
        self.signal = result.signal
        self.directory = pathlib.Path(directory)
        self.main = pathlib.Path(main)

    def files(self):
        """All recordings, the first process's first."""
        files = sorted(self.directory.glob("*.heapwise"))
        return sorted(files, key=lambda f: f.name != self.main.name)

    def report(self, *options):
        return report(self.main, *options)

    def reports(self):
        return [report(f) for f in self.files()]

    def report_of(self, name):
        """The one report of the process whose executable is called `name`."""
        found = [r for r in self.reports() if os.path.basename(r["process"]["executable"]) == name]
        if len(found) != 1:
            have = [r["process"]["executable"] for r in self.reports()]
            raise Failed(f"{len(found)} recordings of {name}, where 1 is right; there are {have}")
        return found[0]


def record(*command, options=(), output="out.heapwise", complaints=False, heapwise=HEAPWISE, **how):
    """Records a command. heapwise itself must have nothing to say, unless `complaints`."""
    directory = pathlib.Path(how.get("cwd") or ".").resolve()
    result = run(heapwise, "run", "--quiet", "-o", output, *options, *command, **how)
    own = [l for l in result.stderr.splitlines() if l.startswith("heapwise: ")]
    rest = [l for l in result.stderr.splitlines(True) if not l.startswith("heapwise: ")]
    unexpected = [l for l in own if not l.startswith("heapwise: recorded ")]
    if unexpected and not complaints:
        raise Failed(f"heapwise complained: {unexpected}")
    recorded = Recorded(result, directory, directory / output)
    recorded.stderr = "".join(rest)
    recorded.complaints = unexpected
    return recorded


def files_here(directory):
    """What is in a directory and below it, recordings left out: path, kind and rights, bytes."""
    found = {}
    for path in sorted(pathlib.Path(directory).rglob("*")):
        mode = path.lstat().st_mode
        if path.suffix != ".heapwise":
            found[str(path)] = (mode, path.read_bytes() if stat.S_ISREG(mode) else None)
    return found


def same_as_alone(*command, complaints=False, options=(), output="out.heapwise", **how):
    """Runs a command alone and recorded; output, errors, exit status, signal and files must be the same."""
    directory = how.get("cwd") or "."
    before = files_here(directory)
    alone = run(*command, **how)
    files = files_here(directory)
    for path in sorted(set(files) - set(before), reverse=True):  # the second run begins as the first did
        os.rmdir(path) if stat.S_ISDIR(files[path][0]) else os.unlink(path)
    recorded = record(*command, complaints=complaints, options=options, output=output, **how)
    equal(recorded.status, alone.status, "exit status")
    equal(recorded.signal, alone.signal, "signal that ended it")
    left = files_here(directory)
    differ = [path for path in sorted(set(left) | set(files)) if left.get(path) != files.get(path)]
    equal(differ, [], "files that it left otherwise")
    equal(recorded.stdout, alone.stdout, "standard output")
    equal(recorded.stderr, alone.stderr, "standard error")
    return recorded


def report(file, *options):
    """The JSON report of a recording, with all its sites. One that says it is whole must be so."""
    result = run(HEAPWISE, "report", file, "--json", *options)
    equal(result.stderr, "", f"standard error of the report of {file}")
    equal(result.status, 0, f"exit status of the report of {file}")
    try:
        r = json.loads(result.stdout)
    except ValueError as e:
        raise Failed(f"the JSON report of {file} does not parse: {e}: {result.stdout[:500]!r}")
    if r["recording"]["damage"] is None and os.path.getsize(file) < FSCK_MOST:
        checked = run(HEAPWISE, "fsck", file)
        equal((checked.status, checked.stderr), (0, ""), f"fsck of {file}")
    return r


SITE_SUMS = ("allocations", "allocated_bytes", "peak_bytes", "peak_blocks", "leaked_bytes",
             "leaked_blocks", "temporary")


def functions(site):
    """Names of the functions on a site's stack, innermost first."""
    return [frame.get("function") or "" for frame in site["stack"]]


def through(r, *names):
    """Sums of all sites whose stack passes through a function of each of these names."""
    sums = dict.fromkeys(SITE_SUMS, 0)
    for site in r["sites"]:
        have = functions(site)
        if all(name in have for name in names):
            for key in SITE_SUMS:
                sums[key] += site[key]
    return sums


OWN = ("own_malloc", "own_calloc", "own_realloc")


def own(r):
    """Sums of the sites that a target keeps its truth about (tests/targets/own.h)."""
    sums = dict.fromkeys(SITE_SUMS, 0)
    for site in r["sites"]:
        have = functions(site)
        if any(name in have for name in OWN):
            for key in SITE_SUMS:
                sums[key] += site[key]
    return sums


def agrees(r, truth, peak=True):
    """All totals of a single-threaded C target, which allocates through own_* only."""
    for key in ("allocations", "frees", "reallocations", "failed", "allocated_bytes", "freed_bytes",
                "leaked_bytes", "leaked_blocks") + (("peak_bytes", "peak_blocks") if peak else ()):
        equal(r["totals"][key], truth[key], key)


def own_agrees(r, truth, keys=("allocations", "allocated_bytes", "leaked_bytes", "leaked_blocks")):
    """Those of a target's sites that are its own, where libc or the loader allocate too."""
    sums = own(r)
    for key in keys:
        equal(sums[key], truth[key], f"{key} of the target's own sites")


def valgrind(*command, **how):
    """(allocations, frees, bytes) of a run under valgrind, which counts exactly."""
    # Debian's `valgrind` is a script that shuffles the environment; the program is behind it.
    program = shutil.which("valgrind.bin") or need("valgrind")
    result = run(program, "--tool=memcheck", "--leak-check=no", "--undef-value-errors=no",
                 "--run-libc-freeres=no", "--run-cxx-freeres=no", "--log-file=valgrind.log",
                 *command, seconds=280, **how)
    log = pathlib.Path(how.get("cwd") or ".", "valgrind.log").read_text()
    for line in log.splitlines():
        if "total heap usage:" in line:
            words = line.split("total heap usage:")[1].replace(",", "").split()
            return int(words[0]), int(words[2]), int(words[4]), result
    raise Failed(f"valgrind printed no heap usage: {log[-1000:]}")
