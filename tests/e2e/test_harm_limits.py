# SPDX-License-Identifier: MIT
"""Resource limits set low: the program behaves as it does alone, and is recorded where that is possible."""

from harness import HEAPWISE, agrees, check, each, equal, own_agrees, record, run, target


def limited(how, name, *arguments, complaints=False):
    """A target under a limit of the shell's `ulimit`, recorded; alone it does the same."""
    command = ["/bin/sh", "-c", f'ulimit {how}; exec "$@"', "sh", target(name), *arguments]
    alone = run(*command)
    recorded = record(*command, complaints=complaints)
    equal(recorded.status, alone.status, "exit status")
    equal(recorded.stderr, alone.stderr, "standard error")
    return recorded


@each("-v 262144", "-v 131072", "-v 65536", "-d 32768", "-f 8", "-f 0", "-n 8", "-s 256", "-l 0")
def test_of_the_program(how):
    recorded = limited(how, "counts")
    equal(recorded.status, 0, "exit status")
    agrees(recorded.report_of("counts"), recorded.json())


@each("-v 262144", "-d 65536")
def test_of_a_program_with_threads(how):
    recorded = limited(how, "threads", "4", "20000")
    equal(recorded.status, 0, "exit status")
    own_agrees(recorded.report_of("threads"), recorded.json())


def test_address_space_too_small_for_any_region():
    """There is little room beside the program itself: it runs as alone, recorded or not."""
    for kibibytes in (4096, 6144, 8192, 12288):
        command = ["/bin/sh", "-c", f'ulimit -v {kibibytes}; exec "$@"', "sh", target("nothing")]
        alone = run(*command)
        recorded = record(*command, complaints=True)
        if alone.status == 0:
            equal(recorded.status, 0, f"exit status with {kibibytes} KiB: {recorded.stderr}")


@each("-f 64", "-f 0", "-v 8000000", "-v 1000000", "-n 16", "-s 256")
def test_of_both(how):
    """What the user's shell limits, limits heapwise too: the program must not feel that."""
    command = ["/bin/sh", "-c", f'ulimit {how}; exec "$@"', "sh"]
    alone = run(*command, target("counts"))
    both = run(*command, HEAPWISE, "run", "--quiet", "-o", "b.heapwise", target("counts"))
    equal(both.status, alone.status, f"exit status: {both.stderr!r}")
    equal(both.json()["allocations"], alone.json()["allocations"], "the program did its work")
    ours = [l for l in both.stderr.splitlines() if l]
    check(all(l.startswith("heapwise: ") for l in ours) and len(ours) <= 1, f"complaints: {ours}")
    opened = run(HEAPWISE, "report", "b.heapwise", "--json")
    check(opened.status == 0 or ours, "it is recorded, or the reason is told")


def test_file_size_limit_leaves_no_trace_in_the_program():
    """SIGXFSZ is for writes of the program's own: its disposition and its limits are as alone."""
    command = ["/bin/sh", "-c", 'ulimit -f 64; exec "$@"', "sh"]
    inner = ["/bin/sh", "-c", "grep -E '^(SigIgn|SigBlk|SigCgt)' /proc/self/status; ulimit -f"]
    alone = run(*command, *inner)
    both = run(*command, HEAPWISE, "run", "--quiet", "-o", "b.heapwise", *inner)
    equal(both.stdout, alone.stdout, "signals and limits")
