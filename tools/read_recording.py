#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a recording, written from docs/recording-format.md alone, and prints its totals as JSON:
those that its summary says, and those counted from its events. Needs the `zstd` command.

usage: read_recording.py [--summary-only] FILE        exit status 1: damaged, or the two differ"""
import json
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
from recording_bits import EVEN, GOLDEN, M32, M64, Bytes, Damaged, Decisions, hashed, need, unzigzag

KINDS = ("end process modules nodes threads events snapshot node_totals live_blocks strings symbols "
         "summary timeline index source marks").split()
TOTALS = ("allocations frees reallocations failed unknown_frees allocated_bytes freed_bytes temporary "
          "temporary_bytes leaked_blocks leaked_bytes peak_bytes peak_blocks peak_tick peak_event "
          "duration_ms peak_rss_bytes threads events stacks_truncated stacks_guessed order_repairs "
          "lost_events region_bytes ended_by_signal exit_status ended_how").split()


CRC = []
for n in range(256):
    for _ in range(8):
        n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
    CRC.append(n)


def checksum(data):
    r = M32
    for byte in data:
        r = (r >> 8) ^ CRC[(r ^ byte) & 255]
    return r ^ M32


def read_chunks(data):
    """[(kind, {column id: Bytes})] of a whole file."""
    need(data[:8] == b"\x89HWREC\r\n", "not a recording")
    major, minor, crc = struct.unpack_from("<HHI", data, 8)
    need(crc == checksum(data[:12]), "the file header is damaged")
    need(major == 1, "format version %d.%d; this reader knows 1" % (major, minor))
    at, sequence, chunks, frames, wanted = 16, 0, [], [], []
    while at < len(data):
        need(at + 24 <= len(data), "it ends inside a chunk header")
        mark, kind, flags, _, length, number, crc, header_crc = struct.unpack_from("<IBBHIIII", data, at)
        need(mark == 0x4B4E4843 and header_crc == checksum(data[at:at + 20]), "no chunk at %d" % at)
        payload = data[at + 24:at + 24 + length]
        need(len(payload) == length and crc == checksum(payload), "damaged chunk at %d" % at)
        need(number == sequence, "a chunk is missing")
        need(kind < len(KINDS) or not flags & 1, "unknown chunk")
        columns = {}
        if kind == 0:
            end = struct.unpack("<QQ", payload)
        elif kind < len(KINDS):
            count = struct.unpack_from("<I", payload)[0]
            place = 4 + 12 * count
            for i in range(count):
                name, coding, must, _, stored, raw = struct.unpack_from("<BBBBII", payload, 4 + 12 * i)
                need(coding < 2 or not must & 1, "unknown coding")
                body = payload[place:place + stored]
                columns[name] = Bytes(body)
                if coding == 1:
                    frames.append(body)
                    wanted.append((columns[name], raw))
                place += stored
        chunks.append((KINDS[kind] if kind < len(KINDS) else "unknown", columns, at, length + 24))
        at += 24 + length
        sequence += 1
    need(chunks and chunks[-1][0] == "end", "it has no end")
    need(chunks[-2][0] == "index" and end == chunks[-2][2:], "its end does not lead to its index")
    # Frames one after the other are a stream like any other: one call decompresses all of them.
    raw = subprocess.run(["zstd", "-dcq"], input=b"".join(frames), stdout=subprocess.PIPE,
                         check=True).stdout if frames else b""
    at = 0
    for column, length in wanted:
        column.data = raw[at:at + length]
        at += length
    need(at == len(raw), "a column has not the length that it says")
    return chunks


class Nodes:
    def __init__(self):
        self.parent, self.address = [0], [0]
        self.addresses = 1
        self.below, self.run_end = {}, {}
        self.bits, self.paths, self.p = 0, {}, {}

    def path(self, parent):
        above = self.parent[parent]
        x = self.address[parent]
        for a in (self.address[above], self.address[self.parent[above]]):
            x = (x * GOLDEN + a) & M64
        return hashed(x, self.bits)

    def learn_path(self, i):
        key, address = self.path(self.parent[i]), self.address[i]
        old, confidence = self.paths.get(key, (0, 0))
        self.paths[key] = (address, min(confidence + 1, 15) if old == address else 0)

    def read(self, c):
        counts = c[1]
        count, fresh = counts.v(), counts.v()
        total, bits = len(self.parent) + count, 6
        while bits < 16 and total >> bits > 0:
            bits += 1
        if bits > self.bits:
            self.bits, self.paths = bits, {}
            for i in range(1, len(self.parent)):
                self.learn_path(i)
        d, p, seen = Decisions(c[2].data), self.p, self.addresses
        self.addresses += fresh
        for i in range(total - count, total):
            before = self.address[i - 1]
            end = self.run_end.get(before, 0)
            goes_on = d.take(p, ("continues", end))
            if goes_on:
                parent = i - 1
            elif d.take(p, "is_ancestor"):
                parent = i - 1
                for _ in range(c[3].v()):
                    parent = self.parent[parent]
            else:
                parent = i - 1 - c[4].v()
            need(0 <= parent < i, "a node's parent does not come before it")
            key, above = self.path(parent), self.address[parent]
            address, confidence = self.paths.get(key, (0, 0))
            if d.take(p, ("is_new", goes_on)):
                address = seen
                seen += 1
            elif not d.take(p, ("path_hit", goes_on, confidence)):
                below = self.below.get(above, 0)
                if below != address and d.take(p, ("below_hit", goes_on)):
                    address = below
                else:
                    address = c[5].v()
            need(address < self.addresses, "a node names an address that is not there")
            self.parent.append(parent)
            self.address.append(address)
            self.run_end[before] = max(end - 1, 0) if goes_on else min(end + 1, 3)
            self.learn_path(i)
            self.below[above] = address


NONE, BIRTH, END, MOVE, RARE = range(5)


class Entry:
    def __init__(self):
        self.step = self.mode = self.confidence = self.node = self.last = self.search = 0
        self.offset = [0, 0, 0]

    def way(self):
        return 7 if self.step == BIRTH else 6 if self.step == MOVE else self.mode


class Slot:
    def __init__(self, node):
        self.node, self.size, self.before, self.list = node, None, None, [None, None, None]
        self.confidence = 0  # in the first model


class Events:
    """One EVENTS chunk; iterate over run(): (kind, size, block, node)."""

    def __init__(self, columns):
        self.c = {i: columns.get(i, Bytes()) for i in range(1, 13)}
        steps = max((i for i in (2, 11, 12) if i in columns), default=12)
        self.first_model, self.is_old = steps == 2, steps != 12  # old: the first or the second model
        head = [self.c[1].v() for _ in range(10)]
        (self.first_event, self.first, self.events, self.records, self.births, self.tick,
         self.last_tick, self.thread, self.last_thread, self.top) = head
        self.steps, self.sizes = Decisions(self.c[steps].data), Decisions(self.c[3].data)
        self.long_bits = 6
        while self.long_bits < 16 and self.records >> self.long_bits > 1:
            self.long_bits += 1
        self.short_bits = 6 if self.long_bits < 8 else self.long_bits - 2
        self.longs, self.shorts, self.slots, self.p = {}, {}, {}, {}
        self.expected_sizes, self.map, self.ended = {}, {}, {}
        self.next = self.last_end = self.first
        self.earlier = [self.first, self.first]
        self.last_node, self.was_new, self.unknown = 0, False, 0
        self.histories = {}
        self.local = {}  # block: [node, before, after, alive]

    def base(self, mode):
        return (self.last_end & M32, self.next & M32, 0)[mode]

    def slot(self, node):
        slot = self.slots.get(hashed(node, self.short_bits))
        return slot if slot is not None and slot.node == node else None

    def alive(self, block):
        if block < self.first:
            return self.ended.get(block % (1 << self.short_bits)) != block
        return self.local[block][3]

    def expected(self, e, only_birth):
        if e.step == BIRTH:
            return BIRTH, e.node
        if e.step == NONE or only_birth:
            return None
        if e.mode < 3:
            age = (self.next - self.base(e.mode) - e.offset[e.mode]) & M32
            block = self.next - age if 0 < age <= self.next else None
        else:
            slot = self.slot(e.node)
            block = slot.list[e.mode - 3] if slot else None
        if block is None or not self.alive(block):
            return None
        return e.step, block

    def neighbour(self, which):
        block = self.next if which == 0 else self.last_end if which < 4 else self.earlier[which - 4]
        by, passed_over, local = -1 if which in (0, 2) else 1, which == 3, self.local
        for _ in range(32):
            block += by
            if not 0 <= block < self.next:
                return None
            if local[block][3] if block in local else self.alive(block):
                if not passed_over:
                    return block
                passed_over = False
        return None

    def ending(self, a, b):
        """The block that ends, when no entry expected it."""
        d, p, tried, first = self.steps, self.p, [], self.first_model
        searches = a.search, b.search
        for which in range(3 if first else 6):
            worth = first or p.get(("neighbour", searches, which), EVEN) >= 512
            block = self.neighbour(which) if worth else None
            if block is not None and block not in tried and d.take(p, ("neighbour", searches, which)):
                if not first:
                    a.search = b.search = which + 1
                return block
            tried.append(block)
        if first:
            return self.next - 1 - self.c[6].v() if d.take(p, "age") else self.last_end + self.c[7].s()
        a.search = b.search = 7
        last = self.histories[self.thread % 256][0]
        key = hashed(((last << 32) + (self.last_end >> 9)) & M64, self.short_bits)
        place = self.map.get(key, 0)
        if place and d.take(p, ("is_map", searches[1])):
            x = self.last_end + place + unzigzag(d.number(p, "map"))
            block = self.next - ((self.next - x) & M32)
        elif d.take(p, ("is_age", searches[1])):
            block = self.next - 1 - d.number(p, "age")
        else:
            block = self.last_end + unzigzag(d.number(p, "gap"))
        self.map[key] = (block - self.last_end) & M32
        return block

    def step(self, a, b, only_birth=False):
        d, p = self.steps, self.p
        first = self.expected(a, only_birth)
        self.learning = [a, b] if self.is_old else [a]
        if first and d.take(p, ("long", a.confidence, a.way())):
            return first
        self.learning = [a, b]
        second = self.expected(b, only_birth)
        if second and second != first and d.take(p, ("short", bool(first), b.confidence, b.way())):
            return second
        step = BIRTH
        if not only_birth and not d.take(p, ("birth", a.step, b.step)):
            step = END if d.take(p, ("end", b.step)) else MOVE if d.take(p, ("move", b.step)) else RARE
        if step == RARE:
            return RARE, None
        if step == BIRTH:
            if d.take(p, ("new", self.was_new)):
                return BIRTH, self.top + 1 + self.c[4].v()
            return BIRTH, self.last_node + self.c[5].s()
        return step, self.ending(a, b)

    def entries(self):
        history = self.histories.setdefault(self.thread % 256, [0, 0])
        return (self.longs.setdefault(hashed(history[1], self.long_bits), Entry()),
                self.shorts.setdefault(hashed(history[0], self.short_bits), Entry()))

    def remember(self, symbol):
        history = self.histories[self.thread % 256]
        history[0] = symbol if self.is_old else symbol + ((history[0] & 63) << 58)
        history[1] = ((history[1] << (13 if self.is_old else 6)) + symbol * 0xD6E8FEB86659FD93) & M64

    def birth(self, node):
        need(0 <= node < M32 and self.next < self.first + self.births, "an impossible birth")
        for e in self.learning:
            if e.step == BIRTH and e.node == node:
                e.confidence = min(e.confidence + 1, 15)
            else:
                e.step, e.node, e.confidence = BIRTH, node, 0
        slot = self.slot(node)
        if slot is None:
            slot = self.slots[hashed(node, self.short_bits)] = Slot(node)
        block, before = self.next, slot.list[0]
        self.local[block] = [node, before, None, True]
        if before is not None:
            self.local[before][2] = block
        slot.list[0] = block
        self.next += 1
        self.was_new, self.top, self.last_node = node > self.top, max(self.top, node), node
        self.remember(4 * node)
        size = self.size(slot)
        slot.before, slot.size = slot.size, None if size == M64 else size
        if slot.before is None:
            slot.before = size
        return size

    def size(self, slot):
        if slot.size is None:
            slot.confidence, slot.before = 0, None
            return self.c[8].v()
        if self.first_model:
            if self.sizes.take(self.p, ("size", slot.confidence)):
                slot.confidence = min(slot.confidence + 1, 15)
                return slot.size
            slot.confidence //= 2
            return self.c[9].v()
        key = hashed(((slot.node * GOLDEN + slot.size) * GOLDEN + slot.before) & M64, self.long_bits)
        expected, confidence = self.expected_sizes.get(key, (0, 0))
        if self.sizes.take(self.p, ("size", confidence)):
            size = expected
        elif slot.size != expected and self.sizes.take(self.p, ("again", slot.size == slot.before)):
            size = slot.size
        else:
            size = self.c[9].v()
        if size == expected:
            self.expected_sizes[key] = expected, min(confidence + 1, 15)
        elif confidence > 3:
            self.expected_sizes[key] = expected, confidence // 2
        else:
            self.expected_sizes[key] = size & (1 << 60) - 1, 0
        return size

    def mode_of(self, e, block, is_local):
        slot = self.slot(e.node)
        told = [m for m in range(3) if (self.base(m) + e.offset[m]) & M32 == block & M32]
        if slot and is_local:
            told += [m for m in range(3, 6) if slot.list[m - 3] == block]
        return e.mode if e.mode in told else told[0] if told else None

    def end(self, step, block):
        need(0 <= block < self.next and self.alive(block), "a block ends that does not live")
        is_local = block >= self.first
        node, before, after, _ = self.local[block] if is_local else (0, None, None, True)
        for e in self.learning:
            if e.step == step:
                mode = self.mode_of(e, block, is_local)
                if mode is None:
                    e.confidence = 0
                elif mode == e.mode:
                    e.confidence = min(e.confidence + 1, 15)
                else:
                    e.mode, e.confidence = mode, 1
            else:
                e.step, e.mode, e.confidence = step, 0, 0
            low = block & M32
            e.node = node
            e.offset = [(low - self.base(0)) & M32, (low - self.base(1)) & M32,
                        (2 * low - e.last) & M32]
            e.last = low
        if is_local:
            if before is not None:
                self.local[before][2] = after
            if after is not None:
                self.local[after][1] = before
            slot = self.slot(node)
            if slot:
                newest = before if slot.list[0] == block else slot.list[0]
                slot.list = [newest, before, after]
            self.local[block][3] = False
            symbol = 4 * node + (2 if step == MOVE else 1)
        else:
            if not self.first_model:
                self.ended[block % (1 << self.short_bits)] = block
            gap, m = block - self.last_end, int(step == MOVE)
            if -1000 <= gap <= 1000:
                symbol = ((2 * gap if gap >= 0 else -2 * gap - 1) * 2 + m) * 4 + 3
            else:
                symbol = ((1 << 33) + (2 if gap < 0 else 0) + m) * 4 + 3
        self.earlier = [self.last_end, self.earlier[0]]
        self.last_end = block
        self.remember(symbol)

    def moved(self):
        a, b = self.entries()
        node = self.step(a, b, True)[1]
        return node, self.birth(node)

    def rare(self):
        c = self.c[10]
        code = c.u8()
        if code == 0:
            self.thread = c.v()
            return "thread", self.thread, None, 0
        if code == 1:
            self.tick += c.v()
            return "tick", self.tick, None, 0
        if code == 2:
            node = c.v()
            return "failed", c.v(), None, node
        if code == 3:
            self.unknown = (self.unknown + c.s()) & M64
            return "unknown_free", self.unknown, None, 0
        need(code == 4, "an event of no known kind")
        node, size = self.moved()
        return "realloc", size, None, node

    def run(self):
        for _ in range(self.records):
            a, b = self.entries()
            step, value = self.step(a, b)
            if step == BIRTH:
                yield "alloc", self.birth(value), None, value
            elif step == RARE:
                yield self.rare()
            else:
                self.end(step, value)
                if step == MOVE:
                    node, size = self.moved()
                    yield "realloc", size, value, node
                else:
                    yield "free", 0, value, 0
        need((self.tick, self.thread) == (self.last_tick, self.last_thread), "the head is wrong")
        need(self.next == self.first + self.births, "the head is wrong")


class Counter:
    """Totals, counted from events."""

    def __init__(self):
        self.t = dict.fromkeys(TOTALS[:15] + ["events"], 0)
        self.live, self.next, self.bytes, self.tick, self.thread = {}, 0, 0, 0, 0
        self.last_birth = {}

    def event(self, kind, size, block, node, node_count):
        t = self.t
        if kind == "tick":
            self.tick = size
        elif kind == "thread":
            self.thread = size
        else:
            need(node < node_count, "an event names a node that is not there")
            t["events"] += 1
            last = self.last_birth.pop(self.thread, None)
            if block is not None:
                need(block in self.live, "a block ends that does not live")
                ended = self.live.pop(block)
                self.bytes -= ended
                t["frees"] += 1
                t["freed_bytes"] += ended
                if last == block:
                    t["temporary"] += 1
                    t["temporary_bytes"] += ended
            t["reallocations"] += kind == "realloc"
            if kind in ("alloc", "realloc"):
                self.live[self.next], self.last_birth[self.thread] = size, self.next
                self.next += 1
                self.bytes += size
                t["allocations"] += 1
                t["allocated_bytes"] += size
                if self.bytes > t["peak_bytes"]:
                    t["peak_bytes"], t["peak_blocks"] = self.bytes, len(self.live)
                    t["peak_tick"], t["peak_event"] = self.tick, t["events"]
            elif kind in ("failed", "unknown_free"):
                t["failed" if kind == "failed" else "unknown_frees"] += 1


def main(arguments):
    count_events = "--summary-only" not in arguments
    files = [a for a in arguments if not a.startswith("--")]
    if len(files) != 1:
        sys.exit(__doc__)
    out, counter, nodes, leaked, has_events = {}, Counter(), Nodes(), 0, True
    with open(files[0], "rb") as f:
        chunks = read_chunks(f.read())
    for kind, c, _, _ in chunks:
        if kind == "process":
            version, executable = c[2].string(), c[2].string()
            out["version"], out["executable"], out["pid"] = version, executable, c[1].v()
            out["command"] = c[3].strings() if 3 in c else []
        elif kind == "source":
            known = c[1].v()
            out["source"], out["known"] = c[2].string(), known
            has_events = known & 2 != 0
            count_events = count_events and has_events
        elif kind == "marks":
            names = c[2].strings() if 2 in c else []
            for name in names:
                mark = [c[1].v() for _ in range(8)]
                out.setdefault("marks", []).append({"name": name, "time_ms": mark[0], "live_bytes": mark[3]})
            for name in c[4].strings() if 4 in c else []:
                out.setdefault("pools", {})[c[3].v()] = name
            for label in c[6].strings() if 6 in c else []:
                forbidden = [c[5].v() for _ in range(3)]
                out["forbidden"] = out.get("forbidden", 0) + forbidden[1]
        elif kind == "nodes":
            nodes.read({i: c.get(i, Bytes()) for i in range(1, 8)})
        elif kind == "live_blocks":
            owner, count = c[1].v(), c[1].v()
            leaked += count if owner == M32 else 0
        elif kind == "summary":
            out["totals"] = {name: c[1].v() if c[1].more() else 0 for name in TOTALS}
        elif kind == "events" and count_events:
            chunk = Events(c)
            need(chunk.first_event == counter.t["events"] and chunk.first == counter.next,
                 "events are missing")
            for event in chunk.run():
                counter.event(*event, len(nodes.parent))
    out["nodes"] = len(nodes.parent)
    need(not has_events or leaked == out["totals"]["leaked_blocks"], "the leaked blocks are not all there")
    if count_events:
        counter.t["leaked_blocks"], counter.t["leaked_bytes"] = len(counter.live), counter.bytes
        out["counted"] = counter.t
    print(json.dumps(out, indent=1))
    for name, value in (counter.t.items() if count_events else ()):
        need(out["totals"][name] == value,
             "the summary says %s %d, the events %d" % (name, out["totals"][name], value))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Damaged, OSError, subprocess.CalledProcessError, KeyError, struct.error) as error:
        sys.exit("read_recording.py: %s: %s" % (sys.argv[-1], error))
