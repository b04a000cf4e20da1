# SPDX-License-Identifier: MIT
"""Other tools that sit in or around the program, and programs with an allocator of their own."""

import json
import os
import pathlib

from harness import (HEAPWISE, TRACED, agrees, check, each, equal, limit, need, not_sanitized, own_agrees,
                     record, report, run, same_as_alone, skip, target)


def test_program_with_a_malloc_of_its_own():
    recorded = same_as_alone(target("own_malloc"), complaints=True)
    equal((recorded.status, recorded.stdout), (0, "my own\n"), "what it did")
    equal(len(recorded.complaints), 1, "lines")
    check("own_malloc" in recorded.complaints[0] and "own" in recorded.complaints[0], recorded.complaints[0])


SANITIZED = """
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
    char *p = malloc(100);
    memset(p, argc, 100);
    printf("%s %d\\n", argv[1], p[99]);
    if (argc > 2) { free(p); return p[argc]; }
    free(p);
    return 7;
}
"""


@each("gcc address", "gcc thread", "gcc leak", "gcc undefined", "clang address")
def test_sanitizer(which):
    compiler, kind = which.split()
    pathlib.Path("s.c").write_text(SANITIZED)
    built = run(need(compiler), "-g", "-O1", f"-fsanitize={kind}", "-o", "s", "s.c")
    if built.status != 0:
        skip(f"{compiler} has no -fsanitize={kind} here")
    if run("./s", "x").status != 7:
        skip("it does not run here alone")
    recorded = same_as_alone("./s", "hello", complaints=True)
    equal((recorded.status, recorded.stdout), (7, "hello 2\n"), "what it did")
    if kind != "undefined":
        equal(len(recorded.complaints), 1, f"lines: {recorded.complaints}")
    if kind == "address":
        bad = record("./s", "hello", "free", complaints=True)
        check("heap-use-after-free" in bad.stderr and bad.status != 7, "the sanitizer still does its work")


def test_child_with_a_sanitizer():
    pathlib.Path("s.c").write_text(SANITIZED)
    if run(need("gcc"), "-fsanitize=address", "-o", "s", "s.c").status != 0 or run("./s", "x").status != 7:
        skip("no AddressSanitizer here")
    recorded = same_as_alone("/bin/sh", "-c", "./s child; echo $?", complaints=True)
    equal(recorded.stdout, "child 2\n7\n", "what it did")


def test_strace_inside():
    strace = need("strace")
    recorded = record(strace, "-f", "-o", "trace", target("counts"))
    agrees(recorded.report_of("counts"), recorded.json())


def test_strace_around():
    strace = need("strace")
    result = run(strace, "-f", "-o", "trace", HEAPWISE, "run", "--quiet", "-o", "s.heapwise", target("ends"),
                 "exit", env=TRACED)
    equal(result.status, 24, f"exit status: {result.stderr!r}")
    agrees(report("s.heapwise"), result.json())


def test_gdb_inside():
    gdb = need("gdb")
    recorded = record(gdb, "-q", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "run",
                      "-ex", "info inferiors", target("counts"), complaints=True)
    equal(recorded.status, 0, "exit status")
    counts = [r for r in recorded.reports() if os.path.basename(r["process"]["executable"]) == "counts"]
    truths = [l for l in recorded.stdout.splitlines() if l.startswith('{"name"')]
    equal((len(counts), len(truths)), (1, 1), "runs of the program")
    agrees(counts[0], json.loads(truths[0]))


def test_gdb_stops_inside_malloc():
    """A debugger that halts the program in the middle of a hook, in each call, and lets it go on."""
    gdb = need("gdb")
    recorded = record(gdb, "-q", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "break main",
                      "-ex", "run", "-ex", "break free", "-ex", "ignore 2 500", "-ex", "continue", "-ex", "stepi 20",
                      "-ex", "delete", "-ex", "continue", "--args", target("ends"), "exit", complaints=True)
    ends = [r for r in recorded.reports() if os.path.basename(r["process"]["executable"]) == "ends"]
    equal(len(ends), 1, "runs of the program")
    agrees(ends[0], json.loads(next(l for l in recorded.stdout.splitlines() if l.startswith('{"name"'))))


def test_gdb_around():
    """A debugger of heapwise itself, which follows neither fork nor exec."""
    gdb = need("gdb")
    result = run(gdb, "-q", "-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "run", "--args", HEAPWISE,
                 "run", "--quiet", "-o", "g.heapwise", target("ends"), "exit", env=TRACED)
    check("exited with code 030" in result.stdout, f"what gdb saw: {result.stdout!r}")  # 24
    agrees(report("g.heapwise"), json.loads(next(l for l in result.stdout.splitlines() if l.startswith('{"name"'))))


@not_sanitized("heapwise is then an AddressSanitizer program, which runs unrecorded")
def test_heapwise_on_heapwise():
    recorded = record(HEAPWISE, "run", "--quiet", "-o", "inner.heapwise", target("counts"))
    equal(recorded.status, 0, "exit status")
    agrees(report("inner.heapwise"), recorded.json())
    check(recorded.report()["totals"]["allocations"] > 0, "heapwise's own allocations")


def test_node():
    node = need("node")
    recorded = same_as_alone(node, "-e", "let a = []; for (let i = 0; i < 1e5; i++) a.push({i}); "
                             "console.log(a.length); process.exit(9)", complaints=True)
    equal(recorded.status, 9, "exit status")
    check(recorded.report()["totals"]["allocations"] > 1000, "node's allocations")
