# SPDX-License-Identifier: MIT
"""The export to pprof, read here by a reader of the protobuf wire format that knows only the numbers
of pprof's fields, by protoc, and by go tool pprof where it is installed."""

import gzip
import os
import pathlib
import re
import shutil

from harness import ROOT, check, equal, need, record, run, skip, target
from test_export import export

SUMS = {"alloc_objects": "allocations", "alloc_space": "allocated_bytes", "inuse_objects": "leaked_blocks",
        "inuse_space": "leaked_bytes", "peak_objects": "peak_blocks", "peak_space": "peak_bytes",
        "temporary_objects": "temporary", "temporary_space": "temporary_bytes", "failed_objects": "failed"}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """(number, value) of each field of a message: an integer, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        value, at = varint(data, at)
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        yield key >> 3, value


def one(message):
    return dict(fields(message))


def packed(data):
    values, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


class Profile:
    def __init__(self, file):
        tables = {}
        for number, value in fields(gzip.decompress(pathlib.Path(file).read_bytes())):
            tables.setdefault(number, []).append(value)
        self.texts = [t.decode() for t in tables[6]]
        self.types = [self.texts[one(t)[1]] for t in tables[1]]
        self.units = [self.texts[one(t)[2]] for t in tables[1]]
        self.default = self.texts[tables[14][0]]
        self.samples = [(packed(one(s).get(1, b"")), packed(one(s)[2])) for s in tables[2]]
        self.mappings = {one(m)[1]: one(m) for m in tables[3]}
        self.functions = {one(x)[1]: self.texts[one(x)[2]] for x in tables[5]}
        self.locations = {}
        for l in tables[4]:
            lines = [one(v) for n, v in fields(l) if n == 4]
            self.locations[one(l)[1]] = ([self.functions[x[1]] for x in lines], one(l).get(2, 0))

    def stack(self, sample):
        return tuple(name for location in sample[0] for name in self.locations[location][0])

    def sums(self):
        return {t: sum(s[1][i] for s in self.samples) for i, t in enumerate(self.types)}


def profile(file, *options):
    export(file, "pprof", *options, output="out.pb.gz")
    return Profile("out.pb.gz")


def expected_sums(totals):
    return {t: totals[key] for t, key in SUMS.items()}


def test_sums():
    run_ = record(target("peak"))
    p = profile(run_.main)
    equal(p.sums(), expected_sums(run_.report()["totals"]), "the sums of all types")
    equal(p.default, "peak_space", "the type shown first")
    equal(p.units, ["bytes" if "space" in t else "count" for t in p.types], "units")
    executable = p.texts[next(iter(p.mappings.values()))[5]]
    equal(executable, os.path.realpath(target("peak")), "the first mapping is the program")
    check(all(m == 0 or m in p.mappings for _, m in p.locations.values()), "every mapping is there")


def test_stacks():
    run_ = record(target("counts"))
    wanted, got = {}, {}
    for site in run_.report()["sites"]:
        stack = tuple(f["function"] or os.path.basename(f["module"]) + "+" + f["address"]
                      for f in site["stack"])
        wanted[stack] = wanted.get(stack, 0) + site["allocated_bytes"]
    p = profile(run_.main)
    space = p.types.index("alloc_space")
    for sample in p.samples:
        got[p.stack(sample)] = got.get(p.stack(sample), 0) + sample[1][space]
    equal({k: v for k, v in got.items() if v}, {k: v for k, v in wanted.items() if v}, "stacks")


def test_one_cost():
    run_ = record(target("waits"), 30)
    p = profile(run_.main, "--cost", "calls", "--from", "1ms")
    equal((set(p.types), p.default), ({"alloc_objects", "alloc_space"}, "alloc_objects"), "types")
    equal(p.sums()["alloc_space"], run_.report("--from", "1ms")["totals"]["allocated_bytes"], "the sum")


def test_real_program():
    need("perl")
    run_ = record("perl", "-e", "my %h; $h{$_} = 'x' x $_ for 1..2000; delete $h{$_} for 1..900")
    equal(profile(run_.main).sums(), expected_sums(run_.report("--top", "1")["totals"]), "the sums")


def test_protoc_reads_it():
    need("protoc")
    export(record(target("peak")).main, "pprof", output="out.pb.gz")
    pathlib.Path("out.pb").write_bytes(gzip.decompress(pathlib.Path("out.pb.gz").read_bytes()))
    for how in ("--decode_raw", f"--proto_path={ROOT}/src/export --decode=pprof.Profile pprof.proto"):
        result = run("sh", "-c", f"protoc {how} < out.pb")
        equal((result.status, result.stderr), (0, ""), f"protoc {how}")
        check("peak_space" in result.stdout, result.stdout[:500])


def test_go_tool_pprof_reads_it():
    if not shutil.which("go"):
        skip("go is not installed")
    run_ = record(target("peak"))
    export(run_.main, "pprof", output="out.pb.gz")
    totals = run_.report()["totals"]
    for kind, key in (("peak_space", "peak_bytes"), ("alloc_space", "allocated_bytes")):
        result = run("go", "tool", "pprof", "-unit=B", f"-sample_index={kind}", "-top", "out.pb.gz",
                     env={"HOME": os.getcwd()})
        found = re.search(r"of (\d+)B total", result.stdout)
        equal(found and int(found[1]), totals[key], f"{kind} in {result.stdout[:300]} {result.stderr}")
