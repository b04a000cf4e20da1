# SPDX-License-Identifier: MIT
"""`make install`: what it lays down works from there, without the build tree."""

import pathlib
import re
import subprocess

from harness import BUILD, ROOT, agrees, check, each, equal, limit, record, run, target


@limit(200)
def test_install_and_use():
    root = pathlib.Path("root").resolve()
    done = subprocess.run(["meson", "install", "-C", str(BUILD), "--no-rebuild", "--quiet",
                           "--destdir", str(root)], capture_output=True, text=True)
    equal(done.returncode, 0, f"meson install: {done.stdout}{done.stderr}")
    commands = list(root.rglob("bin/heapwise"))
    equal(len(commands), 1, "installed commands")
    recorded = record(target("counts"), heapwise=str(commands[0]))
    agrees(recorded.report(), recorded.json())
    agents = [str(p.relative_to(root)) for p in root.rglob("libheapwise.so")]
    equal(len(agents), 1, "installed agents")
    maps = record("/bin/grep", "libheapwise", "/proc/self/maps", heapwise=str(commands[0]),
                  output="m.heapwise").stdout
    check(agents[0] in maps, f"the agent in use is the installed one: {maps}")
    headers = {p.name for p in root.rglob("include/heapwise/*.h")}
    equal(headers, {"heapwise.h", "mempool.h"}, "installed headers")
    equal(len(list(root.rglob("pkgconfig/heapwise.pc"))), 1, "files of pkg-config")
    pages = {p.name for p in root.rglob("man1/*.1*")}
    check({"heapwise.1", "heapwise-run.1", "heapwise-report.1", "heapwise-fsck.1"} <= pages,
          f"manual pages: {pages}")


@each("run", "report", "diff", "check", "import", "export", "fsck")
def test_manual_page_tells_of_every_option(command):
    page = (ROOT / f"man/heapwise-{command}.1").read_text(encoding="utf-8").replace("\\-", "-")
    for section in (".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH EXIT STATUS"):
        check(section in page, f"the page has {section}")
    text = run(str(BUILD / "heapwise"), command, "--help")
    equal((text.status, text.stderr), (0, ""), "--help")
    for option in sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text.stdout)) - {"--its-option"}):
        check(option in page, f"the page of heapwise-{command} tells of {option}")
