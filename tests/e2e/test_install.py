# SPDX-License-Identifier: MIT
"""`make install`: what it lays down works from there, without the build tree."""

import pathlib
import subprocess

from harness import BUILD, ROOT, agrees, check, equal, limit, record, run, target


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
    pages = {p.name for p in root.rglob("man1/*.1*")}
    check({"heapwise.1", "heapwise-run.1", "heapwise-report.1", "heapwise-fsck.1"} <= pages,
          f"manual pages: {pages}")


def test_manual_pages_have_no_errors():
    for page in sorted((ROOT / "man").glob("*.1")):
        text = page.read_text(encoding="utf-8")
        for section in (".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION"):
            check(section in text, f"{page.name} has {section}")
    version = run(str(BUILD / "heapwise"), "--version").stdout
    check("heapwise" in version, version)
