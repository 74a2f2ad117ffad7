#!/bin/bash
# ctl.sh OUT.tsv: how long hcctl takes to show 10,000 hosts, in each of its forms, and HAProxy its 10,000 servers.
#
# Half of the hosts are up, half are down and have more to tell. Times are those of a whole run of hcctl, from fork to exit, its
# output thrown away; of HAProxy, which has no such program, those of a connection to its socket from within the measuring
# process, which is to its favour. Ends with 1 when `show hosts` takes 50 ms or more.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: ctl.sh OUT.tsv}
runs=${RUNS:-40}
. tools/bench/site.sh "${HOSTS:-10000}"

# Nobody listens at the port of every other table.
# shellcheck disable=SC2016 # awk's own
checked() { "$bin/hcctl" -s "$run/hcd.sock" -H -o state show hosts 2>/dev/null | awk -v hosts="$hosts" '{ n[$1]++ } END { exit n["up"] == hosts / 2 && n["down"] == hosts / 2 ? 0 : 1 }'; }
site_hcd 30 8081 checked
site_haproxy

python3 - "$bin/hcctl" "$run/hcd.sock" "$run/haproxy.sock" "$runs" >"$out" <<'PYTHON'
import os, socket, statistics, subprocess, sys, time

hcctl, ours, theirs, runs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])


def run(*words):
    begun = time.perf_counter()
    child = subprocess.Popen([hcctl, "-s", ours, *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    assert status == 0, words
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime


def ask(command):
    begun = time.perf_counter()
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(theirs)
        s.sendall(command.encode() + b"\n")
        size = 0
        while part := s.recv(1 << 20):
            size += len(part)
    return time.perf_counter() - begun, size


print("who\twhat\tms, median\tms, 9 in 10\tof them CPU\tKB")
for words in ["show hosts", "show summary", "-j show hosts", "-J show hosts", "-o name,state,reason show hosts", "check table t0", "show version"]:
    taken = [run(*words.split()) for _ in range(runs)]
    size = len(subprocess.run([hcctl, "-s", ours, *words.split()], capture_output=True).stdout)
    times = sorted(t for t, _ in taken)
    print(f"hcctl\t{words}\t{statistics.median(times) * 1e3:.1f}\t{times[len(times) * 9 // 10] * 1e3:.1f}\t{statistics.median(c for _, c in taken) * 1e3:.1f}\t{size // 1000}")
for _ in range(100):
    if os.path.exists(theirs):
        break
    time.sleep(0.1)
for command in ["show stat", "show servers state"]:
    taken = [ask(command) for _ in range(runs)]
    times = sorted(t for t, _ in taken)
    print(f"HAProxy\t{command}\t{statistics.median(times) * 1e3:.1f}\t{times[len(times) * 9 // 10] * 1e3:.1f}\t-\t{taken[0][1] // 1000}")
PYTHON
column -t -s "$(printf '\t')" "$out"
awk -F'\t' '$2 == "show hosts" && $3 >= 50 { print "show hosts takes " $3 " ms: 50 are too many"; exit 1 }' "$out"
