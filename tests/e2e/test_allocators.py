# SPDX-License-Identifier: MIT
"""Other allocators as shared libraries: the program keeps its allocator and the recording is exact."""

import glob

from harness import each, own_agrees, record, same_as_alone, skip, target

LIBRARIES = {"jemalloc": "libjemalloc.so.2", "tcmalloc": "libtcmalloc_minimal.so.4",
             "mimalloc": "libmimalloc.so.2*"}


def library(name):
    found = glob.glob(f"/usr/lib/x86_64-linux-gnu/{LIBRARIES[name]}")
    if not found:
        skip(f"{name} is not installed")
    return found[0]


@each("jemalloc", "tcmalloc", "mimalloc")
def test_preloaded(name):
    recorded = same_as_alone(target("counts"), env={"LD_PRELOAD": library(name)})
    own_agrees(recorded.report(), recorded.json())


@each("jemalloc", "tcmalloc", "mimalloc")
def test_preloaded_with_threads(name):
    recorded = record(target("threads"), 4, 5000, env={"LD_PRELOAD": library(name)})
    own_agrees(recorded.report(), recorded.json())
