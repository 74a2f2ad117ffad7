#!/bin/bash
# grpc.sh OUT.tsv: what a check by gRPC costs hce beside one by HTTP, in turns, of 250 hosts that are loopback addresses of a
# namespace: CPU time of its process, the kernel's work at both ends with it. The servers are gRPC's own, in Python, which is
# not counted, and bin/target.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: grpc.sh OUT.tsv}
rounds=${ROUNDS:-3}
bin=$PWD/${BIN:-bin}
lab=grpc$$
run=$(mktemp -d)
pids=()
[ "$(id -u)" = 0 ] || { echo "grpc.sh: needs root" >&2; exit 1; }
tools/dist/deps.sh tools/dist/packages.peers

clean_up() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait || true
  [ ! -e "/run/netns/$lab" ] || ip netns del "$lab"
  rm -rf "$run"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

ip netns add "$lab"
ip -n "$lab" link set lo up
here=(nsenter "--net=/run/netns/$lab")
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=bench -keyout "$run/key" -out "$run/cert" 2>/dev/null
mkfifo "$run/say" "$run/in" "$run/out"
exec 6<>"$run/say" 7<>"$run/in" 8<>"$run/out"
"${here[@]}" /usr/bin/python3 tests/peers/grpc_server.py 0.0.0.0 50051 50052 "$run/cert" "$run/key" 50053 <"$run/say" >"$run/heard" 2>"$run/grpc.log" &
pids+=($!)
"${here[@]}" "$bin/target" 8080 /nowhere <"$run/in" >"$run/out" &
pids+=($!)
for _ in $(seq 100); do ! grep -qs ready "$run/heard" || break; sleep 0.1; done

conf() { # conf PORT CHECK
  printf 'interval 1\ntimeout 900\nfastpath none\ntable t {\n  real port %s\n  check %s\n' "$1" "$2"
  seq -f '  host 127.1.0.%g' 250
  printf '}\nservice s {\n  virtual host 198.18.0.1 port 80\n  table t\n}\n'
}
measure() { # measure KIND PORT CHECK: CPU time of hce a check, in nanoseconds
  local hcd hce up _ pid checks0 checks1 cpu0 cpu1
  conf "$2" "$3" >"$run/hcd.conf"
  "${here[@]}" "$bin/hcd" -d -f "$run/hcd.conf" -s "$run/hcd.sock" -C "$run/empty" >"$run/hcd.log" 2>&1 &
  hcd=$!
  pids+=("$hcd")
  for _ in $(seq 60); do
    sleep 0.5
    up=$({ "$bin/hcctl" -s "$run/hcd.sock" show tables 2>/dev/null || true; } | grep -c "250 hosts up") && break
  done
  [ "$up" = 1 ] || { tail "$run/hcd.log" >&2; echo "grpc.sh: not all hosts are up" >&2; exit 1; }
  for pid in $(pgrep -P "$hcd"); do ! grep -qz '^hce$' "/proc/$pid/cmdline" || hce=$pid; done
  checks0=$(checks) cpu0=$(cpu_ns "$hce")
  sleep 8
  checks1=$(checks) cpu1=$(cpu_ns "$hce")
  kill "$hcd"
  wait "$hcd" || true
  printf '%s\t%s\n' "$1" $(((cpu1 - cpu0) / (checks1 - checks0))) >>"$run/raw"
}
checks() { "$bin/hcctl" -s "$run/hcd.sock" show hosts | sed -n 's|.*total: [0-9]*/\([0-9]*\) checks.*|\1|p' | awk '{ n += $1 } END { print n }'; }
cpu_ns() { python3 -c 'import sys, time; print(time.clock_gettime_ns(~int(sys.argv[1]) << 3 | 2))' "$1"; }

for _ in $(seq "$rounds"); do
  measure http 8080 'http "/" method GET code 200'
  measure grpc 50051 grpc
  measure grpc-tls 50052 'grpc tls'
done
python3 - "$run/raw" >"$out" <<'PYTHON'
import statistics, sys
figures = {}
for line in open(sys.argv[1]):
    kind, ns = line.split("\t")
    figures.setdefault(kind, []).append(int(ns) / 1000)
print("check\tcpu_us\tbeside_http")
http = statistics.median(figures["http"])
for kind, values in figures.items():
    print(f"{kind}\t{statistics.median(values):.1f}\t{statistics.median(values) / http:.2f}")
PYTHON
column -t "$out"
