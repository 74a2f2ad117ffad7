#!/bin/bash
# top.sh OUT.tsv: what hctop costs with 10,000 hosts: the time to its first whole frame, its share of a core, what it writes to
# the terminal, its memory; while nothing changes but the checks, and with 50 changes a second. Beside it htop with as many rows,
# which are threads here, and hatop with as many servers.
#
# The terminal is a pseudo-terminal of 160x50 whose other end is read at once. A frame is whole when the daemon's hosts are
# counted on it. Ends with 1 when a bar is missed.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: top.sh OUT.tsv}
hosts=${HOSTS:-10000}
seconds=${SECONDS_EACH:-20}
bin=$PWD/${BIN:-bin}
run=$(mktemp -d)
ns=top$$
pids=()
[ "$(id -u)" = 0 ] || { echo "top.sh: needs root" >&2; exit 1; }
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

# Tables of 100 hosts, each checked every ten seconds.
awk -v hosts="$hosts" 'BEGIN {
  print "interval 10\ntimeout 900\nfastpath none"
  for (i = 0; i < hosts; i++) {
    if (i % 100 == 0) {
      if (i > 0) print "}"
      printf "table t%d {\n  real port 8080\n  check tcp\n", i / 100
      services = services sprintf("service s%d {\n  virtual host 192.0.2.1 port %d\n  table t%d\n}\n", i / 100, 1000 + i / 100, i / 100)
    }
    printf "  host 127.1.%d.%d\n", i / 250, i % 250 + 1
  }
  print "}\n" services
}' >"$run/hcd.conf"
"${inside[@]}" "$bin/hcd" -d -f "$run/hcd.conf" -s "$run/hcd.sock" -p "/sys/fs/bpf/$ns" -C "$run/empty" >"$run/hcd.log" 2>&1 &
pids+=($!)
up() { "$bin/hctop" -s "$run/hcd.sock" -b -n 1 -f nobody 2>/dev/null | grep -q "host $hosts/$hosts"; }
for _ in $(seq 120); do
  sleep 0.5
  ! up || break
done
up || { tail "$run/hcd.log" >&2; echo "top.sh: the hosts are not up" >&2; exit 1; }

awk -v hosts="$hosts" -v socket="$run/haproxy.sock" 'BEGIN {
  printf "global\n  stats socket %s level admin\ndefaults\n  mode tcp\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n", socket
  for (i = 0; i < hosts; i++) {
    if (i % 100 == 0) printf "backend t%d\n", i / 100
    printf "  server h%d 127.1.%d.%d:8080\n", i, i / 250, i % 250 + 1
  }
}' >"$run/haproxy.conf"
"${inside[@]}" haproxy -db -f "$run/haproxy.conf" >"$run/haproxy.log" 2>&1 &
pids+=($!)

python3 tools/bench/top.py "$bin" "$run" "$hosts" "$seconds" >"$out"
column -t -s $'\t' "$out"

awk -F'\t' '
  function bar(limit) { if ($2 > limit) { print "MISSED: " $1 ": " $2 " " $5 ", the bar is " limit; bad = 1 } else print "held: " $1 ": " $2 " <= " limit " " $5 }
  $1 == "first whole frame" { bar(150) }
  $1 == "CPU, 50 changes a second" { bar(1) }
  $1 == "terminal output, nothing pressed, nothing changed" { bar(1) }
  $1 == "memory" { bar(40) }
  END { exit bad }' "$out"
