# SPDX-License-Identifier: MIT
"""Resource limits set low: the program behaves as it does alone, and is recorded where that is possible."""

import os
import pathlib

from harness import (HEAPWISE, agrees, check, each, equal, not_sanitized, own_agrees, record, report, run,
                     skip, target)


def limited(how, name, *arguments, complaints=False):
    """A target under a limit of the shell's `ulimit`, recorded; alone it does the same."""
    command = ["/bin/sh", "-c", f'ulimit {how}; exec "$@"', "sh", target(name), *arguments]
    alone = run(*command)
    recorded = record(*command, complaints=complaints)
    equal(recorded.status, alone.status, "exit status")
    equal(recorded.stderr, alone.stderr, "standard error")
    return recorded


@each("-v 262144", "-v 131072", "-v 65536", "-d 32768", "-f 8", "-f 0", "-n 8", "-S -n 4", "-s 256", "-l 0")
def test_of_the_program(how):
    recorded = limited(how, "counts")
    equal(recorded.status, 0, "exit status")
    agrees(recorded.report_of("counts"), recorded.json())


@each("-v 262144", "-d 65536")
def test_of_a_program_with_threads(how):
    recorded = limited(how, "threads", "4", "20000")
    equal(recorded.status, 0, "exit status")
    own_agrees(recorded.report_of("threads"), recorded.json())


@each("3", "0")
def test_no_descriptor_for_the_loader(number):
    """Then no program starts that needs the loader, alone or recorded; one that does not runs as alone."""
    for program, status in (("counts", 127), ("counts_static", 0)):
        command = ["/bin/sh", "-c", f'ulimit -n {number}; exec "$@"', "sh", target(program)]
        alone = run(*command)
        recorded = record(*command, complaints=True, output=f"{program}.heapwise")
        equal((alone.status, recorded.status, recorded.stdout), (status, status, alone.stdout), f"end of {program}")


def test_one_descriptor_for_good():
    """It takes two to meet the recorder. The program runs, and one line says why it is not recorded."""
    recorded = limited("-H -n 4", "counts", complaints=True)
    equal(recorded.status, 0, "exit status")
    if os.path.basename(recorded.reports()[-1]["process"]["executable"]) == "counts":
        return  # whoever runs the tests may raise his limits
    equal(len(recorded.complaints), 1, f"lines: {recorded.complaints}")
    check("descriptors" in recorded.complaints[0] and "counts" in recorded.complaints[0], recorded.complaints[0])


def test_address_space_too_small_for_any_region():
    """There is little room beside the program itself: it runs as alone, recorded or not."""
    for kibibytes in (4096, 6144, 8192, 12288):
        command = ["/bin/sh", "-c", f'ulimit -v {kibibytes}; exec "$@"', "sh", target("nothing")]
        alone = run(*command)
        recorded = record(*command, complaints=True)
        if alone.status == 0:
            equal(recorded.status, 0, f"exit status with {kibibytes} KiB: {recorded.stderr}")


def limits_both(how):
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


@each("-f 64", "-f 0", "-n 16", "-s 256")
def test_of_both(how):
    limits_both(how)


@not_sanitized("AddressSanitizer's shadow does not fit into limited address space")
@each("-v 8000000", "-v 1000000")
def test_address_space_of_both(how):
    limits_both(how)


class SmallDisk:
    """A file system of its own on a directory."""

    def __init__(self, directory, options):
        if os.getuid() != 0:
            skip("only root can mount")
        os.mkdir(directory)
        if run("mount", "-t", "tmpfs", "-o", options, "none", directory).status != 0:
            skip("no mounts here")
        self.directory = directory

    def __enter__(self):
        return self.directory

    def __exit__(self, *_):
        run("umount", self.directory)


def in_directory(directory, *command):
    """Recorded with no name given, so that the recording is to be made in the working directory."""
    alone = run(*command, cwd=directory)
    recorded = run(HEAPWISE, "run", "--quiet", *command, cwd=directory)
    equal((recorded.status, recorded.stdout), (alone.status, alone.stdout), "what the program did")
    return recorded.stderr.splitlines()


def test_read_only_working_directory():
    with SmallDisk("disk", "size=1m,ro") as directory:
        said = in_directory(directory, target("counts"))
        equal(len(said), 1, f"lines: {said}")
        check(said[0].startswith("heapwise: ") and "Read-only file system" in said[0] and "-o FILE" in said[0], said[0])


@each("from the start", "in the middle")
def test_full_working_directory(when):
    """Its program needs no disk. What had been written opens, and says that there is more."""
    with SmallDisk("disk", "size=256k") as directory:
        if when == "from the start":
            run("dd", "if=/dev/zero", f"of={directory}/filler", "bs=4k", "count=64")
        said = in_directory(directory, target("threads"), "4", "100000")
        equal(len(said), 1, f"lines: {said}")
        check(said[0].startswith("heapwise: ") and "No space left on device" in said[0], said[0])
        files = list(pathlib.Path(directory).glob("*.heapwise"))
        if when == "in the middle":
            equal(len(files), 1, "recordings")
            r = report(files[0])
            check(r["recording"]["damage"] and r["totals"]["allocations"] > 0, f"what opens: {r['recording']}")


def test_program_that_fills_its_own_disk():
    """Both want the same room: the program is told of the end of it where it is alone told, by its own write."""
    with SmallDisk("disk", "size=1m") as directory:
        os.mkdir("elsewhere")
        command = ["dd", "if=/dev/zero", f"of={directory}/own", "bs=64k"]
        alone = run(*command)
        recorded = record(*command, output="elsewhere/x.heapwise")
        equal((recorded.status, os.path.getsize(f"{directory}/own")), (alone.status, 1 << 20), "how far it came")


def test_file_size_limit_leaves_no_trace_in_the_program():
    """SIGXFSZ is for writes of the program's own: its disposition and its limits are as alone."""
    command = ["/bin/sh", "-c", 'ulimit -f 64; exec "$@"', "sh"]
    inner = ["/bin/sh", "-c", "grep -E '^(SigIgn|SigBlk|SigCgt)' /proc/self/status; ulimit -f"]
    alone = run(*command, *inner)
    both = run(*command, HEAPWISE, "run", "--quiet", "-o", "b.heapwise", *inner)
    equal(both.stdout, alone.stdout, "signals and limits")
