# SPDX-License-Identifier: MIT
"""A real server with threads and an allocator of its own (redis with jemalloc) under a real load on loopback:
it answers as alone, and its heap at the end is what its clients know that it must be."""

import os
import pathlib
import re
import socket
import subprocess
import time

from harness import HEAPWISE, check, equal, limit, need, report, run

VALUES, BYTES = 4000, 5003
BLOCK = BYTES + 6  # redis puts a head of five bytes before a text of this length, and a NUL behind it


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Redis:
    """A server of our own, alone or recorded, that keeps nothing on disk."""

    def __init__(self, before, name):
        self.port = str(free_port())
        self.log = open(f"{name}.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*before, "./redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly",
             "no", "--io-threads", "2", "--activerehashing", "no"], stdout=self.log, stderr=subprocess.STDOUT)
        while True:  # until it answers, or has ended
            if run("redis-cli", "-p", self.port, "ping").stdout == "PONG\n":
                break
            check(self.process.poll() is None, f"the server runs: {pathlib.Path(self.log.name).read_text()}")
            time.sleep(0.02)

    def ask(self, *words, stdin=None):
        done = run("redis-cli", "-p", self.port, *words, stdin=stdin, seconds=100)
        equal(done.status, 0, f"status of redis-cli {words}: {done.stderr}")
        return done.stdout.strip()

    def shut_down(self):
        self.ask("shutdown", "nosave")
        status = self.process.wait(timeout=60)
        self.log.close()
        return status


def load(server):
    """What clients see of it, answer by answer."""
    done = run(need("redis-benchmark"), "-p", server.port, "-n", "2000", "-c", "20", "-d", "100", "-q", "-r", "500",
               "-t", "set,get,incr,lpush,rpop,sadd,hset,spop,zadd,mset", seconds=100)
    equal(done.status, 0, f"status of redis-benchmark: {done.stderr}")
    yield sorted(set(re.findall(r"([A-Z]+)[^\r\n]*: [\d.]+ requests per second", done.stdout)))
    yield server.ask("flushall")
    commands = "".join(f"SET key:{i} {'v' * BYTES}\n" for i in range(VALUES))
    yield re.sub(r"\s+", " ", server.ask("--pipe", stdin=commands))[-40:]
    yield server.ask("dbsize")
    replies = server.ask(stdin="".join(f"DEL key:{i}\n" for i in range(0, VALUES, 4)))
    yield set(replies.split()), replies.count("1")
    yield server.ask("dbsize")
    yield server.ask("eval", "local s = 0; for i = 1, 1000 do s = s + #redis.call('get', 'key:1') end; return s", "0")


@limit(200)
def test_redis():
    # The one program of Debian's redis-tools is the server when it is called so; redis-server would start one.
    os.symlink(need("redis-check-rdb"), "redis-server")
    alone = Redis([], "alone")
    seen_alone = list(load(alone))
    status = alone.shut_down()
    server = Redis([HEAPWISE, "run", "--quiet", "-o", "r.heapwise"], "recorded")
    seen = list(load(server))
    used = int(re.search(r"used_memory:(\d+)", server.ask("info", "memory")).group(1))
    equal(server.shut_down(), status, "exit status")
    equal(seen, seen_alone, "what its clients saw")
    equal((seen[3], seen[5]), (str(VALUES), str(VALUES - VALUES // 4)), "keys before and after a quarter was deleted")
    check("heapwise" not in pathlib.Path("recorded.log").read_text().replace("r.heapwise", ""), "no word of ours")
    r = report("r.heapwise")
    totals = r["totals"]
    equal((totals["allocations"] - totals["frees"], totals["unknown_frees"], r["limits"]["lost_events"]),
          (totals["leaked_blocks"], 0, 0), "blocks at the end, and ends of unknown blocks")
    values = [s for s in r["sites"] if s["leaked_blocks"] and s["leaked_bytes"] == BLOCK * s["leaked_blocks"]]
    equal([s["leaked_blocks"] for s in values], [VALUES - VALUES // 4], "blocks as large as a value, at the end")
    equal(values[0]["allocations"] if values else 0, VALUES, "allocations of such blocks")
    # redis adds up what its allocator makes of each request, rounded up; its clients' buffers come and go.
    check(0.8 * used < totals["leaked_bytes"] < 1.05 * used, f"{totals['leaked_bytes']} bytes live; redis says {used}")
    check(totals["threads"] >= 2, f"{totals['threads']} threads")
