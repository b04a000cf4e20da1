# SPDX-License-Identifier: MIT
"""Other allocators as shared libraries: the program keeps its allocator and the recording is exact."""

import glob

from harness import ROOT, check, each, equal, need, not_sanitized, own_agrees, record, run, same_as_alone, skip, target

LIBRARIES = {"jemalloc": "libjemalloc.so.2", "tcmalloc": "libtcmalloc_minimal.so.4",
             "mimalloc": "libmimalloc.so.2*"}


def library(name):
    found = glob.glob(f"/usr/lib/x86_64-linux-gnu/{LIBRARIES[name]}")
    if not found:
        skip(f"{name} is not installed")
    return found[0]


WHY = "heapwise itself gets the allocator, too, and has AddressSanitizer's"


@not_sanitized(WHY)
@each("jemalloc", "tcmalloc", "mimalloc")
def test_preloaded(name):
    recorded = same_as_alone(target("counts"), env={"LD_PRELOAD": library(name)})
    own_agrees(recorded.report(), recorded.json())


@not_sanitized(WHY)
@each("jemalloc", "tcmalloc", "mimalloc")
def test_preloaded_with_threads(name):
    recorded = record(target("threads"), 4, 5000, env={"LD_PRELOAD": library(name)})
    own_agrees(recorded.report(), recorded.json())


def built(name, *link):
    """A target, linked with what is given, as its own build would do it."""
    done = run(need("gcc"), "-g", "-O1", "-fno-builtin", "-fno-allocation-dce", "-w", "-o", name,
               ROOT / f"tests/targets/{name}.c", "-Wl,--no-as-needed", *link, "-pthread")
    equal((done.status, done.stderr), (0, ""), f"building {name} with {link}")
    return f"./{name}"


@each("jemalloc", "tcmalloc", "mimalloc")
def test_linked(name):
    for command in ([built("counts", library(name))], [built("threads", library(name)), "4", "5000"]):
        recorded = same_as_alone(*command)
        own_agrees(recorded.report(), recorded.json())


def test_linked_statically():
    """It is the program's own then, and the agent sees only what libc asks for itself: one line says so."""
    archive = "/usr/lib/x86_64-linux-gnu/libjemalloc.a"
    if not glob.glob(archive):
        skip("jemalloc's archive is not installed")
    recorded = same_as_alone(built("counts", archive, "-lstdc++", "-ldl", "-lm"), complaints=True)
    check(recorded.json()["allocations"] > 0, "the program did its work")
    equal(len(recorded.complaints), 1, f"lines: {recorded.complaints}")
    check("counts brings a malloc of its own" in recorded.complaints[0], recorded.complaints[0])
