# SPDX-License-Identifier: MIT
"""The programs of the benchmark: real ones of Debian, on inputs that make_inputs.py writes."""

import pathlib
import shlex
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


class Program:
    """A command to profile, and what the project promises for it: wall time against native."""

    def __init__(self, name, command, what, wall_limit, env=None):
        self.name, self.command, self.what = name, command, what
        self.wall_limit, self.env = wall_limit, env or {}


def clang_cc1(source, output):
    """The command line of the compiler proper, which the driver `clang++` would start."""
    said = subprocess.run(["clang++", "-###", "-std=c++17", "-O1", "-c", source, "-o", output],
                          capture_output=True, text=True, check=True).stderr
    for line in said.splitlines():
        words = shlex.split(line) if line.startswith(' "') else []
        if "-cc1" in words:
            return words
    raise RuntimeError(f"clang++ -### printed no -cc1 line: {said}")


def programs(out):
    """All of them; `out` is where inputs lie and outputs go."""
    source = HERE / "programs"
    return [
        Program("clang", clang_cc1(str(source / "compile_me.cpp"), str(out / "compile_me.o")),
                "clang -cc1 -O1, a file that includes bits/stdc++.h and regex", 1.22),
        Program("jq", ["jq", "-c", "map(.balance) | add", str(out / "input.json")],
                "jq over a 9 MB JSON file", 1.08),
        Program("xmllint", ["xmllint", "--noout", str(out / "input.xml")],
                "xmllint over a 7.5 MB XML file", 1.75),
        Program("python3", ["/usr/bin/python3", str(source / "load_and_dump.py"),
                            str(out / "input.json")],
                "python3 json load and dump, PYTHONMALLOC=malloc", 1.45,
                {"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"}),
        Program("sqlite3", ["sqlite3", ":memory:", f".read {source / 'group_by.sql'}"],
                "sqlite3 :memory:, insert, index, group by", 1.12),
        Program("perl", ["perl", str(source / "churn.pl")],
                "perl hash and string churn", 1.12, {"PERL_HASH_SEED": "0"}),
    ]
