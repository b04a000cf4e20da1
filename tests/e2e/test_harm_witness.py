# SPDX-License-Identifier: MIT
"""Every hard case, with a witness in it: descriptors, environment, directory, signals, limits of the program and of
all that it starts are as alone, at its start and at its end (tests/targets/witness_preload.c)."""

import os
import pathlib

from harness import BUILD, TARGETS, check, each, equal, limit, record, run, skip, target

COUNTS = target("counts")
LIBRARIES = {name: str(TARGETS / f"lib{name}.so") for name in
             ("constructed", "plugin1", "plugin2", "deepbind_library", "cpp_plugin", "cpp_operators")}
CASES = {
    "fork": ("fork_child", "exit"), "fork and _exit": ("fork_child", "_exit"),
    "vfork": ("spawn", "vfork", COUNTS), "vfork that allocates": ("spawn", "vfork_allocates", COUNTS),
    "vfork that fails": ("spawn", "vfork_fails", "x"), "posix_spawn": ("spawn", "posix_spawn", COUNTS),
    "system": ("spawn", "system", COUNTS), "popen": ("spawn", "popen", COUNTS), "exec": ("spawn", "exec", COUNTS),
    "exec from a thread": ("spawn", "thread_exec", COUNTS), "bare clone": ("fork_odd", "clone"),
    "inherited blocks": ("fork_odd", "inherits"), "clearenv": ("fork_odd", "clears"),
    "limit of descriptors": ("fork_odd", "soft"), "shared descriptors": ("clone_raw", "files"),
    "shared memory": ("clone_raw", "shares"), "clone3": ("clone_raw", "clone3"),
    "threads that return": ("thread_ends", "return"), "detached threads": ("thread_ends", "detach"),
    "cancelled threads": ("thread_ends", "cancel"), "thread destructors": ("thread_ends", "tls"),
    "threads that die": ("thread_ends", "syscall"), "before and after main": ("at_exit",),
    "all descriptors closed": ("close_all", "files"), "coroutines": ("coroutine",), "assembly": ("asm_stacks",),
    "small stacks": ("small_stack",), "longjmp": ("longjmp",), "exceptions": ("exceptions",),
    "signal handlers": ("signal_handler",), "deep recursion": ("recursion",), "bound at once": ("counts_bind_now",),
    "no PIE": ("counts_no_pie",), "constructors": ("loader", LIBRARIES["constructed"]),
    "dlopen": ("dlopen", LIBRARIES["plugin1"], LIBRARIES["plugin2"]),
    "deepbind": ("deepbind", LIBRARIES["deepbind_library"]),
    "plugins in C++": ("opens_cpp", LIBRARIES["cpp_plugin"], LIBRARIES["cpp_operators"]),
    "quick_exit": ("ends", "quick_exit"), "abort": ("ends", "abort"), "SIGKILL": ("ends", "9"),
    "a shell": None,
}
AGENT = str(BUILD / "libheapwise.so")


def seen(name):
    """What the witness wrote, without what following children takes; sorted, since processes write in turns."""
    lines = []
    for line in pathlib.Path(name).read_text(errors="surrogateescape").splitlines():
        what, _, value = line.partition(" variable ")
        if value.startswith("HEAPWISE_SOCKET=") or what.startswith("heapwise "):
            continue
        lines.append(line.replace(f"variable LD_PRELOAD={AGENT}:", "variable LD_PRELOAD=").replace(name, "WITNESS"))
    return sorted(lines)


@limit(120)
@each(*CASES)
def test_of(case):
    os.mkdir("files")
    script = f"{COUNTS}; (cd files; umask 7; trap '' TERM; {COUNTS} >f 3<&0; exit 3); exec 5>g; exec {COUNTS}"
    command = [target(CASES[case][0]), *CASES[case][1:]] if CASES[case] else ["/bin/sh", "-c", script]
    for name in ("alone", "seen!"):
        how = {"clean": True, "env": {"LD_PRELOAD": str(TARGETS / "libwitness_preload.so"), "HOME": "/", "A": "a b",
                                      "WITNESS": os.path.abspath(name), "PATH": os.environ["PATH"]}}
        done = run(*command, **how) if name == "alone" else record(*command, options=["--no-symbols"], **how)
        if done.status == 77:
            skip("not permitted here")
        (alone := done) if name == "alone" else equal((done.status, done.signal), (alone.status, alone.signal), "end")
    before, now = seen(os.path.abspath("alone")), seen(os.path.abspath("seen!"))
    check(len(before) > 20, f"{len(before)} lines of the witness")
    equal([l for l in now if l not in before], [], "what is only seen recorded")
    equal([l for l in before if l not in now], [], "what is only seen alone")
    equal(len(now), len(before), "how often it is seen")
