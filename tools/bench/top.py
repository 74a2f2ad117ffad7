"""top.py BIN RUN HOSTS SECONDS HCD: the measuring of top.sh, which see. Prints its table."""
import fcntl, os, pty, re, select, signal, statistics, struct, subprocess, sys, termios, threading, time

bin_dir, run, hosts, seconds, hcd = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_of(pid):
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return {line.split(":")[0]: int(line.split()[1]) for line in f if line[0] in "RP" and ":" in line}


class Screen:
    """A program on a pseudo-terminal of 160x50, whose output is counted and looked at."""

    def __init__(self, argv):
        self.begun = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
            os.execvp(argv[0], argv)
        self.text, self.size = b"", 0

    def read(self, until):
        while (left := until - time.perf_counter()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                return
            part = os.read(self.fd, 1 << 16)
            self.size += len(part)
            self.text = (self.text + part)[-(1 << 20):]
            yield

    def first(self, pattern, limit=60):
        """Seconds until the pattern has been written, escape sequences left out."""
        for _ in self.read(self.begun + limit):
            if re.search(pattern, re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]", b"", self.text)):
                return time.perf_counter() - self.begun
        raise SystemExit(f"top.py: {pattern} was not shown: {self.text[-2000:]}")

    def cpu(self):
        return cpu_of(self.pid)

    def watch(self, time_s):
        """Per cent of a core, bytes a second."""
        cpu, size, begun = self.cpu(), self.size, time.perf_counter()
        for _ in self.read(begun + time_s):
            pass
        took = time.perf_counter() - begun
        return 100 * (self.cpu() - cpu) / took, (self.size - size) / took

    def memory(self):
        return memory_of(self.pid)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def ours():
    argv = [f"{bin_dir}/hctop", "-s", f"{run}/hcd.sock"]
    shown = rb"hosts %d/%d" % (hosts, hosts)
    firsts = []
    for _ in range(10):
        screen = Screen(argv)
        firsts.append(screen.first(shown))
        screen.end()
    out = {"first": statistics.median(firsts) * 1e3}
    screen = Screen(argv)
    screen.first(shown)
    for _ in screen.read(time.perf_counter() + 3):
        pass
    out["cpu"], out["bytes"] = screen.watch(seconds)
    churn = subprocess.Popen([f"{bin_dir}/churn", f"{run}/hcd.sock", "50", str(int(seconds) + 5)], stdout=subprocess.DEVNULL)
    for _ in screen.read(time.perf_counter() + 2):
        pass
    out["cpu50"], out["bytes50"] = screen.watch(seconds)
    out["memory"] = screen.memory()
    assert churn.wait() == 0, "churn"
    screen.end()
    # Nothing at all changes: what is shown of a recording that has ended is drawn each second all the same.
    recorded = f"{run}/recording"
    screen = Screen([*argv, "--record", recorded])
    screen.first(shown)
    for _ in screen.read(time.perf_counter() + 0.5):
        pass
    screen.end()
    screen = Screen([f"{bin_dir}/hctop", "--replay", recorded])
    screen.first(rb"REPLAY")
    for _ in screen.read(time.perf_counter() + 3):
        pass
    _, out["quiet"] = screen.watch(seconds)
    screen.end()
    return out


class Watchers:
    """Subscribers of the daemon, which are another process."""

    def __init__(self, count, how="reads"):
        self.program = subprocess.Popen(
            [f"{bin_dir}/watchers", f"{run}/hcd.sock", str(count), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.program.stdout.readline() == b"there\n", "watchers"

    def end(self):
        self.program.stdin.close()
        assert self.program.wait() == 0, "watchers"


def child(name):
    with open(f"/proc/{hcd}/task/{hcd}/children") as f:
        for pid in f.read().split():
            with open(f"/proc/{pid}/cmdline") as g:
                if name in g.read().split("\0"):
                    return pid
    raise SystemExit(f"top.py: {hcd} has no child {name}")


def daemon():
    """pfe's per cent of a core by subscribers; by how many kB its memory grows for one that stops reading."""
    pfe, cpu, grown = child("pfe"), {}, {}
    wait = 5
    churn = subprocess.Popen([f"{bin_dir}/churn", f"{run}/hcd.sock", "50", "3600"], stdout=subprocess.DEVNULL)
    for count in [0, 1, 10]:
        watchers = Watchers(count)
        time.sleep(wait)
        before, begun = cpu_of(pfe), time.perf_counter()
        time.sleep(seconds)
        cpu[count] = 100 * (cpu_of(pfe) - before) / (time.perf_counter() - begun)
        watchers.end()
    for how in ["stops", "never"]:
        time.sleep(wait)
        before = memory_of(pfe)["Rss"]
        watchers = Watchers(1, how)
        grown[how] = []
        for _ in range(2):
            time.sleep(20)
            grown[how].append(memory_of(pfe)["Rss"] - before)
        watchers.end()
    churn.kill()
    churn.wait()
    return cpu, grown


def htop():
    """As many rows: the threads of one process."""
    threading.stack_size(65536)
    stop = threading.Event()
    count = 0
    for _ in range(hosts):
        try:
            threading.Thread(target=stop.wait, daemon=True).start()
            count += 1
        except RuntimeError:
            break
    screen = Screen(["htop"])
    out = {"rows": count, "first": screen.first(rb"F10") * 1e3}
    for _ in screen.read(time.perf_counter() + 3):
        pass
    out["cpu"], out["bytes"] = screen.watch(seconds)
    out["memory"] = screen.memory()
    screen.end()
    stop.set()
    return out


def hatop():
    screen = Screen(["hatop", "-s", f"{run}/haproxy.sock"])
    out = {"first": screen.first(rb"h[0-9]+ ") * 1e3}
    for _ in screen.read(time.perf_counter() + 3):
        pass
    out["cpu"], out["bytes"] = screen.watch(seconds)
    out["memory"] = screen.memory()
    screen.end()
    return out


def line(case, value, peer, name, unit):
    ratio = "-" if peer is None or peer == 0 else f"{value / peer:.2f}"
    print(f"{case}\t{value:.2f}\t{'-' if peer is None else f'{peer:.2f}'}\t{name}\t{unit}\t{ratio}")


(cpu, grown), us, them = daemon(), ours(), {"htop": htop(), "hatop": hatop()}
print("case\tours\tpeer\tpeer name\tunit\tratio")
for index, (name, peer) in enumerate(them.items()):
    where = name if name == "hatop" else f"htop, {peer['rows']} rows"
    again = "" if index == 0 else ", again"
    line(f"first whole frame{again}", us["first"], peer["first"], where, "ms")
    line(f"CPU, checks alone change{again}", us["cpu"], peer["cpu"], where, "% of a core")
    line(f"terminal output, checks alone change{again}", us["bytes"] / 1e3, peer["bytes"] / 1e3, where, "kB/s")
    line(f"memory{again}", us["memory"]["Rss"] / 1024, peer["memory"]["Rss"] / 1024, where, "MB")
line("CPU, 50 changes a second", us["cpu50"], None, "-", "% of a core")
line("terminal output, 50 changes a second", us["bytes50"] / 1e3, None, "-", "kB/s")
line("terminal output, nothing pressed, nothing changed", us["quiet"] / 1e3, None, "-", "kB/s")
for count, what in [(0, "no subscriber"), (1, "one"), (10, "ten")]:
    line(f"pfe's CPU, 50 changes a second, {what}", cpu[count], None, "-", "% of a core")
for how, what in [("stops", "its first snapshot"), ("never", "nothing")]:
    for after, kb in zip([20, 40], grown[how]):
        line(f"pfe's memory for a reader of {what}, after {after} s", kb / 1024, None, "-", "MB")
line("memory, its own part", us["memory"]["Pss"] / 1024, None, "-", "MB")
