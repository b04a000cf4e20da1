# SPDX-License-Identifier: MIT
"""The C API: what programs tell heapwise and ask of it, in C, C++ and Rust, alone and recorded."""

import json
import os
import pathlib
import re
import shutil
import sqlite3

from harness import (HEAPWISE, ROOT, SYSTEM_PYTHON, check, each, equal, functions, limit, need,
                     not_sanitized, record, report, run, skip, target)

NONE = ("told=0 allocations=0 bytes=0 frees=0 outside=0 freed=0 reallocations=0 failed=0 "
        "live=0/0 peak=0/0 inexact=0")
INNER = ("told=1 allocations=2 bytes=4000 frees=3 outside=2 freed=1000 reallocations=1 failed=1 "
         "live=1/3000 peak=1/3000 inexact=0")
OUTER = ("told=1 allocations=4 bytes=4300 frees=4 outside=1 freed=4100 reallocations=1 failed=1 "
         "live=1/200 peak=2/3200 inexact=0")
MANY = ("told=1 allocations=5000 bytes=80000 frees=2500 outside=0 freed=40000 reallocations=0 failed=0 "
        "live=2500/40000 peak=5000/80000 inexact=0")


def sums(r, top):
    """(allocations, allocated bytes, leaked blocks, leaked bytes) of the stacks with this frame on top."""
    sites = [s for s in r["sites"] if functions(s)[0] == top]
    return tuple(sum(s[k] for s in sites)
                 for k in ("allocations", "allocated_bytes", "leaked_blocks", "leaked_bytes"))


@not_sanitized("does not run heapwise")
@each("c_api", "c_api_static_pie", "c_api_no_pie", "c_api_dlsym")
def test_alone(name):
    """Without heapwise every function says so, and nothing else happens."""
    result = run(target(name))
    equal((result.status, result.stderr), (0, ""), "status, errors")
    lines = result.stdout.splitlines()
    equal(lines[0], "active=0", "is it recorded")
    for line in lines:
        check(line.startswith(("active", "left")) or line.split(" ", 1)[1] == NONE, line)


def test_static_pie_is_not_under_heapwise():
    recorded = record(target("c_api_static_pie"), complaints=True)
    equal(recorded.stdout.splitlines()[0], "active=0", "is it recorded")
    equal(recorded.status, 0, "status")


@each("c_api", "c_api_no_pie", "c_api_dlsym")
def test_pools(name):
    recorded = record(target(name), "pools")
    r = recorded.report()
    equal(sums(r, "[pool strings]"), (101, 100 * 48 + 1024, 60, 59 * 48 + 1024), "pool strings")
    # Ten blocks, all ended at once; five more; and the malloc'ed memory itself, which counts nothing now.
    equal(sums(r, "[pool nodes]"), (16, 1000 + 35, 6, 35), "pool nodes")
    equal(r["totals"]["allocated_bytes"], 40000 + 100 * 48 + 1024 + 1035, "all")
    equal(r["totals"]["unknown_frees"], 0, "unknown frees")
    site = next(s for s in r["sites"] if functions(s)[0] == "[pool strings]")
    check("pools" in functions(site) and "main" in functions(site), f"callers: {functions(site)}")
    text = run(HEAPWISE, "report", "--sort", "leaked", recorded.main).stdout
    check("[pool strings]" in text, "the pool stands in the text")
    for view in (("--tree", "top-down"), ("--sort", "calls"), ("--all-frames",)):
        text = run(HEAPWISE, "report", *view, recorded.main).stdout
        check("[pool strings]" in text, f"the pool stands in the text with {view}: {text}")


TWO_POOLS = r"""
#include <stdlib.h>
#include "heapwise/heapwise.h"
static char arena[1 << 16];
__attribute__((noinline)) void fill(heapwise_pool pool, char *at, int count, size_t size) {
    for (int i = 0; i < count; i++) heapwise_pool_alloc(pool, at + 64 * i, size);
}
int main(void) {
    char *volatile kept = malloc(1000);
    fill(heapwise_pool_create("words & more"), arena, 50, 48);
    fill(heapwise_pool_create("nodes"), arena + 4096, 40, 60);
    return kept == NULL;
}
"""
HELD = {"[pool words & more]": 2400, "[pool nodes]": 2400}


def two_pools():
    pathlib.Path("pools.c").write_text(TWO_POOLS)
    built = run(need("cc"), "-g", "-I", ROOT / "include", "pools.c", "-o", "pools")
    equal((built.status, built.stderr), (0, ""), "the compiler")
    return record("./pools")


@each("pprof", "speedscope", "collapsed", "massif", "heaptrack", "firefox", "trace", "callgrind", "dot", "sqlite",
      "csv", "json")
def test_pools_in_every_export(form):
    """As a frame of their name, with what they hold. Formats that heapwise reads come back with it."""
    file = f"out.{form}"
    result = run(HEAPWISE, "export", two_pools().main, "--to", form, "-o", file)
    equal((result.status, result.stderr), (0, ""), "the export")
    if form in ("pprof", "collapsed", "massif", "heaptrack"):
        back = {}
        for site in report(file)["sites"]:
            name = site["stack"][0]["function"] if site["stack"] else None
            back[name] = back.get(name, 0) + site["peak_bytes"]
        equal({name: back.get(name) for name in HELD}, HELD, f"read back from {form}")
    elif form == "sqlite":
        equal(dict(sqlite3.connect(file).execute("SELECT function, own FROM through WHERE cost = 'peak'"
                                                 " AND function LIKE '[pool %'")), HELD, "sqlite")
    else:
        text = pathlib.Path(file).read_text()
        for name in HELD:
            check(name in text, f"{name} stands in {form}")


def test_pools_in_differences_and_checks():
    recorded = record(target("c_api"), "pools")
    change = json.loads(run(HEAPWISE, "diff", "--json", recorded.main, recorded.main).stdout)
    equal(change["totals"]["peak_bytes"]["change"], 0, "a difference to itself")
    run(HEAPWISE, "export", recorded.main, "--to", "pprof", "-o", "same.pb.gz")
    same = json.loads(run(HEAPWISE, "diff", "--json", "--sort", "leaked", "same.pb.gz", recorded.main).stdout)
    equal(same["stacks"], [], "the export is the same, pools and all")
    other = record(target("c_api"), "moments", output="other.heapwise").main
    change = json.loads(run(HEAPWISE, "diff", "--json", "--sort", "leaked", other, recorded.main).stdout)
    check("[pool strings]" in {s["stack"][0]["function"] for s in change["stacks"]}, "diff names the pool")
    held = ("--function", "^\\[pool strings\\]$", "--max-allocations")
    equal(run(HEAPWISE, "check", *held, 101, recorded.main).status, 0, "a budget of a pool")
    said = run(HEAPWISE, "check", *held, 100, recorded.main)
    check(said.status == 1 and "[pool strings]" in said.stdout, said.stdout)


def test_pool_names_need_no_symbols():
    recorded = record(target("c_api"), "pools", options=("--no-symbols",))
    r = recorded.report("--no-symbols")
    equal(sums(r, "[pool strings]")[0], 101, "pool strings")


def test_the_second_reader_agrees():
    recorded = record(target("c_api"))
    second = run(SYSTEM_PYTHON, ROOT / "tools/read_recording.py", recorded.main)
    equal((second.status, second.stderr), (0, ""), "status of the reader made from the specification")
    told, r = json.loads(second.stdout), recorded.report()
    equal(told["marks"], [{k: m[k] for k in ("name", "time_ms", "live_bytes")} for m in r["marks"]], "marks")
    equal(told["forbidden"], sum(f["allocations"] for f in r["forbidden"]), "forbidden allocations")
    equal(set(told["pools"].values()), {"strings", "nodes", "inherited"}, "pools")


def test_repair_keeps_what_was_told():
    recorded = record(target("c_api"))
    whole = recorded.main.read_bytes()
    pathlib.Path("cut.heapwise").write_bytes(whole[:-41])
    equal(run(HEAPWISE, "fsck", "--repair", "again.heapwise", "cut.heapwise").status, 0,
          "status of the repair")
    before, after = report(recorded.main), report(pathlib.Path("again.heapwise"))
    equal(after["marks"], before["marks"], "marks")
    equal(after["forbidden"], before["forbidden"], "forbidden allocations")
    equal(sums(after, "[pool strings]"), sums(before, "[pool strings]"), "pools")


def test_moments():
    r = record(target("c_api"), "moments").report()
    told = [(m["name"], m["snapshot"]) for m in r["marks"]]
    equal(told, [("before", False), ("with 5000 bytes", True), ("before", False)], "marks")
    first, second, third = r["marks"]
    equal((first["live_bytes"], second["live_bytes"], third["live_bytes"]), (0, 5000, 0), "bytes alive")
    equal((first["event"], second["event"], third["event"]), (0, 1, 2), "events before")
    equal(r["threads"][0]["name"], "the main one", "name of the thread")
    equal(first["tid"], r["threads"][0]["tid"], "thread of the mark")


@each("c_api", "c_api_no_pie")
def test_scopes(name):
    lines = record(target(name), "scopes").stdout.splitlines()
    equal(lines, ["active=1", "inner " + INNER, "outer " + OUTER, "many " + MANY, "twice " + NONE], "scopes")


def test_scopes_with_threads():
    recorded = record(target("c_api"), "threads")
    lines = sorted(recorded.stdout.splitlines()[1:])
    equal(lines, sorted(4 * ["inner " + INNER, "outer " + OUTER, "many " + MANY, "twice " + NONE]), "scopes")
    # 4 threads: malloc, 2 + 1 + 1 in the scopes, 5000; the loader's and pthread_create's own come on top
    check(recorded.report()["totals"]["allocations"] >= 4 * 5005, "all is recorded as well")


def test_forbidden_allocations():
    recorded = record(target("c_api"), "forbidden")
    equal(recorded.stdout.splitlines()[1], "left 0 1 0", "the program goes on")
    r = recorded.report()
    equal(sum(f["allocations"] for f in r["forbidden"]), 6, "forbidden allocations")
    equal(sum(f["bytes"] for f in r["forbidden"]), 6 * 777, "their bytes")
    for f in r["forbidden"]:
        check(re.search(r"c_api\.c:\d+$", f["inside"]), f["inside"])
        equal([x["function"] for x in f["stack"]][:3], ["careless", "forbidden", "main"], "call stack")
    text = run(HEAPWISE, "report", recorded.main).stdout
    check("Forbidden allocations: 6 where" in text, text)


def test_forbidden_allocations_abort_when_asked():
    recorded = record(target("c_api"), "aborted", complaints=True)
    equal(recorded.complaints, ["heapwise: an allocation of 777 bytes where the program allows none"],
          "what is said")
    equal(recorded.status, 128 + 6, "status of the macro that aborts")
    recorded = record(target("c_api"), "forbidden", options=("--abort-on-alloc",), output="b.heapwise",
                      complaints=True)
    equal(recorded.status, 128 + 6, "status with --abort-on-alloc")
    r = recorded.report()
    equal([(f["allocations"], f["bytes"]) for f in r["forbidden"]], [(1, 777)], "the one that ended it")


def test_fork():
    recorded = record(target("c_api"), "forked")
    check("child " + NONE in recorded.stdout, "a parent's scope is not the child's")
    parent, child = recorded.reports()
    equal(sums(parent, "[pool inherited]"), (1, 333, 1, 333), "the parent's block")
    equal(sums(child, "[pool inherited]"), (1, 444, 1, 444), "the child's block")


def test_all_under_valgrind():
    """Valgrind sees an ordinary program, whose header does nothing."""
    need("valgrind")
    result = run("valgrind", "--error-exitcode=9", "--leak-check=no", "--quiet", target("c_api"), seconds=200)
    equal((result.status, result.stderr), (0, ""), "status, complaints")


def test_cpp():
    alone = run(target("c_api_cpp"))
    equal(alone.stdout, "told=0 allocations=0 live=0/0\nfound=2\ncaught: an exception is allocated, too\n",
          "alone")
    recorded = record(target("c_api_cpp"))
    equal(recorded.stdout.splitlines()[0], "told=1 allocations=3 live=3/598"
          if "live=3/598" in recorded.stdout else "told=1 allocations=3", "scope")
    forbidden = recorded.report()["forbidden"]
    check(any(x["function"] == "thrown()" for f in forbidden for x in f["stack"]), f"{forbidden}")
    check(not any("lookups" in str(x["function"]) for f in forbidden for x in f["stack"]), f"{forbidden}")


def test_rust():
    alone = run(target("c_api_rust"))
    equal(alone.stdout, "active=false\nnot under heapwise: nothing is asserted\n", "alone")
    recorded = record(target("c_api_rust"))
    check("allocations: 2, allocated_bytes: 1800, frees: 1, freed_bytes: 1000, outside_frees: 0" in
          recorded.stdout and "peak_blocks: 2, peak_bytes: 1800" in recorded.stdout, recorded.stdout)
    r = recorded.report()
    equal([(f["inside"], f["allocations"], f["bytes"]) for f in r["forbidden"]], [("careless", 1, 3)],
          "forbidden")
    check(any("careless" in str(x["function"]) for x in r["forbidden"][0]["stack"]), "its call stack")
    equal(sums(r, "[pool rust pool]"), (2, 30, 1, 20), "pool")
    equal([m["name"] for m in r["marks"]], ["begin", "end"], "marks")


@each(("scope.c", "cc", "greeting: 1 allocation(s), 12 bytes\nHello, heap, 6\n", "Hello, heap, 6\n"),
      ("scope.cpp", "c++", "words: 1 allocation(s), 0 still alive\n", ""))
def test_examples(case):
    """Those of examples/, built as their first lines say."""
    name, compiler, wanted, rest = case
    built = run(need(compiler), "-I", ROOT / "include", ROOT / "examples" / name, "-o", "scope")
    equal((built.status, built.stderr), (0, ""), "the compiler")
    alone = run("./scope")
    equal((alone.status, alone.stdout), (0, "not under heapwise: nothing is asserted\n" + rest), "alone")
    recorded = record("./scope")
    equal((recorded.status, recorded.stdout), (0, wanted), "recorded")


@limit(150)
def test_rust_by_cargo():
    """As the page on the C API says it: the crate, its example, alone and recorded, without a network."""
    need("cargo")
    shutil.copytree(ROOT / "examples/rust-heapwise", "crate")
    env = {"CARGO_HOME": str(pathlib.Path("home").resolve()), "CARGO_TARGET_DIR": str(pathlib.Path("built").resolve()),
           "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup"))}
    command = ("cargo", "run", "--quiet", "--offline", "--example", "count", "--manifest-path", "crate/Cargo.toml")
    alone = run(*command, env=env, seconds=140)
    equal((alone.status, alone.stdout), (0, run(target("c_api_rust")).stdout), f"alone: {alone.stderr}")
    check("not under heapwise" in alone.stdout, alone.stdout)
    recorded = run(HEAPWISE, "run", "--quiet", "-o", "r.%n.%p.heapwise", *command, env=env, seconds=140)
    equal((recorded.status, recorded.stdout), (0, record(target("c_api_rust")).stdout), f"recorded: {recorded.stderr}")
    check(list(pathlib.Path(".").glob("r.count.*.heapwise")), "the example's own recording")


def test_heaptracks_names():
    equal(run(target("heaptrack_user")).stdout, "known=0\n", "alone")
    recorded = record(target("heaptrack_user"))
    equal(recorded.stdout, "known=1\n", "recorded")
    r = recorded.report()
    equal(sums(r, "main"), (11, 10 * 77 + 1234, 5, 4 * 77 + 1234), "its blocks")


def test_heaptracks_header():
    """heaptrack's own header in a library, unchanged."""
    header = pathlib.Path("/usr/include/heaptrack_api.h")
    if not header.exists():
        skip("heaptrack_api.h is not installed")
    pathlib.Path("pool.c").write_text("""
        #include <heaptrack_api.h>
        static char memory[100];
        void pool_use(void) {
            heaptrack_report_alloc(memory, 10);
            heaptrack_report_realloc(memory, 20, memory + 50);
            heaptrack_report_alloc(memory, 5);
            heaptrack_report_free(memory + 50);
        }""")
    pathlib.Path("main.c").write_text("void pool_use(void); int main(void) { pool_use(); return 0; }")
    for command in (("-shared", "-fPIC", "pool.c", "-o", "libpool.so"),
                    ("main.c", "-o", "user", "-L.", "-lpool", "-Wl,-rpath,$ORIGIN")):
        equal(run(need("cc"), *command).stderr, "", "compiler")
    equal(run("./user").status, 0, "alone")
    r = record(str(pathlib.Path("user").resolve())).report()
    equal(sums(r, "pool_use"), (3, 35, 1, 5), "its blocks")


@each("alone", "with valgrind's header")
def test_valgrinds_names(how):
    program = target("mempool_user")
    if how != "alone":
        if not pathlib.Path("/usr/include/valgrind/memcheck.h").exists():
                skip("valgrind/memcheck.h is not installed")
        program = str(pathlib.Path("user").resolve())
        done = run(need("cc"), "-g", "-include", "valgrind/memcheck.h", "-I", ROOT / "include",
                   ROOT / "tests/targets/mempool_user.c", "-o", program)
        equal(done.stderr, "", "compiler")
    equal(run(program).stdout, "exists 0 0 0\n", "alone")
    recorded = record(program)
    equal(recorded.stdout, "exists 1 0 1\n", "recorded")
    r = recorded.report()
    equal(sums(r, "[pool &first]"), (9, 8 * 60 + 500, 0, 0), "the first pool")
    equal(sums(r, "[pool &second]"), (7, 5 * 50 + 51 + 9, 2, 60), "the second, and what it became")
    if how != "alone":
        checked = run("valgrind", "--error-exitcode=9", "--leak-check=no", "--quiet", program, seconds=100)
        equal((checked.status, checked.stderr), (0, ""), "under valgrind")
        equal(checked.stdout, "exists 1 0 1\n", "valgrind was told")


@each(("cc", "c", ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")),
      ("cc", "c", ("-std=gnu17", "-Wall", "-Wextra", "-Werror", "-O2")),
      ("c++", "c++", ("-std=c++98", "-Wall", "-Wextra", "-Werror", "-Wno-variadic-macros")),
      ("c++", "c++", ("-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2")),
      ("clang", "c", ("-std=c99", "-Wall", "-Wextra", "-Werror")),
      ("cc", "c", ("-std=c99", "-DHEAPWISE_DISABLE", "-Wall", "-Werror")))
def test_header_compiles(case):
    compiler, language, options = case
    pathlib.Path("user.c").write_text("""
        #include "heapwise/heapwise.h"
        #include "heapwise/mempool.h"
        int main(void) {
            struct heapwise_stats stats;
            heapwise_scope scope = heapwise_scope_begin();
            HEAPWISE_NO_ALLOC { heapwise_mark("in"); }
            return heapwise_scope_end(scope, &stats);
        }""")
    done = run(need(compiler), "-x", language, *options, "-I", ROOT / "include", "user.c", "-o", "user")
    equal((done.status, done.stderr), (0, ""), f"{compiler} {options}")
    equal(run("./user").status, 0, "alone")


def test_costs_nothing_alone():
    """Without heapwise a call is a load of the table's address, a test and a branch that is not taken."""
    objdump, cc = need("objdump"), need("cc")
    pathlib.Path("user.c").write_text("""
        #include "heapwise/heapwise.h"
        int told(heapwise_pool pool, void *block) { return heapwise_pool_alloc(pool, block, 16); }""")
    run(cc, "-O2", "-fcf-protection=none", "-c", "-I", ROOT / "include", "user.c", "-o", "user.o")
    code = run(objdump, "-d", "--no-show-raw-insn", "user.o").stdout
    lines = re.findall(r"^\s+[0-9a-f]+:\s+(\w+)", code, re.M)
    # the way alone, up to the first return: load, test, jump (not or to the end), xor, ret
    check(len(lines) <= 12 and lines[0] == "mov", f"instructions: {lines}")
    callgrind(cc)


def callgrind(cc):
    """Instructions of 100,000 calls, by callgrind, against the same loop without them."""
    if shutil.which("valgrind") is None:
        return
    pathlib.Path("loop.c").write_text("""
        #include "heapwise/heapwise.h"
        int main(int argc, char **argv) {
            (void)argv;
            for (int i = 0; i < 100000; i++) {
                __asm__ volatile("" : : : "memory");
                if (CALL) heapwise_pool_alloc(0, &argc, 16);
            }
            return 0;
        }""")
    counts = []
    for call in ("0", "1"):
        run(cc, "-O2", f"-DCALL={call}", "-I", ROOT / "include", "loop.c", "-o", "loop")
        result = run("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "./loop", seconds=100)
        counts.append(int(re.search(r"Collected : (\d+)", result.stderr).group(1)))
    each_call = (counts[1] - counts[0]) / 100000
    check(0 < each_call <= 4, f"instructions of a call without heapwise: {each_call}")


@each("malloc", "free")
def test_scopes_interrupted_by_handlers(what):
    """A signal handler allocates after each single instruction of a call in turn. Counts are exact all the
    same; where a scope does not say that it is inexact, so are what is alive and the peak."""
    recorded = record(target("scope_stepped"), what)
    if recorded.status == 77:
        skip("single steps are made for x86-64 only")
    told = recorded.json()
    check(told["rounds"] > 100, f"instructions: {told}")
    equal((told["wrong_counts"], told["wrong_exact"], told["too_low"]), (0, 0, 0), f"mistakes: {told}")
    check(0 < told["inexact"] < told["rounds"] / 2, f"some interrupts come in the middle of the books: {told}")
    totals = recorded.report()["totals"]
    # Each round, and the one that came too late: the block and the handler's; the first calls' three rounds as well.
    equal(totals["allocations"], 2 * told["rounds"] + 1 + 6, "all is recorded")
    equal((totals["frees"], totals["unknown_frees"]), (totals["allocations"], 0), "frees")
