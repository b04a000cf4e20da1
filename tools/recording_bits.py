# SPDX-License-Identifier: MIT
"""Numbers, strings and decisions of a recording, for read_recording.py: the sections "Conventions" and
"Range coder" of docs/recording-format.md."""

M64 = (1 << 64) - 1
M32 = (1 << 32) - 1
GOLDEN = 0x9E3779B97F4A7C15
EVEN = 32768  # every probability at first


class Damaged(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Damaged(what)


class Bytes:
    """A column being read."""

    def __init__(self, data=b""):
        self.data, self.at = data, 0

    def more(self):
        return self.at < len(self.data)

    def u8(self):
        need(self.more(), "a column ends too early")
        self.at += 1
        return self.data[self.at - 1]

    def v(self):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 127) << shift
            if byte < 128:
                need(value <= M64, "a varint is too long")
                return value
            shift += 7

    def s(self):
        return unzigzag(self.v())

    def string(self):
        end = self.data.find(b"\0", self.at)
        need(end >= 0, "a string has no end")
        text, self.at = self.data[self.at:end], end + 1
        return text.decode("utf-8", "replace")

    def strings(self):
        out = []
        while self.more():
            out.append(self.string())
        return out


class Decisions:
    def __init__(self, data):
        self.data, self.at = data, 8
        need(len(data) >= 8, "decisions end too early")
        self.code, self.range = int.from_bytes(data[:8], "big"), M64

    def take(self, table, key):
        p, width = table.get(key, EVEN), self.range
        bound = (width >> 16) * p
        yes = self.code < bound
        if yes:
            width = bound
            table[key] = p + ((65535 - p) >> 5)
        else:
            self.code -= bound
            width -= bound
            table[key] = p - (p >> 5)
        self.range = width
        if width < 4294967296:
            self.refill()
        return yes

    def refill(self):
        need(self.at + 4 <= len(self.data), "decisions end too early")
        self.range <<= 32
        self.code = self.code << 32 | int.from_bytes(self.data[self.at:self.at + 4], "big")
        self.at += 4


    def bits(self, count):
        self.range >>= count
        value = min(self.code // self.range, (1 << count) - 1)
        self.code -= value * self.range
        if self.range < 1 << 32:
            self.refill()
        return value

    def digits(self, table, key, x, count):
        for _ in range(count):
            x = 2 * x + self.take(table, key + (x,))
        return x

    def number(self, table, name):
        n = self.digits(table, (name, "length"), 1, 6) - 64
        if n < 2:
            return n
        known = min(n - 1, 3)
        value, left = self.digits(table, (name, n), 1, known), n - 1 - known
        while left > 0:
            count = min(left, 16)
            value, left = value << count | self.bits(count), left - count
        return value


def unzigzag(value):
    return (value >> 1) ^ -(value & 1)


def hashed(x, bits):
    return (x * GOLDEN & M64) >> (64 - bits)
