# SPDX-License-Identifier: MIT
"""The payloads that pages read (docs/http-api.md), taken apart and put beside `report --json`."""

import array
import collections
import json
import struct
import sys

from harness import check, equal

TYPES = {"u8": "B", "u32": "I", "u64": "Q", "i64": "q", "utf8": "B"}
NO_FRAME = 0xffffffff
UNKNOWN_CALLERS, NAMELESS, PRUNED = 4, 8, 16


class Container:
    """Named columns, and meta."""

    def __init__(self, data):
        equal(sys.byteorder, "little", "this machine's byte order")
        equal(data[:4], b"HWD1", "the magic of a container")
        length, = struct.unpack_from("<I", data, 4)
        start = 8 + length
        equal(start % 8, 0, "where the payload begins, modulo 8")
        header = json.loads(data[8:start])
        self.meta, self.columns, self.encoded = header["meta"], {}, set()
        for section in header["sections"]:
            column = array.array(TYPES[section["type"]])
            at = start + section["offset"]
            equal(section["offset"] % 8, 0, f"offset of {section['name']}, modulo 8")
            check(section["name"] not in self.columns, f"{section['name']} is there twice")
            if section.get("encoding") in ("steps", "sparse"):
                self.encoded.add(section["name"])
                self.columns[section["name"]] = unpacked(data[at:at + section["bytes"]], section)
                continue
            column.frombytes(data[at:at + section["count"] * column.itemsize])
            equal(len(column), section["count"], f"elements of {section['name']}")
            if "encoding" in section:
                self.encoded.add(section["name"])
                column = decode(column, section["encoding"])
            self.columns[section["name"]] = column

    def __getitem__(self, name):
        return self.columns[name]

    def figures(self, name, count=None):
        """A column of figures; one that is not there is all zero."""
        return self.columns.get(name) or [0] * len(self.columns["row"] if count is None else count)

    def sum(self, name):
        return sum(self.figures(name))


def varints(data):
    number, shift = 0, 0
    for byte in data:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield number
            number, shift = 0, 0
    equal(shift, 0, "bits of a number that has no end")


def unpacked(data, section):
    """A column in the encoding "steps" or "sparse"."""
    column, count = array.array(TYPES[section["type"]]), section["count"]
    if section["encoding"] == "steps":
        last = 0
        for step in varints(data):
            last += step
            column.append(last)
    else:
        figures = varints(data[(count + 7) // 8:])
        column.extend(next(figures) if data[i // 8] >> i % 8 & 1 else 0 for i in range(count))
        equal(list(figures), [], f"figures of {section['name']} without a bit")
    equal(len(column), count, f"elements of {section['name']}")
    return column


def decode(column, encoding):
    if encoding == "distance":
        return array.array("I", (i - stored for i, stored in enumerate(column)))
    equal(encoding, "delta", "the encoding of a column")
    values, last = array.array("I"), 0
    for stored in column:
        last = (last + stored) & 0xffffffff
        values.append(last)
    return values


class Tables:
    """Names, functions, frames and rows."""

    def __init__(self, container):
        self.container = c = container
        text = c["strings"].tobytes()
        equal(text[-1:], b"\0", "the last byte of the strings")
        self.parents, self.frames = c["rows.parent"], c["rows.frame"]
        equal((self.parents[0], self.frames[0]), (0, NO_FRAME), "row 0")
        check(all(parent < row for row, parent in enumerate(self.parents) if row > 0),
              "a parent's index is smaller than its child's")

        def string(offset):
            return text[offset:text.index(b"\0", offset)].decode(errors="replace")

        self.functions = []
        for name, file, module, flags in zip(c["functions.name"], c["functions.file"],
                                             c["functions.module"], c["functions.flags"]):
            self.functions.append((None if flags & (NAMELESS | UNKNOWN_CALLERS) else string(name),
                                   string(file) or None,
                                   string(c["modules.path"][module]) or None, flags))
        self.lines = [(f, line, bool(flags & 1)) for f, line, flags in zip(
            c["frames.function"], c["frames.line"], c["frames.flags"])]

    def stack(self, row):
        """(function, file, line, module, inlined) from the innermost frame out."""
        frames = []
        while row != 0:
            function, line, inlined = self.lines[self.frames[row]]
            name, file, module, _ = self.functions[function]
            frames.append((name, file, line or None, module, inlined))
            row = self.parents[row]
        return tuple(frames)


def stack_of(site):
    return tuple((f["function"], f["file"], f["line"], f["module"], f["inlined"])
                 for f in site["stack"])


def by_stack(tables, profile, keys):
    """The figures of a profile, of all rows that show the same frames."""
    sums = collections.defaultdict(lambda: [0] * len(keys))
    columns = [profile.figures(key) for key in keys]
    for i, row in enumerate(profile["row"]):
        into = sums[tables.stack(row)]
        for k, column in enumerate(columns):
            into[k] += column[i]
    return {stack: tuple(figures) for stack, figures in sums.items() if any(figures)}


def sites_by_stack(report, keys):
    sums = collections.defaultdict(lambda: [0] * len(keys))
    for site in report["sites"]:
        into = sums[stack_of(site)]
        for k, key in enumerate(keys):
            into[k] += site[key]
    return {stack: tuple(figures) for stack, figures in sums.items() if any(figures)}
