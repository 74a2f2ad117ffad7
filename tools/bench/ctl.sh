#!/bin/bash
# ctl.sh OUT.tsv: how long hcctl takes to show 10,000 hosts, in each of its forms, and HAProxy its 10,000 servers.
#
# Half of the hosts are up, half are down and have more to tell. Times are those of a whole run of hcctl, from fork to exit, its
# output thrown away; of HAProxy, which has no such program, those of a connection to its socket from within the measuring
# process, which is to its favour. Ends with 1 when `show hosts` takes 50 ms or more.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: ctl.sh OUT.tsv}
hosts=${HOSTS:-10000}
runs=${RUNS:-40}
bin=$PWD/${BIN:-bin}
run=$(mktemp -d)
ns=ctl$$
pids=()
[ "$(id -u)" = 0 ] || { echo "ctl.sh: needs root" >&2; exit 1; }
tools/dist/deps.sh tools/dist/packages.bench

clean_up() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait || true
  [ ! -e "/run/netns/$ns" ] || ip netns del "$ns"
  rm -rf "$run"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

ulimit -n 131072 2>/dev/null || ulimit -n "$(ulimit -Hn)"
ip netns add "$ns"
ip -n "$ns" link set lo up
inside=(nsenter "--net=/run/netns/$ns")
"${inside[@]}" sysctl -qw net.ipv4.ip_local_port_range="1024 65535" net.core.somaxconn=65535
mkfifo "$run/in"
"${inside[@]}" "$bin/target" 8080 <"$run/in" >/dev/null &
pids+=($!)
exec 7>"$run/in"

# Tables of 100 hosts; nobody listens at the port of every other.
awk -v hosts="$hosts" 'BEGIN {
  print "interval 30\ntimeout 900\nfastpath none"
  for (i = 0; i < hosts; i++) {
    if (i % 100 == 0) {
      if (i > 0) print "}"
      printf "table t%d {\n  real port %d\n  check tcp\n", i / 100, i % 200 == 0 ? 8080 : 8081
      services = services sprintf("service s%d {\n  virtual host 192.0.2.1 port %d\n  table t%d\n}\n", i / 100, 1000 + i / 100, i / 100)
    }
    printf "  host 127.1.%d.%d\n", i / 250, i % 250 + 1
  }
  print "}\n" services
}' >"$run/hcd.conf"
"${inside[@]}" "$bin/hcd" -d -f "$run/hcd.conf" -s "$run/hcd.sock" -p "/sys/fs/bpf/$ns" -C "$run/empty" >"$run/hcd.log" 2>&1 &
pids+=($!)
# shellcheck disable=SC2016 # awk's own
checked() { "$bin/hcctl" -s "$run/hcd.sock" -H -o state show hosts 2>/dev/null | awk -v hosts="$hosts" '{ n[$1]++ } END { exit n["up"] == hosts / 2 && n["down"] == hosts / 2 ? 0 : 1 }'; }
for _ in $(seq 120); do
  sleep 0.5
  ! checked || break
done
checked || { tail "$run/hcd.log" >&2; echo "ctl.sh: the hosts are not half up and half down" >&2; exit 1; }

awk -v hosts="$hosts" -v socket="$run/haproxy.sock" 'BEGIN {
  printf "global\n  stats socket %s\ndefaults\n  mode tcp\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n", socket
  for (i = 0; i < hosts; i++) {
    if (i % 100 == 0) printf "backend t%d\n", i / 100
    printf "  server h%d 127.1.%d.%d:8080\n", i, i / 250, i % 250 + 1
  }
}' >"$run/haproxy.conf"
"${inside[@]}" haproxy -db -f "$run/haproxy.conf" >"$run/haproxy.log" 2>&1 &
pids+=($!)

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
