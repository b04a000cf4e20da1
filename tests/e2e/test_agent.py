# SPDX-License-Identifier: MIT
"""What the agent is made of: it links libc alone and exports the allocation functions, those that start programs,
the C API and no more."""

import re

from harness import BUILD, check, equal, need, run

# Entry points of libc, C++ and the other allocators; nothing else may be visible. cfree is old libc's.
PREFIX = r"(je_|_rjem_je_|_rjem_|tc_|mi_|mi_heap_)?"
STEM = (r"(malloc|calloc|realloc|reallocarray|reallocarr|reallocf|free|cfree|posix_memalign|aligned_alloc|"
        r"memalign|valloc|pvalloc|zalloc|rezalloc|recalloc|expand|new|delete|mallocx|rallocx|xallocx|"
        r"sallocx|dallocx|sdallocx|nallocx|mallocn|callocn|reallocn)")
SUFFIX = r"(_\w+|array\w*)?"
OPERATORS = r"_Zn[wa]\w+|_Zd[la]P\w+"
ALLOCATION_FUNCTION = re.compile(f"{PREFIX}{STEM}{SUFFIX}|{OPERATORS}|mi_strn?dup|mi_realpath")
REQUIRED = ("malloc calloc realloc reallocarray free cfree posix_memalign aligned_alloc memalign valloc "
            "pvalloc free_sized free_aligned_sized").split()
# What programs that know of heapwise, or of heaptrack, call (docs/c-api.md).
API = {"heapwise_api", "heaptrack_malloc", "heaptrack_realloc", "heaptrack_free"}
# What starts programs (src/agent/hooks_starts.c).
STARTS = {"execve", "execv", "execvp", "execvpe", "execl", "execlp", "execle", "fexecve", "execveat", "posix_spawn",
          "posix_spawnp", "system", "popen"}
AGENT = BUILD / "libheapwise.so"


def exported():
    lines = run(need("readelf"), "--dyn-syms", "--wide", AGENT).stdout.splitlines()
    fields = [l.split() for l in lines if re.match(r"\s*\d+:", l)]
    return {f[7].split("@")[0] for f in fields
            if len(f) > 7 and f[4] in ("GLOBAL", "WEAK") and f[6] != "UND"}


def imported():
    lines = run(need("readelf"), "--dyn-syms", "--wide", AGENT).stdout.splitlines()
    fields = [l.split() for l in lines if re.match(r"\s*\d+:", l)]
    return {f[7].split("@")[0] for f in fields if len(f) > 7 and f[6] == "UND"}


def test_links_libc_alone():
    lines = run(need("readelf"), "--dynamic", "--wide", AGENT).stdout
    libraries = set(re.findall(r"NEEDED.*\[(.*)\]", lines))
    check(libraries <= {"libc.so.6", "ld-linux-x86-64.so.2"}, f"linked libraries: {libraries}")


def test_exports_what_it_interposes_and_the_api_only():
    names = exported()
    for name in REQUIRED:
        check(name in names, f"{name} is exported")
    others = sorted(n for n in names if not ALLOCATION_FUNCTION.fullmatch(n))
    equal(others, sorted(API | STARTS), "other exported symbols")


def test_imports_nothing_that_allocates_or_locks():
    banned = {"malloc", "calloc", "realloc", "free", "printf", "fprintf", "snprintf", "fopen", "exit",
              "abort", "pthread_mutex_lock", "pthread_create", "sigaction", "signal", "setenv", "putenv",
              "__assert_fail", "dlopen", "qsort", "getline", "strdup"}
    equal(sorted(imported() & banned), [], "imported symbols that the agent must not use")


def test_has_no_text_relocations_and_no_executable_stack():
    lines = run(need("readelf"), "--dynamic", "--program-headers", "--wide", AGENT).stdout
    check("TEXTREL" not in lines, "text relocations")
    stack = next(l for l in lines.splitlines() if "GNU_STACK" in l)
    check("RWE" not in stack, stack)
