# SPDX-License-Identifier: MIT
"""The export to speedscope, read by speedscope's own importer and by a stricter reader here."""

import fcntl
import json
import shutil

from harness import BUILD, ROOT, check, each, equal, limit, need, record, run, skip, target
from test_export import COSTS, export


def viewers():
    """The folder of the viewers from npm (tests/node/package.json), fetched once for a build."""
    need("npm")
    folder = BUILD / "tests/viewers"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copy(ROOT / "tests/node/package.json", folder)
        have = folder / "node_modules/speedscope/package.json"
        if not have.exists():
            fetched = run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", cwd=folder, seconds=100)
            if fetched.status != 0:
                skip("npm cannot fetch speedscope")
    return folder


def walk(profile, frames):
    """{stack: amount} of an evented profile; it must open and close in order."""
    stacks, stack, at = {}, [], profile["startValue"]
    for event in profile["events"]:
        amount = event["at"] - at
        check(amount >= 0, f"values go up: {event}")
        if amount:
            stacks[tuple(stack)] = stacks.get(tuple(stack), 0) + amount
        at = event["at"]
        if event["type"] == "O":
            stack.append(frames[event["frame"]]["name"])
        else:
            equal(frames[event["frame"]]["name"], stack.pop() if stack else None, "what is closed")
    equal((stack, at), ([], profile["endValue"]), "the end")
    return stacks


def test_stacks():
    run_ = record(target("peak"))
    exported = json.loads(export(run_.main, "speedscope"))
    frames = exported["shared"]["frames"]
    for profile, cost in zip(exported["profiles"], COSTS, strict=True):
        wanted = {}
        for line in export(run_.main, "collapsed", "--cost", cost).splitlines():
            stack, amount = line.rsplit(" ", 1)
            wanted[tuple(stack.split(";"))] = int(amount)
        equal(walk(profile, frames), wanted, f"the stacks of {cost}")


@each("perl", "peak")
@limit(150)
def test_importer(which):
    folder = viewers()
    command = [target("peak")] if which == "peak" else [
        need("perl"), "-e", "sub f { my $n = shift; $n ? f($n - 1) : 'x' x 99 } push @a, f($_) for 1..300"]
    run_ = record(*command)
    export(run_.main, "speedscope", output="out.json")
    result = run("node", ROOT / "tests/node/speedscope_sums.cjs", folder, "out.json")
    equal((result.status, result.stderr), (0, ""), "the importer")
    totals = run_.report("--top", "1")["totals"]
    equal({name.split(":")[0]: sum_ for name, sum_ in result.json().items()},
          {cost: totals[key] for cost, key in COSTS.items()}, "the sums that speedscope sees")
