# SPDX-License-Identifier: MIT
"""The file: cut, damaged, read by a second reader, checked and repaired."""

import json
import pathlib

from harness import (HEAPWISE, ROOT, SYSTEM_PYTHON, check, each, equal, limit, record, report, run, skip,
                     target)

READER = ROOT / "tools/read_recording.py"


@limit(150)
@each("counts", "threads", "temporary", "recursion", "fork_child", "realigned")
def test_second_reader_agrees(name):
    if not READER.exists():
        skip("tools/read_recording.py is not in this tree")
    for file in record(target(name)).files():
        second = run(SYSTEM_PYTHON, READER, file, seconds=120)
        equal((second.status, second.stderr), (0, ""), f"the second reader on {file.name}")
        theirs, ours = json.loads(second.stdout), report(file)["totals"]
        theirs = theirs.get("totals", theirs)
        common = [k for k in ours if k in theirs]
        check(len(common) >= 8, f"totals that both tell: {common}")
        for key in common:
            equal(ours[key], theirs[key], f"{key} in {file.name}")


def test_fsck_of_a_whole_one():
    run_ = record(target("counts"))
    result = run(HEAPWISE, "fsck", run_.main)
    equal((result.status, result.stderr), (0, ""), "fsck")


@limit(150)
def test_cut_anywhere():
    """Whatever is left of a file opens up to its last whole chunk, or heapwise says what is wrong."""
    whole = record(target("counts")).main.read_bytes()
    file = pathlib.Path("cut.heapwise")
    steps = 25
    for i in range(steps + 1):
        length = len(whole) * i // steps - (1 if i == steps else 0)
        file.write_bytes(whole[:max(length, 0)])
        result = run(HEAPWISE, "report", file, "--json")
        check(result.status in (0, 1), f"status {result.status} of a file cut at {length}")
        if result.status == 0:
            json.loads(result.stdout)
            text = result.stderr + result.stdout
            check("damage" in text or "incomplete" in text or "cut" in text or "trunc" in text,
                  f"a file cut at {length} of {len(whole)} is not said to be damaged")
        else:
            check(result.stderr.startswith("heapwise: "), f"cut at {length}: {result.stderr!r}")
        check(run(HEAPWISE, "fsck", file).status != 0, f"fsck finds a file cut at {length} whole")


def test_repair():
    """What is left of a cut file becomes a whole one that says the same."""
    whole = record(target("threads"), 4, 30000).main.read_bytes()
    for part in (3, 6, 9):
        pathlib.Path("cut.heapwise").write_bytes(whole[:len(whole) * part // 10])
        repaired = run(HEAPWISE, "fsck", "--repair", f"{part}.heapwise", "cut.heapwise")
        equal(repaired.status, 0, f"status of the repair ({repaired.stderr})")
        again = run(HEAPWISE, "fsck", f"{part}.heapwise")
        equal((again.status, again.stderr), (0, ""), "fsck of what was repaired")
        before = json.loads(run(HEAPWISE, "report", "--json", "cut.heapwise").stdout)["totals"]
        after = report(f"{part}.heapwise")["totals"]
        for key in ("allocations", "frees", "allocated_bytes", "peak_bytes", "temporary"):
            equal(after[key], before[key], f"{key} before and after the repair")


@limit(150)
def test_flipped_bytes():
    whole = record(target("peak")).main.read_bytes()
    file = pathlib.Path("flipped.heapwise")
    for i in range(60):
        at = len(whole) * i // 60
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1:])
        result = run(HEAPWISE, "report", file, "--json")
        check(result.status in (0, 1), f"status {result.status} with byte {at} flipped")
        check(run(HEAPWISE, "fsck", file).status != 0, f"fsck does not see byte {at} flipped")


@each("", "not a recording at all", "heapwise")
def test_other_files(content):
    pathlib.Path("x").write_text(content)
    result = run(HEAPWISE, "report", "x")
    equal((result.status, result.stdout), (1, ""), "status and output")
    check(result.stderr.startswith("heapwise: ") and "x" in result.stderr, f"message: {result.stderr!r}")


def test_missing_file():
    result = run(HEAPWISE, "report", "nowhere.heapwise")
    equal(result.status, 1, "exit status")
    check(result.stderr.startswith("heapwise: ") and "nowhere.heapwise" in result.stderr
          and "No such file or directory" in result.stderr, f"message: {result.stderr!r}")


# What older versions of the format wrote is still read: counted when each was made.
OLD = {
    # sqlite3
    "1.0": {"allocations": 483, "frees": 468, "reallocations": 11, "allocated_bytes": 114119,
            "temporary": 12, "leaked_bytes": 8937, "leaked_blocks": 15, "peak_bytes": 53719,
            "peak_blocks": 297, "events": 940},
    # perl: a hash of lists whose entries go in no order, so that many frees are told by numbers
    "1.1": {"allocations": 1537, "frees": 940, "reallocations": 89, "allocated_bytes": 263347,
            "temporary": 18, "leaked_bytes": 205738, "leaked_blocks": 597, "peak_bytes": 245047,
            "peak_blocks": 1306, "events": 2388},
    # the same, some of whose lists end before the program
    "1.2": {"allocations": 1770, "frees": 1174, "reallocations": 540, "allocated_bytes": 265020,
            "temporary": 304, "leaked_bytes": 201127, "leaked_blocks": 596, "peak_bytes": 233186,
            "peak_blocks": 1164, "events": 2404},
}


@each(*OLD)
def test_recording_of_version(version):
    old = ROOT / f"tests/recordings/v{version}.heapwise"
    equal(old.read_bytes()[8:12], bytes([1, 0, int(version[2:]), 0]), "its version")
    r = report(old)
    expected = OLD[version]
    equal({key: r["totals"][key] for key in expected}, expected, "totals")
    equal(r["recording"]["source"], None, "it is our own")
    second = run(SYSTEM_PYTHON, READER, old)
    equal((second.status, second.stderr), (0, ""), "the second reader")
