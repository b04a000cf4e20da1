# SPDX-License-Identifier: MIT
"""Runs commands and tells what they cost: wall time, CPU time of the whole tree, files written."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time


class Cost:
    """What one run came to."""

    def __init__(self, wall, cpu, output):
        self.wall, self.cpu, self.output = wall, cpu, output


def run(command, env=None, watch=None):
    """Runs a command with its output kept in a file, and waits for it and all its children.

    CPU time is the kernel's own account of the child and everything that it waited for. `watch` is
    called with the process number now and then while it runs.
    """
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=subprocess.STDOUT)
        stop = threading.Event()
        watcher = None
        if watch is not None:
            def keep_watching():
                while not stop.wait(0.003):
                    watch(process.pid)
            watcher = threading.Thread(target=keep_watching)
            watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if watcher is not None:
            stop.set()
            watcher.join()
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit status {process.returncode}: {text[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, text)


def peak_memory_of(pid):
    """Largest resident memory of one process so far, in bytes; 0 when it is gone."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    return int(found.group(1)) * 1024 if found else 0


class Native:
    """The program alone: the floor of every comparison."""

    name = "native"

    def command(self, program_command, file):
        return program_command

    def file_size(self, file):
        return 0


class Heaptrack:
    """The whole `heaptrack` command, its interpretation and compression included."""

    name = "heaptrack"

    def command(self, program_command, file):
        return ["heaptrack", "-o", str(file), *program_command]

    def file_size(self, file):
        return sum(f.stat().st_size for f in file.parent.glob(file.name + "*"))

    def allocations(self, file, output):
        found = re.search(r"^\s+allocations:\s+(\d+)", output, re.MULTILINE)
        return int(found.group(1)) if found else None


class Heapwise:
    """The whole `heapwise run` command, symbols included, without the printed summary."""

    name = "heapwise"

    def __init__(self, path):
        self.path = str(path)

    def command(self, program_command, file):
        return [self.path, "run", "--quiet", "-o", str(file), *program_command]

    def file_size(self, file):
        return file.stat().st_size

    def report(self, file):
        """Totals and the like; all sites of a compiler with their stacks would be gigabytes."""
        said = subprocess.run([self.path, "report", str(file), "--json", "--top", "1"], capture_output=True,
                              text=True)
        return json.loads(said.stdout)

    def allocations(self, file, output):
        return self.report(file)["totals"]["allocations"]


def machine():
    """Facts of this machine, for the head of the results."""
    cpu = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = subprocess.run(["heaptrack", "--version"], capture_output=True, text=True).stdout.strip()
    libc = os.confstr("CS_GNU_LIBC_VERSION")
    return {"cpu": cpu, "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory),
            "kernel": os.uname().release, "libc": libc, "heaptrack": version.split()[-1] if version else "?"}
