# SPDX-License-Identifier: MIT
"""What the target `progress` counted of itself, call by call, in a file that outlives it: the truth about a
program that is ended in the middle of its work."""

import pathlib
import struct

from harness import check, equal, through

SIZE = 1009


class Progress:
    """How many calls of each kind had completed, by thread."""

    def __init__(self, file, threads):
        numbers = struct.unpack(f"={16 * threads}Q", pathlib.Path(file).read_bytes())
        self.threads = threads
        self.allocations, self.frees = sum(numbers[0::16]), sum(numbers[1::16])

    def agrees(self, report, when):
        """Each completed call is in the report, and no more than one other of each thread."""
        sums = through(report, "own_malloc_counted")
        ended = sums["allocations"] - sums["leaked_blocks"]
        check(self.allocations <= sums["allocations"] <= self.allocations + self.threads,
              f"{when}: {sums['allocations']} allocations recorded, {self.allocations} completed")
        check(self.frees <= ended <= self.frees + self.threads,
              f"{when}: {ended} frees recorded, {self.frees} completed")
        equal(sums["allocated_bytes"], SIZE * sums["allocations"], f"{when}: bytes")
        check(report["limits"]["lost_events"] <= self.threads, f"{when}: {report['limits']['lost_events']} lost events")
