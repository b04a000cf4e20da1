# SPDX-License-Identifier: MIT
"""A running `heapwise view`, asked as a browser would ask it."""

import http.client
import json
import re
import subprocess
import time
import urllib.parse

from harness import HEAPWISE, Failed, equal
from pages import Container

def with_question(path, question):
    """The path with parameters; a trailing _ of `from_` and the like is left out."""
    words = urllib.parse.urlencode({k.rstrip("_"): v for k, v in question.items()}, doseq=True)
    return f"{path}?{words}" if words else path


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


class Served:
    """with Served(FILE) as served: the server runs, and has ended in order after it."""

    def __init__(self, *arguments, env=None, opens=False):
        self.process = subprocess.Popen(
            [HEAPWISE, "view", *([] if opens else ["--no-open"]), *map(str, arguments)], text=True, env=env,
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

    @staticmethod
    def pause():
        time.sleep(0.02)

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

    def json(self, path, **question):
        return self.get(with_question(path, question)).json()

    def container(self, path, **question):
        return Container(self.get(with_question(path, question)).body)

    def error(self, path, status=400):
        """The sentence of a refusal."""
        return self.get(path, status).json()["error"]
