# SPDX-License-Identifier: MIT
"""What is said of the commands holds: options of the help are taken, each is in the manual page and the
other way round, and mistakes get one line that says what to do."""

import pathlib
import re
import subprocess

from harness import HEAPWISE, ROOT, check, each, equal, record, run, target

COMMANDS = ("run", "report", "view", "html", "export", "diff", "check", "import", "fsck")
# Other words for options that have a usual one; they are in the manual, not in the help.
ALSO = {"report": {"--to"}}


def help_of(command):
    result = run(HEAPWISE, command, "--help")
    equal((result.status, result.stderr), (0, ""), f"heapwise {command} --help")
    return result.stdout


def options_of_help(command):
    """The long options that the help lists, each at the start of its line."""
    listed = set()
    for line in help_of(command).splitlines():
        if re.match(r" {2,6}-", line):
            listed |= set(re.findall(r"--[a-z][a-z-]*", re.split(r" {2,}[^- ]", line.strip())[0]))
    return listed


def page_of(command):
    text = (ROOT / f"man/heapwise-{command}.1").read_text()
    return re.sub(r"\\f.", "", text.replace(r"\-", "-"))


def options_of_page(command):
    """Those that a manual page has in a heading (the line after .TP) or in a list of options."""
    found, lines = set(), page_of(command).splitlines()
    for i, line in enumerate(lines):
        if i > 0 and lines[i - 1] in (".TP", ".TQ") or line.startswith((".B --", ".BR --", ".RB ( --")):
            found |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", line))
    return found


def test_all_commands_are_listed():
    whole = run(HEAPWISE, "--help").stdout
    equal(re.findall(r"^  ([a-z]+)  ", whole.split("Commands:")[1].split("Options:")[0], re.MULTILINE),
          list(COMMANDS), "the commands of the help")
    main_page = (ROOT / "man/heapwise.1").read_text().replace("\\-", "-")
    for command in COMMANDS:
        check((ROOT / f"man/heapwise-{command}.1").exists(), f"there is a page on {command}")
        check(f"heapwise-{command} (1)" in main_page, f"heapwise(1) names the page on {command}")


@each(*COMMANDS)
def test_help_and_manual_agree(command):
    listed, written = options_of_help(command), options_of_page(command)
    check(listed, f"the help has options: {help_of(command)}")
    equal(sorted(listed - written - {"--help"}), [], "options that the manual page does not have")
    equal(sorted(written - listed - {"--help"} - ALSO.get(command, set())), [], "options that the help does not have")


@each(*COMMANDS)
def test_each_option_is_taken(command):
    """An option that nobody knows is refused by name; those of the help are not."""
    unknown = run(HEAPWISE, command, "--no-such-thing")
    equal((unknown.status, unknown.stdout), (2, ""), "an option that does not exist")
    check("--no-such-thing" in unknown.stderr and unknown.stderr.count("\n") == 1, unknown.stderr)
    for option in sorted(options_of_help(command) | ALSO.get(command, set())):
        said = run(HEAPWISE, command, option, "--help").stderr
        check(f"'{option}': did you mean" not in said and "unknown option" not in said and "no such option" not in said,
              f"{option}: {said}")


@each(*(c for c in COMMANDS if c != "run"))
def test_mistakes_say_what_to_do(command):
    nothing = run(HEAPWISE, command)
    equal((nothing.status, nothing.stdout), (2, ""), "without a file")
    check(nothing.stderr.startswith("heapwise: "), nothing.stderr)
    typo = run(HEAPWISE, command, "--hlep")
    check("--help" in typo.stderr and typo.status == 2, typo.stderr)


READERS = {"report": (), "export": ("--to", "csv", "-o", "-"), "html": ("-o", "-"), "check": ("--max-peak", "1G"),
           "fsck": (), "import": ("-o", "kept.heapwise"), "view": ("--no-open",)}


@each(*READERS)
def test_files_that_cannot_be_read(command):
    pathlib.Path("words").write_text("nothing that any profiler writes\n" * 3)
    pathlib.Path("empty").write_bytes(b"")
    for name, why in (("missing", "No such file"), ("words", "not a recording of heapwise, nor a file of a kind"),
                      ("empty", "not a recording"), (".", "it is a directory")):
        refused = run(HEAPWISE, command, *READERS[command], name)
        equal((refused.status, refused.stdout), (1, ""), f"{command} {name}: {refused.stderr}")
        check(refused.stderr.startswith("heapwise: ") and refused.stderr.count("\n") == 1
              and why in refused.stderr and name in refused.stderr, f"{name}: {refused.stderr}")


@each(*(c for c in READERS if c != "view"))
def test_standard_input(command):
    """- is the recording from standard input, with the same answer as from its file."""
    file = record(target("peak")).main
    named = run(HEAPWISE, command, *READERS[command], file)
    with open(file, "rb") as stdin:
        piped = subprocess.run([HEAPWISE, command, *READERS[command], "-"], stdin=stdin, capture_output=True)
    equal((piped.returncode, named.status), (0, 0) if command != "import" else (1, 1), piped.stderr)
    if command == "export":
        equal(piped.stdout.decode().replace("\r\n", "\n"), named.stdout, "the same")


def test_formats_that_do_not_exist():
    file = record(target("peak")).main
    for word, why in (("pprov", "did you mean pprof"), ("flamegraph", "heapwise export --list"), ("30%", "--until")):
        refused = run(HEAPWISE, "export", file, "--to", word)
        equal((refused.status, refused.stdout, refused.stderr.count("\n")), (2, "", 1), refused.stderr)
        check(why in refused.stderr, refused.stderr)
    without = run(HEAPWISE, "export", file)
    check(without.status == 2 and "pprof" in without.stderr and "speedscope" in without.stderr, without.stderr)
