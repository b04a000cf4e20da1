#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures what questions to a large recording cost: seconds to the first byte and to the end, and the
most memory. Makes the recording with bench/report/make_recording first, in a temporary directory.

  bench/report/questions.py [--build BUILD] [--events N] [--runs N]
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

QUESTIONS = (
    ("the whole", ()),
    ("the whole, leaks top-down", ("--sort", "leaked", "--tree", "top-down")),
    ("with a filter", ("--function", "function<28")),
    ("from 30 % to 60 %", ("--from", "30%", "--to", "60%")),
    ("from 50 %", ("--from", "50%")),
    ("from 40 % to 40.5 %", ("--from", "40%", "--to", "40.5%")),
    ("JSON, 1000 sites", ("--json", "--top", "1000")),
    ("alive at 50 %", ("--alive-at", "50%")),
    ("growth between moments", ("--from", "20%", "--until", "30%", "--alive-at", "80%")),
    ("some sizes, 5 % of the run", ("--size", "100-200", "--from", "40%", "--until", "45%")),
    ("some sizes, 30 % to 60 %", ("--size", "100-200", "--from", "30%", "--to", "60%")),
    ("some sizes", ("--size", "100-200")),
    ("lifetimes, 30 % to 60 %", ("--lifetime", "0-10", "--from", "30%", "--to", "60%")),
    ("short lifetimes", ("--lifetime", "0-10")),
    ("first and last times", ("--times",)),
    ("a thread, 30 % to 60 %", ("--thread", "2", "--from", "30%", "--to", "60%")),
    ("one of four threads", ("--thread", "2")),
    ("all threads", ("--threads",)),
    ("histograms", ("--histogram",)),
    ("what grows", ("--growth",)),
)


def measure(command):
    """Seconds to the first byte, to the end, of CPU, and the peak of memory in MiB."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.read(1)
        first = time.monotonic() - start
        while process.stdout.read(1 << 20):
            pass
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command}: exit status {process.returncode}")
    return first, time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=str(ROOT / "build"))
    parser.add_argument("--events", type=int, default=100_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    subprocess.run(["ninja", "-C", options.build, "heapwise", "bench/report/make_recording"],
                   check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as directory:
        file = f"{directory}/large.heapwise"
        maker = f"{options.build}/bench/report/make_recording"
        made = subprocess.run([maker, file, str(options.events)], check=True, capture_output=True,
                              text=True).stdout.strip()
        print(f"{made}; medians of {options.runs}")
        print(f"{'question':28} {'first byte':>10} {'end':>8} {'CPU':>8} {'memory':>9}")
        for name, arguments in QUESTIONS:
            runs = [measure([f"{options.build}/heapwise", "report", *arguments, file])
                    for _ in range(options.runs)]
            first, end, cpu, memory = (statistics.median(values) for values in zip(*runs))
            print(f"{name:28} {first:8.3f} s {end:6.2f} s {cpu:6.2f} s {memory:5.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
