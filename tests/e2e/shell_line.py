#!/usr/bin/env python3
"""shell_line.py SHELL SETUP LINE KEYS: what an interactive shell makes of a line.

Starts SHELL (bash or zsh) on a terminal of its own without the user's files, has it run SETUP, types LINE and KEYS, and
prints the line as it stands then, its blanks made one: the shell itself echoes it. Ends with 1 after 30 seconds.
"""
import os
import pty
import re
import select
import sys
import time

shell, setup, line, keys = sys.argv[1:]
start = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell]
end = time.monotonic() + 30
seen = b""


def wait_for(pattern):
    """What matches is on the terminal; what came before it is forgotten."""
    global seen
    while True:
        found = re.search(pattern, seen)
        if found:
            seen = seen[found.end():]
            return found
        if time.monotonic() > end or not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"{shell} does not print {pattern!r}; it printed {seen!r}")
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            sys.exit(f"{shell} ended; it printed {seen!r}")


child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="dumb", PS1="$ ", HISTFILE="/dev/null")
    os.execvp(start[0], start)
# The quotes tell the output from what is typed.
os.write(terminal, f"{setup}; echo rea''dy\r".encode())
wait_for(rb"ready\r?\n")
os.write(terminal, line.encode() + keys.encode().decode("unicode_escape").encode())
os.write(terminal, b"\x01echo 'beg''in' \x05 'e''nd'\r")  # to the line's start, to its end
print(re.sub(rb"\s+", b" ", wait_for(rb"begin ((?s:.*?)) ?end\r?\n").group(1)).decode().strip())
os.close(terminal)
os.waitpid(child, 0)
