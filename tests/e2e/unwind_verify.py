#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs real programs with every malloc's stack captured and walked again in full, and compares.

    unwind_verify.py BUILD_DIR [NAME…]      names as printed, "storm" among them

BUILD_DIR/tests/unit/unwind/libunwind_preload.so captures at each malloc, calloc and realloc; each
stack is then walked by rules alone, by libunwind, and one in 16 by the complete DWARF machine. Prints
one line a program. Lines with "storm" are runs in which some calls also start single-stepping, with a
capture after every instruction of the unwinder, of malloc and of the program; libunwind, which would
take the loader's lock there, is left out. Exit status 1 if any stack differed, 77 if nothing could be
run. Programs that are not installed are skipped, and said to be."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS_MAX = 120
HERE = Path(__file__).resolve().parent

SQL = """create table t(a integer primary key, b text, c real);
with recursive n(x) as (select 1 union all select x + 1 from n where x < 20000)
insert into t select x, hex(x * 7919), x / 3.0 from n;
create index i on t(b);
select count(*), sum(length(b)), avg(c) from t group by a % 17 order by 2;
select printf('%d %s', a, b) from t where b like '%7%' order by b desc limit 5;
"""

PERL = r"""my %h; for (1 .. 20000) { $h{"k$_"} = [$_, "x" x ($_ % 50)]; }
my $n = 0; for (sort keys %h) { $n++ if /k(\d+)7$/; } print "$n\n";"""

PYTHON = """import json, re, collections
data = [{"a": i, "b": str(i) * 3, "c": [i / 7] * 3} for i in range(2000)]
text = json.dumps(data)
assert json.loads(text) == data
print(len(text), len(re.findall(r'"b": "(\\d+)"', text)), collections.Counter(text)["1"])
def deep(n): return [n] + deep(n - 1) if n else []
print(len(deep(500)))
"""

CXX = """#include <regex>
#include <string>
bool matches(const std::string &s) {
    static const std::regex pattern("(a|b)*c+[0-9]{2,3}");
    return std::regex_match(s, pattern);
}
"""


def clang_cc1(scratch):
    """The compiler itself, as the driver would start it."""
    clang = shutil.which("clang++") or shutil.which("clang")
    if clang is None:
        return None
    source = scratch / "regex.cpp"
    source.write_text(CXX)
    shown = subprocess.run([clang, "-x", "c++", "-###", "-O1", "-c", "-o", str(scratch / "regex.o"), str(source)],
                           stderr=subprocess.PIPE, text=True, check=True).stderr.splitlines()[-1]
    return [a.replace('\\"', '"') for a in re.findall(r'"((?:[^"\\]|\\.)*)"', shown)]


def exceptions(scratch):
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        return None
    program = scratch / "exceptions"
    source = HERE.parent / "targets" / "unwind_exceptions.cpp"
    subprocess.run([compiler, "-O2", "-o", program, source], check=True)
    return [str(program)]


def installed(name, *arguments):
    path = name if os.access(name, os.X_OK) else shutil.which(name)
    return lambda scratch: [path, *arguments] if path else None


def git_log(scratch):
    """A history made for the purpose: what the tests run in may be no repository."""
    git = shutil.which("git")
    if git is None:
        return None
    stream = []
    for n in range(150):
        text = "".join(f"line {i} of {i * n % 13}\n" for i in range(60))
        stream.append(f"commit refs/heads/main\ncommitter A <a@example.org> {1700000000 + n} +0000\n"
                      f"data 9\nchange {n % 10}\nM 100644 inline file{n % 7}.txt\n"
                      f"data {len(text)}\n{text}\n")
    repository = scratch / "repository"
    subprocess.run([git, "init", "-q", repository], check=True)
    subprocess.run([git, "-C", repository, "fast-import", "--quiet"], input="".join(stream),
                   text=True, check=True)
    return [git, "-C", str(repository), "log", "--stat", "-p", "main"]


PROGRAMS = {
    "sqlite3": installed("sqlite3", ":memory:", SQL),
    "perl": installed("perl", "-e", PERL),
    "python3": installed("/usr/bin/python3", "-c", PYTHON),
    "git": git_log,
    "exceptions": exceptions,
    "clang": clang_cc1,
}
STORMY = ["sqlite3", "perl", "python3", "exceptions"]
STORM_EVERY = 1499  # malloc calls


def run(name, preload, scratch, storm=False):
    command = PROGRAMS[name](scratch)
    if command is None:
        print(f"{name:16} skipped: not installed")
        return None
    report = scratch / f"{name}{storm}.report"
    environment = dict(os.environ, LD_PRELOAD=str(preload), UW_VERIFY_REPORT=str(report),
                       PYTHONMALLOC="malloc", GIT_PAGER="cat")
    if storm:
        environment |= {"UW_PRELOAD_STORM": str(STORM_EVERY), "UW_VERIFY_LIBUNWIND": "0"}
        name += " storm"
    with open(scratch / f"{name}.out", "wb") as output:
        status = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.STDOUT,
                                stdin=subprocess.DEVNULL, timeout=SECONDS_MAX).returncode
    text = report.read_text() if report.exists() else ""
    totals = [dict(zip(words[0::2], map(int, words[1::2])))
              for words in (line.split(": ", 1)[1].split()
                            for line in text.splitlines() if ": captures " in line)]
    if status != 0 or not totals:
        print(f"{name:16} FAILED: exit status {status}, {len(totals)} reports")
        print((scratch / f"{name}.out").read_text(errors="replace")[-2000:])
        return False
    total = {key: sum(t[key] for t in totals) for key in totals[0]}
    classes = [k for k in total if "differ" in k or "longer" in k or "shorter" in k or "reused" in k]
    differences = {k: total[k] for k in classes if total[k]}
    print(f"{name:16} {total['captures']:9,} captures, {total['frames'] / total['captures']:5.1f} "
          f"frames each, {total['libunwind']:9,} by libunwind, {total['machine']:8,} by machine, "
          f"{total['rules']:6,} rules, {total['guessed']} guessed, {total['truncated']} truncated, "
          f"{total['slow']} slow, differences: {differences or 'none'}", flush=True)
    if differences:
        print("".join(line + "\n" for line in text.splitlines()[:80]))
    return not differences


def main():
    preload = Path(sys.argv[1]).resolve() / "tests/unit/unwind/libunwind_preload.so"
    if not preload.exists():
        print(f"skipped: {preload} is not built (it needs libunwind-dev)")
        return 77
    names = sys.argv[2:] or [*PROGRAMS, "storm"]
    with tempfile.TemporaryDirectory() as scratch:
        results = [run(name, preload, Path(scratch)) for name in names if name != "storm"]
        if "storm" in names:
            results += [run(name, preload, Path(scratch), storm=True) for name in STORMY]
    if False in results:
        return 1
    return 0 if True in results else 77


if __name__ == "__main__":
    sys.exit(main())
