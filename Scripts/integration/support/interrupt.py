"""Presses Ctrl-C while a command is known to be in the middle of its work.

    interrupt.py OUT ERR COMMAND [ARGUMENT ...]

The command's standard error is a terminal that has been stopped: the first line of progress makes a thread of it wait
there. Only then comes SIGINT, and only when its handler has run does the terminal go on. No time is measured: however
fast or slow the machine is, the signal comes before the end. Ends with the command's code.
"""
import os
import pty
import signal
import subprocess
import sys
import termios
import time
import tty

OUT, ERR, COMMAND = sys.argv[1], sys.argv[2], sys.argv[3:]
WRITE = "64" if os.uname().machine == "aarch64" else "1"


def calls(process):
    """The system call that each thread is in, as /proc shows it: `running` in none."""
    folder = f"/proc/{process.pid}/task"
    found = []
    for thread in os.listdir(folder):
        try:
            with open(f"{folder}/{thread}/syscall") as file:
                found.append(file.read().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def has_pending(process):
    with open(f"/proc/{process.pid}/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines["ShdPnd"], 16) >> (signal.SIGINT - 1) & 1


def wait(process, what, condition):
    while not condition():
        if process.poll() is not None:
            sys.exit(f"the command ended with {process.returncode} before {what}")
        time.sleep(0.001)


own, terminal = pty.openpty()
tty.setraw(terminal)
# As by Ctrl-S: who writes to it waits.
termios.tcflow(terminal, termios.TCOOFF)
with open(OUT, "wb") as out:
    process = subprocess.Popen(COMMAND, stdin=subprocess.DEVNULL, stdout=out, stderr=terminal)
wait(process, "it showed progress", lambda: any(call[:2] == [WRITE, "0x2"] for call in calls(process)))
process.send_signal(signal.SIGINT)
wait(process, "it heard", lambda: not has_pending(process) and all(call != ["running"] for call in calls(process)))
termios.tcflow(terminal, termios.TCOON)
os.close(terminal)
with open(ERR, "wb") as err:
    while True:
        try:
            part = os.read(own, 65536)
        except OSError:
            break
        if not part:
            break
        err.write(part)
sys.exit(process.wait())
