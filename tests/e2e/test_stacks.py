# SPDX-License-Identifier: MIT
"""Call stacks: whole at any depth, right through every kind of control flow."""

from harness import TARGETS, check, equal, functions, own, own_agrees, record, same_as_alone, target, through


def test_two_deep_recursions_stay_apart():
    r = record(target("recursion")).report()
    red, blue = through(r, "caller_red"), through(r, "caller_blue")
    equal((red["leaked_bytes"], red["leaked_blocks"]), (3 * 1009, 3), "below caller_red")
    equal((blue["leaked_bytes"], blue["leaked_blocks"]), (3 * 2003, 3), "below caller_blue")


def test_every_frame_of_a_recursion_is_there():
    r = record(target("recursion")).report()
    for caller, frames in (("caller_red", 201), ("caller_blue", 201), ("caller_deep", 100001)):
        sites = [s for s in r["sites"] if caller in functions(s)]
        equal(len(sites), 1, f"distinct stacks below {caller}")
        names = functions(sites[0])
        equal(names.count("descend"), frames, f"frames of descend below {caller}")
        equal(names[:2], ["own_malloc", "descend"], "the innermost frames")
        check(names.index("main") > names.index(caller), "main is outside of its callees")


def test_longjmp():
    run = same_as_alone(target("longjmp"))
    r = run.report()
    own_agrees(r, run.json())
    equal(through(r, "left")["leaked_bytes"], 1000 * 1009, "below left")
    equal(through(r, "right")["leaked_bytes"], 1000 * 2003, "below right")


def test_exceptions():
    run = same_as_alone(target("exceptions"))
    r = run.report()
    own_agrees(r, run.json())
    equal(through(r, "north(int)")["leaked_bytes"], 300 * 2003, "below north")
    equal(through(r, "south(int)")["leaked_bytes"], 300 * 3001, "below south")
    guards = through(r, "Guard::~Guard()")
    equal(guards["allocations"], run.json()["allocations"] - 600, "allocations of destructors")
    equal(guards["allocations"],
          through(r, "Guard::~Guard()", "north(int)")["allocations"]
          + through(r, "Guard::~Guard()", "south(int)")["allocations"],
          "destructors' stacks reach the function that catches")


def test_signal_handlers():
    run = same_as_alone(target("signal_handler"))
    r = run.report()
    own_agrees(r, run.json())
    for handler, size in (("handler_normal", 31), ("handler_alternate", 37), ("handler_jumps", 41)):
        sums = through(r, handler, "main")
        equal(sums["leaked_bytes"], 1000 * size, f"below {handler} with main as its caller")


def test_coroutines():
    run = same_as_alone(target("coroutine"))
    r = run.report()
    own_agrees(r, run.json())
    equal(through(r, "inner", "coroutine")["allocations"], 8 * 500, "allocations in coroutines")
    equal(through(r, "inner", "main")["allocations"], 0, "coroutines that seem to be called by main")


def test_stacks_switched_by_assembly():
    """Exact counts everywhere; a stack ends where nothing leads further, and that is counted, or goes on in main."""
    run = same_as_alone(target("asm_stacks"))
    r = run.report()
    own_agrees(r, run.json())
    equal(through(r, "inner", "coroutine")["allocations"], 4 * 500, "allocations in coroutines")
    equal(through(r, "inner", "main")["allocations"], 0, "coroutines that seem to be called by main")
    for name, size in (("on_told", 503), ("on_bare", 601)):
        equal(through(r, name)["leaked_bytes"], 400 * size, f"below {name}")
    # A stack inside main's own would have to be left inwards, and bare assembly cannot be left: both are said.
    equal(through(r, "on_told", "asm_call_told", "main")["leaked_bytes"], 300 * 503, "from another stack to main")
    equal((r["limits"]["stacks_truncated"], r["limits"]["stacks_guessed"]), (100 + 400, 0), "stacks that end early")


def test_smallest_stacks():
    recorded = same_as_alone(target("small_stack"))
    own_agrees(recorded.report(), recorded.json())


def test_realigned_frames():
    r = record(target("realigned")).report()
    equal(through(r, "realigned", "first", "main")["leaked_bytes"], 200 * 1009, "below first")
    equal(through(r, "realigned", "second", "main")["leaked_bytes"], 200 * 2003, "below second")


def test_dlopen_and_dlclose():
    libraries = [TARGETS / "libplugin1.so", TARGETS / "libplugin2.so"]
    run = same_as_alone(target("dlopen"), *libraries, 100)
    r = run.report()
    own_agrees(r, run.json())
    for variant in (1, 2):
        inner = through(r, f"plugin_inner_{variant}", "plugin_work", "main")
        own_sites = through(r, f"plugin_inner_{variant}", "own_malloc")
        equal(own_sites["leaked_bytes"], 50 * (6007 + variant), f"leaked by plugin {variant}")
        equal(inner["allocations"], 100, f"allocations of plugin {variant}")
        start = [s for s in r["sites"] if "plugin_start" in functions(s)]
        equal(sum(s["allocations"] for s in start), 100, "allocations of the constructors")


def test_stacks_without_main():
    run = record(target("without_main"))
    r = run.report()
    own_agrees(r, run.json())
    equal(through(r, "early")["leaked_bytes"], 1009, "of the constructor")
    equal(through(r, "thread")["leaked_bytes"], 2003, "of the thread")
    equal(through(r, "blindly")["leaked_bytes"], 3001, "behind code without unwind information")
    equal(own(r)["leaked_blocks"], 3, "blocks")


def test_lines_and_modules():
    r = record(target("recursion")).report()
    site = next(s for s in r["sites"] if "caller_red" in functions(s))
    frame = next(f for f in site["stack"] if f["function"] == "caller_red")
    check(frame["file"].endswith("recursion.c"), f"source file: {frame}")
    text = (target("recursion"), frame["line"])
    source = open(__file__.replace("e2e/test_stacks.py", "targets/recursion.c"), encoding="utf-8")
    check("descend(depth, 1009)" in source.read().splitlines()[frame["line"] - 1],
          f"line of the call: {text}")
    check(frame["module"].endswith("/recursion"), f"module: {frame}")
