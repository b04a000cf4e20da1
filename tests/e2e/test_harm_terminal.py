# SPDX-License-Identifier: MIT
"""Job control: what a shell sees of a recorded program at its terminal is what it sees of it alone."""

import json
import os
import pathlib
import pty
import signal
import subprocess
import termios
import time

from harness import HEAPWISE, check, each, equal, own_agrees, report, target


class Shell:
    """A session with a terminal of its own and one job in the foreground, as a shell has it."""

    def __init__(self, *command):
        ready, told = os.pipe()
        self.leader, self.master = pty.fork()
        if self.leader == 0:
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            job = os.fork()
            if job == 0:
                os.setpgid(0, 0)
                os.tcsetpgrp(0, os.getpid())
                signal.signal(signal.SIGTTOU, signal.SIG_DFL)
                os.execv(command[0], command)
            os.write(told, f"{job}\n".encode())
            while True:
                _, status = os.waitpid(job, os.WUNTRACED)
                os.write(told, f"{status}\n".encode())
                if not os.WIFSTOPPED(status):
                    os._exit(0)
        os.close(told)
        self.told = os.fdopen(ready)
        self.job = int(self.told.readline())

    def until(self, text):
        seen = b""
        while text not in seen:
            seen += os.read(self.master, 100)

    def type(self, key):
        os.write(self.master, key)

    def status(self):
        """The next change of the job, as waitpid tells it."""
        return int(self.told.readline())

    def continue_job(self):
        os.killpg(self.job, signal.SIGCONT)

    def close(self):
        os.close(self.master)
        self.told.close()
        os.waitpid(self.leader, 0)


def commands(how):
    program = target("terminal")
    yield "alone", [program, "alone.truth", how]
    yield "recorded", [HEAPWISE, "run", "--quiet", "-o", "t.heapwise", program, "recorded.truth", how]


def same_end(name, signals):
    """The program's own truth: in its recording, and how often each signal came."""
    truth, came = pathlib.Path(f"{name}.truth").read_text().splitlines()
    equal(came, signals, f"signals that came, {name}")
    if name == "recorded":
        own_agrees(report("t.heapwise"), json.loads(truth))


def test_stopped_and_continued():
    for name, command in commands("stop"):
        shell = Shell(*command)
        shell.until(b"ready")
        for _ in range(3):
            shell.type(b"\x1a")
            status = shell.status()
            equal((os.WIFSTOPPED(status), os.WSTOPSIG(status)), (True, signal.SIGTSTP), f"Ctrl-Z, {name}")
            time.sleep(0.1)
            shell.continue_job()
            time.sleep(0.2)
        shell.type(b"\x03")
        equal(os.waitstatus_to_exitcode(shell.status()), 5, f"exit status, {name}")
        shell.close()
        same_end(name, "INT 1 QUIT 0 HUP 0 TSTP 0")


def test_continued_alone():
    """Who continues the job by its process, not by its group, continues all of it."""
    for name, command in commands("stop"):
        shell = Shell(*command)
        shell.until(b"ready")
        shell.type(b"\x1a")
        equal(os.WIFSTOPPED(shell.status()), True, f"Ctrl-Z, {name}")
        os.kill(shell.job, signal.SIGCONT)
        time.sleep(0.2)
        shell.type(b"\x1c")
        equal(os.waitstatus_to_exitcode(shell.status()), 5, f"exit status, {name}")
        shell.close()
        same_end(name, "INT 0 QUIT 1 HUP 0 TSTP 0")


@each("ignore", "catch")
def test_program_that_does_not_stop(how):
    """Then heapwise does not either: the job stays in the foreground."""
    for name, command in commands(how):
        shell = Shell(*command)
        shell.until(b"ready")
        shell.type(b"\x1a")
        time.sleep(0.2)
        shell.type(b"\x1a" if how == "catch" else b"\x03")
        status = shell.status()
        equal(os.WIFSTOPPED(status), False, f"it went on, {name}")
        equal(os.waitstatus_to_exitcode(status), 5, f"exit status, {name}")
        shell.close()
        same_end(name, "INT 0 QUIT 0 HUP 0 TSTP 2" if how == "catch" else "INT 1 QUIT 0 HUP 0 TSTP 0")


def in_other_modes(command):
    """The same with a terminal that neither echoes nor waits for lines, as editors and pagers have it."""
    return ["/bin/sh", "-c", 'stty -echo -icanon; exec "$@"', "sh", *command]


def screen_rest(shell):
    """What comes on the screen until the last process has closed the terminal."""
    seen = b""
    try:
        while more := os.read(shell.master, 1000):
            seen += more
    except OSError:
        pass
    return seen


def program_of(shell, name):
    if name == "alone":
        return shell.job
    with open(f"/proc/{shell.job}/task/{shell.job}/children", encoding="ascii") as f:
        return int(f.read())


@each("INT", "QUIT", "HUP", "TERM", "KILL of the program", "SEGV of the program")
def test_terminal_after_the_end(how):
    """However the program ends: the terminal's modes are what they are after the program alone, nothing more is
    on the screen, and the shell is told the same."""
    ends = []
    for name, command in commands("stop"):
        shell = Shell(*in_other_modes(command))
        shell.until(b"ready")
        if how in ("INT", "QUIT"):
            shell.type(b"\x03" if how == "INT" else b"\x1c")
        elif " of the program" in how:
            os.kill(program_of(shell, name), getattr(signal, f"SIG{how.split()[0]}"))
        else:
            os.kill(shell.job, getattr(signal, f"SIG{how}"))
        status = os.waitstatus_to_exitcode(shell.status())
        rest = screen_rest(shell)
        modes = termios.tcgetattr(shell.master)
        equal(modes[3] & (termios.ECHO | termios.ICANON), 0, f"modes that the program set, {name}")
        ends.append((status, modes, rest))
        shell.close()
    equal(ends[1], ends[0], "status, modes and screen, recorded and alone")


def until_stopped(pid, pending=0):
    """Waits until a process is stopped and the kernel has given it these signals (bits): both take a while, a
    key's signal from the key on."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
        if status["State"].split()[0] == "T" and int(status["ShdPnd"], 16) & pending == pending:
            return
        time.sleep(0.001)
    check(False, f"process {pid} was not stopped with signals {pending:#x} pending")


def test_terminal_after_the_recorders_death():
    """The program keeps its terminal as it is, and Ctrl-C still reaches it."""
    _, command = list(commands("stop"))[1]
    shell = Shell(*in_other_modes(command))
    shell.until(b"ready")
    before, program = termios.tcgetattr(shell.master), program_of(shell, "recorded")
    os.kill(program, signal.SIGSTOP)  # it is to see the key before its session ends with the shell
    until_stopped(program)
    shell.type(b"\x03")
    until_stopped(program, pending=1 << signal.SIGINT - 1)
    os.kill(shell.job, signal.SIGKILL)
    os.kill(program, signal.SIGCONT)
    equal(os.waitstatus_to_exitcode(shell.status()), -signal.SIGKILL, "what the shell is told of heapwise")
    screen_rest(shell)
    equal(termios.tcgetattr(shell.master), before, "modes of the terminal")
    shell.close()
    came = pathlib.Path("recorded.truth").read_text().splitlines()[1]
    check(came.startswith("INT 1 QUIT 0"), f"signals that came: {came}")


def test_terminal_that_is_closed():
    for name, command in commands("stop"):
        shell = Shell(*command)
        shell.until(b"ready")
        os.close(shell.master)
        os.waitpid(shell.leader, 0)
        shell.told.close()
        end = time.monotonic() + 30
        while time.monotonic() < end and "TSTP" not in (pathlib.Path(f"{name}.truth").read_text()
                                                        if os.path.exists(f"{name}.truth") else ""):
            time.sleep(0.05)
        while time.monotonic() < end and os.path.exists(f"/proc/{shell.job}/exe"):
            time.sleep(0.05)
        same_end(name, "INT 0 QUIT 0 HUP 1 TSTP 0")


def test_signal_to_the_group_by_the_program_itself():
    """kill(0, …) reaches heapwise too, which does not pass it on a second time."""
    script = "import os, signal, time\ncame = []\nsignal.signal(signal.SIGUSR1, lambda s, f: came.append(s))\n" \
             "for i in range(20):\n    os.kill(0, signal.SIGUSR1)\n    time.sleep(0.02)\nprint(len(came))"
    for name, command in (("alone", []), ("recorded", [HEAPWISE, "run", "--quiet", "-o", "g.heapwise"])):
        done = subprocess.run([*command, "/usr/bin/python3", "-c", script], capture_output=True, text=True,
                              start_new_session=True, timeout=50)
        equal((done.returncode, done.stdout), (0, "20\n"), f"signals that came, {name}")
