# SPDX-License-Identifier: MIT
"""Whom the server of `heapwise view` refuses, and how it begins and ends."""

import errno
import http.client
import os
import pathlib
import signal
import socket
import subprocess

from harness import HEAPWISE, check, each, equal, record, run, target
from serving import Served


def test_only_this_machines_names_are_hosts():
    with Served(record(target("counts")).main) as served:
        path = f"/{served.token}/api/recordings"
        for host in ("127.0.0.1", f"localhost:{served.port}", f"LocalHost:{served.port}",
                     f"[::1]:{served.port}", "127.0.0.1:9999"):
            equal(served.ask("GET", path, host=host).status, 200, f"Host: {host}")
        for host in ("evil.example", f"evil.example:{served.port}", "127.0.0.1.evil.example",
                     "localhost.evil.example", "127.0.0.2", "0.0.0.0", "127.0.0.1:", "127.0.0.1:80x",
                     "127.0.0.1:123456", "localhost:80@evil.example", "[::1", "[::1]evil", " "):
            answer = served.ask("GET", path, host=host)
            equal(answer.status in (400, 403), True, f"Host: {host!r} got {answer.status}")
            check(b"recordings" not in answer.body, f"Host: {host!r} got an answer")
        equal(served.ask("GET", path, host=False).status in (400, 403), True, "without a Host")


def test_nothing_without_the_token():
    with Served(record(target("counts")).main) as served:
        token = served.token
        wrong = ("1" if token[0] != "1" else "2") + token[1:]
        for path in ("/", "/index.html", "/api/recordings", f"/{wrong}/", f"/{wrong}/api/recordings",
                     f"/{token[:-1]}/", f"/{token}0/", f"/{token.upper() if token != token.upper() else wrong}/",
                     f"//{token}/", f"/./{token}/", f"/x/../{token}/", "/favicon.ico"):
            answer = served.ask("GET", path)
            equal(answer.status, 404, path)
            check(token.encode() not in answer.body, f"{path} tells the token")
        answer = served.ask("GET", f"/{token}")
        equal((answer.status, answer.headers["Location"]), (303, f"/{token}/"), "without the slash")


def test_no_way_out_of_the_page():
    pathlib.Path("ui").mkdir()
    pathlib.Path("ui/index.html").write_text("<!doctype html>development")
    pathlib.Path("ui/.hidden.js").write_text("secret")
    pathlib.Path("secret.js").write_text("secret")
    file = record(target("counts")).main
    for env in (None, {**os.environ, "HEAPWISE_UI": "ui"}):
        with Served(file, env=env) as served:
            if env:
                equal(served.get("").text(), "<!doctype html>development", "the page's own folder")
            for path in ("../secret.js", "..%2fsecret.js", "%2e%2e/secret.js", "%2e%2e%2fsecret.js",
                         "..%5csecret.js", "/etc/passwd", "%2fetc%2fpasswd", ".hidden.js", "./index.html",
                         "index.html/", "ui/index.html", "api", "api/", "api/0", "api/0/", "api/0/none",
                         "api/0/facts/", "api/00/facts", "api/-1/facts", "api/a/facts", "api//facts",
                         "api/0/facts/x/y/z/1/2/3/4", "index.html%00.js"):
                answer = served.ask("GET", f"/{served.token}/{path}")
                check(answer.status in (400, 404), f"{path}: {answer.status}")
                check(b"secret" not in answer.body and b"root:" not in answer.body, f"{path} leads out")


def test_only_get():
    with Served(record(target("counts")).main) as served:
        path = f"/{served.token}/api/recordings"
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
            answer = served.ask(method, path, body=b"x" * 3000)
            equal((answer.status, answer.headers["Allow"]), (405, "GET"), method)
        equal(served.get("api/recordings").status, 200, "GET, after all of that")


def test_every_answer_is_closed_to_others():
    with Served(record(target("counts")).main) as served:
        for path in ("", "api/recordings", "api/0/tables", "api/0/profile?from=x", "nothing"):
            answer = served.ask("GET", f"/{served.token}/{path}")
            policy = answer.headers["Content-Security-Policy"]
            check(policy.startswith("default-src 'none'; script-src 'self';"), f"policy: {policy}")
            check("unsafe" not in policy and "*" not in policy, f"policy: {policy}")
            equal(answer.headers["X-Content-Type-Options"], "nosniff", path)
            equal(answer.headers["Cache-Control"], "no-store", path)
            equal(answer.headers["Referrer-Policy"], "no-referrer", path)
            equal(answer.headers["Cross-Origin-Resource-Policy"], "same-origin", path)
            check("Access-Control-Allow-Origin" not in answer.headers, path)


BAD = {
    "from=x": "not a whole number", "from=-1": "not a whole number", "from=1.5": "not a whole",
    "from=99999999999999999999": "not a whole", "from=5&to=5": "range is empty",
    "from=6&to=5": "range is empty", "to=0": "range is empty", "from=99999999": "behind the end",
    "alive_at=0": "nothing was alive", "from=1&from=2": "given twice", "size=5": "MIN-MAX",
    "size=9-5": "the least", "size=a-b": "MIN-MAX", "lifetime=--": "MIN-MAX", "thread=999999": "no such",
    "thread=": "no such", "thread=x": "no such", "function=%28": "regular expression",
    "function=!": "empty", "function=a%5C1": "too costly", "function=%28a%7B99%7D%29%7B99%7D": "too costly",
    "file=%5B": "regular expression", "whole_group=yes": "leaked", "times=2": "1 only",
    "nonsense=1": "no parameter", "from=%zz": "hexadecimal", "from=%": "hexadecimal",
    "function=a%00b": "NUL", "points=3": "no parameter",
}


def test_bad_questions_get_a_sentence():
    with Served(record(target("counts")).main) as served:
        for question, why in BAD.items():
            said = served.error(f"api/0/profile?{question}")
            check(why in said, f"{question}: {said!r}")
        for path in ("api/0/history?points=1", "api/0/history?points=257", "api/0/timeline?points=0",
                     "api/0/timeline?from=5&to=4", "api/0/facts?from=1", "api/recordings?x",
                     "api/0/tables?x=1", "api/0/profile?function=" + "a" * 2000,
                     "api/0/profile?" + "&".join(["function=a"] * 40)):
            check(len(served.error(path)) > 10, path)
        equal(served.get("api/0/profile?from=&to=&function=&&size=").status, 200, "empty parts are none")


def test_hostile_bytes_do_no_harm():
    with Served(record(target("counts")).main) as served:
        for piece in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100, b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
                      b"GET /%00%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\xff\xfe\r\n\r\n",
                      b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
                      b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
                      f"GET /{served.token}/?<script> HTTP/1.0\r\n\r\n".encode()):
            with socket.create_connection(("127.0.0.1", served.port), timeout=10) as s:
                try:
                    s.sendall(piece)
                    s.shutdown(socket.SHUT_WR)
                    while s.recv(65536):
                        pass
                except ConnectionError:
                    pass  # the server may close before all of it was sent
                except OSError as e:
                    equal(e.errno, errno.ENOTCONN, "what the connection ended with")
        said = served.error("api/0/profile?function=%28<script>alert(1)</script>")
        check("<script>" in said, "the sentence is data, in JSON")
        equal(served.get("api/recordings").status, 200, "a good question, after all of that")


def test_questions_that_nobody_waits_for_do_no_harm():
    with Served(record(target("waits"), 100).main) as served:
        for n in range(1, 40):
            s = socket.create_connection(("127.0.0.1", served.port), timeout=10)
            s.sendall(f"GET /{served.token}/api/0/profile?from={n}&times=1 HTTP/1.1\r\n"
                      f"Host: localhost\r\n\r\n".encode())
            s.close()
        equal(served.get("api/0/profile?from=1").status, 200, "a question that is waited for")


def test_only_loopback_listens():
    with Served(record(target("counts")).main) as served:
        lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
        wanted = f"{served.port:04X}"
        listening = [l.split()[1] for l in lines if l.split()[1].endswith(":" + wanted) and l.split()[3] == "0A"]
        equal(listening, [f"0100007F:{wanted}"], "addresses that the port is open on")


def test_a_port_in_use_is_told():
    file = record(target("counts")).main
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run(HEAPWISE, "view", file, "--no-open", "--port", port)
        equal((result.status, result.stdout), (1, ""), "status and output")
        check(f"port {port}" in result.stderr and "--port" in result.stderr, result.stderr)


def test_the_port_that_is_asked_for():
    file = record(target("counts")).main
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Served(file, "--port", port) as served:
        equal(served.port, port, "port")
        check(f"ssh -L {port}:127.0.0.1:{port}" in served.said, "how to reach it from elsewhere")


@each("INT", "TERM", "HUP")
def test_it_ends_in_order(name):
    with Served(record(target("counts")).main) as served:
        kept = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        kept.request("GET", f"/{served.token}/api/recordings")
        kept.getresponse().read()
        served.process.send_signal(getattr(signal, "SIG" + name))
        equal(served.process.wait(timeout=30), 0, f"exit status after SIG{name}, with a connection open")
        kept.close()


def test_the_browsers_address_works_once():
    """The address on xdg-open's command line is not the one with the token."""
    pathlib.Path("bin").mkdir()
    opener = pathlib.Path("bin/xdg-open")
    opener.write_text("#!/bin/sh\necho \"$1\" >opened.part\nmv opened.part opened\n")
    opener.chmod(0o755)
    file = record(target("counts")).main
    env = {**os.environ, "PATH": f"{pathlib.Path('bin').resolve()}:{os.environ['PATH']}", "DISPLAY": ":99"}
    with Served(file, env=env, opens=True) as served:
        for _ in range(500):
            if os.path.exists("opened"):
                break
            served.pause()
        address = pathlib.Path("opened").read_text().strip()
        check(served.token not in address, "the token is on a command line")
        path = address.removeprefix(f"http://127.0.0.1:{served.port}")
        answer = served.ask("GET", path)
        equal((answer.status, answer.headers["Location"]), (303, f"/{served.token}/"), "the first time")
        equal(served.ask("GET", path).status, 404, "the second time")


def test_used_wrongly():
    for arguments, why in (((), "which recording"), (("a", "b"), "one recording"), (("a", "--prot", "1"), "--port"),
                           (("a", "--port", "x"), "--port"), (("a", "--port", "70000"), "65535"),
                           (("a", "--port"), "value")):
        result = run(HEAPWISE, "view", *arguments)
        equal((result.status, result.stdout), (2, ""), f"{arguments}: {result.stderr}")
        check(why in result.stderr, f"{arguments}: {result.stderr}")
    missing = run(HEAPWISE, "view", "missing.heapwise", "--no-open")
    equal(missing.status, 1, "a file that is not there")
    check("missing.heapwise" in missing.stderr, missing.stderr)
    shown = subprocess.run([HEAPWISE, "view", "--help"], capture_output=True, text=True, check=True).stdout
    check("--no-open" in shown and "Ctrl-C" in shown, "help")
