# SPDX-License-Identifier: MIT
"""Allocation while the loader is at work, and programs that the loader cannot enter or that filter calls."""

import glob
import os
import pathlib

from harness import (TARGETS, agrees, check, equal, need, own_agrees, record, run, same_as_alone, skip,
                     target, through)


def test_resolvers_constructors_and_name_spaces():
    recorded = same_as_alone(target("loader"), TARGETS / "libconstructed.so")
    equal(recorded.status, 0, "exit status")
    r = recorded.report()
    own_agrees(r, recorded.json())
    constructed = through(r, "constructed_begin")
    equal((constructed["allocations"], constructed["leaked_blocks"]), (200, 0), "blocks of the constructors")
    equal(through(r, "resolve")["allocations"], 1, "the block of the resolver")


def test_static_pie():
    recorded = same_as_alone(target("counts_static_pie"), complaints=True)
    equal(len(recorded.complaints), 1, f"lines: {recorded.complaints}")
    check("static" in recorded.complaints[0], recorded.complaints[0])


def test_filter_that_gives_errors():
    if run(target("filtered"), "error").status == 77:
        skip("no filters here")
    recorded = same_as_alone(target("filtered"), "error", complaints=True)
    agrees(recorded.report(), recorded.json())
    equal(len(recorded.complaints), 1, f"lines: {recorded.complaints}")
    check("child" in recorded.complaints[0] and "not permitted" in recorded.complaints[0],
          recorded.complaints[0])


def test_filter_that_kills():
    if run(target("filtered"), "kill").status == 77:
        skip("no filters here")
    recorded = same_as_alone(target("filtered"), "kill")
    equal(recorded.status, 0, "exit status")
    agrees(recorded.report(), recorded.json())


def test_plugins_in_cpp_of_a_program_in_c():
    """Each operator is the one that it is alone: that of the plugin's library, or the plugin's own."""
    recorded = same_as_alone(target("opens_cpp"), TARGETS / "libcpp_plugin.so", TARGETS / "libcpp_operators.so")
    equal(recorded.status, 0, "exit status")
    r = recorded.report()
    own_agrees(r, recorded.json())
    leaks = through(r, "leak_three()", "plugin_work", "main")
    equal((leaks["leaked_blocks"], leaks["leaked_bytes"]), (20 * 3, 20 * 3 * 1013), "leaks of the plugin")
    released = through(r, "release_all()", "plugin_work", "main")
    equal((released["allocations"], released["leaked_blocks"]), (20 * 400, 0), "blocks that it frees")
    equal(through(r, "in_thread(void*)")["allocations"], 20, "blocks of the thread that its constructor waits for")
    equal(r["totals"]["failed"], 20, "allocations that failed")


def test_plugin_with_another_allocator():
    """jemalloc, opened into a scope of its own: its own entry points are found there, and what they give is seen."""
    libraries = glob.glob("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2")
    if not libraries:
        skip("jemalloc is not installed")
    pathlib.Path("plugin.c").write_text(
        "#include <stddef.h>\nvoid *mallocx(size_t, int); void dallocx(void *, int);\n"
        "int plugin_work(void) { for (int i = 0; i < 100; i++) { void *p = mallocx(307, 0); if (!p) return 1; "
        "dallocx(p, 0); } return mallocx(1013, 0) == NULL; }\n")
    built = run(need("gcc"), "-shared", "-fPIC", "-g", "-O1", "-o", "plugin.so", "plugin.c", libraries[0])
    equal((built.status, built.stderr), (0, ""), "gcc")
    recorded = same_as_alone(target("opens_cpp"), os.path.abspath("plugin.so"), TARGETS / "libcpp_operators.so",
                             env={"GLIBC_TUNABLES": "glibc.rtld.optional_static_tls=65536"})  # jemalloc needs it
    equal(recorded.status, 0, "exit status")
    sums = through(recorded.report(), "plugin_work", "main")
    equal((sums["allocations"] - 20 * 50, sums["leaked_bytes"]), (20 * 101, 20 * 1013), "blocks by mallocx")
