# SPDX-License-Identifier: MIT
"""A running `heapwise view`, asked as a browser would ask it, and its containers taken apart."""

import array
import http.client
import json
import re
import struct
import subprocess
import sys

from harness import HEAPWISE, Failed, check, equal

TYPES = {"u8": "B", "u32": "I", "u64": "Q", "i64": "q", "utf8": "B"}


class Container:
    """docs/http-api.md, "Containers": named columns, and meta."""

    def __init__(self, data):
        equal(data[:4], b"HWD1", "the magic of a container")
        length, = struct.unpack_from("<I", data, 4)
        start = 8 + length
        equal(start % 8, 0, "where the payload begins, modulo 8")
        header = json.loads(data[8:start])
        self.meta, self.columns = header["meta"], {}
        equal(sys.byteorder, "little", "this machine's byte order")
        for section in header["sections"]:
            column = array.array(TYPES[section["type"]])
            at = start + section["offset"]
            equal(section["offset"] % 8, 0, f"offset of {section['name']}, modulo 8")
            column.frombytes(data[at:at + section["count"] * column.itemsize])
            equal(len(column), section["count"], f"elements of {section['name']}")
            check(section["name"] not in self.columns, f"{section['name']} is there twice")
            self.columns[section["name"]] = column

    def __getitem__(self, name):
        return self.columns[name]

    def figures(self, name):
        """A column of figures; one that is not there is all zero."""
        return self.columns.get(name) or [0] * len(self.columns["row"])


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


class Served:
    """with Served(FILE) as served: the server runs, and has ended in order after it."""

    def __init__(self, *arguments, env=None):
        self.process = subprocess.Popen(
            [HEAPWISE, "view", "--no-open", *map(str, arguments)], text=True, env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break
        found = re.search(r"http://127\.0\.0\.1:(\d+)/([0-9a-f]{32})/\n", self.said)
        if found is None:
            self.process.kill()
            raise Failed(f"no address in {self.said!r}; {self.process.communicate()}")
        self.port, self.token = int(found[1]), found[2]

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.process.terminate()
        try:
            out, err = self.process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed("the server did not end at SIGTERM within 30 s")
        if why[0] is None:
            equal((self.process.returncode, out, err), (0, "", ""), "how the server ended")

    def ask(self, method, path, headers=None, host=None, body=None):
        """A request for exactly this path, which is not changed on its way."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=50)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            if host is not False:
                connection.putheader("Host", host or f"127.0.0.1:{self.port}")
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, status=200):
        answer = self.ask("GET", f"/{self.token}/{path}")
        equal(answer.status, status, f"status of {path}: {answer.body[:300]!r}")
        return answer

    def json(self, path):
        return self.get(path).json()

    def container(self, path):
        return Container(self.get(path).body)

    def error(self, path, status=400):
        """The sentence of a refusal."""
        return self.get(path, status).json()["error"]
