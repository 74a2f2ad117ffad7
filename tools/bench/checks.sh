#!/bin/bash
# checks.sh OUT.tsv: what a check costs hcd and HAProxy, with the same hosts, the same checks and the same interval.
#
# The hosts are the addresses of a namespace, all of them served by one program that costs as little as may be (bin/target).
# First the checker and its hosts share a namespace, and hosts are loopback addresses; hcd and HAProxy take turns in every
# round, and figures are medians. CPU time is the process's own by its clock, which on a loopback holds the kernel's work
# for both ends of a connection. HAProxy runs one thread, as hce does. Then the hosts are behind a link, hcd has its rules in
# the kernel, and hosts die: one by one, and all at once; time is taken where the packet path looks, in the rules' rings.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: checks.sh OUT.tsv}
rounds=${ROUNDS:-3}
sizes=${SIZES:-1000 10000 50000}
bin=$PWD/${BIN:-bin}
lab=checks$$
run=$(mktemp -d)
pins=/sys/fs/bpf/$lab
raw=$run/raw
pids=()
ulimit -n 131072 2>/dev/null || ulimit -n "$(ulimit -Hn)" # HAProxy wants one for each server
[ "$(id -u)" = 0 ] || { echo "checks.sh: needs root" >&2; exit 1; }
tools/dist/deps.sh tools/dist/packages.bench

clean_up() {
  [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait || true
  [ ! -d "$pins" ] || "$bin/hcd" -F -p "$pins" -s "$run/hcd.sock" || true
  for ns in "$lab" "${lab}t"; do [ ! -e "/run/netns/$ns" ] || ip netns del "$ns"; done
  rm -rf "$run"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# $lab is where the checkers are; ${lab}t, behind a link, has all of 10.200/16 for its own.
for ns in "$lab" "${lab}t"; do
  ip netns add "$ns"
  ip -n "$ns" link set lo up
  nsenter --net="/run/netns/$ns" sysctl -qw net.ipv4.ip_local_port_range="1024 65535" net.core.somaxconn=65535
done
ip -n "$lab" link add trunk0 type veth peer name eth0 netns "${lab}t"
ip -n "$lab" addr add 10.199.0.1/24 dev trunk0
ip -n "${lab}t" addr add 10.199.0.2/24 dev eth0
ip -n "$lab" link set trunk0 up
ip -n "${lab}t" link set eth0 up
ip -n "$lab" route add 10.200.0.0/16 via 10.199.0.2
ip -n "${lab}t" route add local 10.200.0.0/16 dev lo
ip -n "$lab" -6 route add local fd00:200::/112 dev lo
here=(nsenter "--net=/run/netns/$lab")
there=(nsenter "--net=/run/netns/${lab}t")

# --- configurations: tables of 100 hosts, or of one where all hosts are one address ----------------------------------

interval_of() { # seconds that both sustain: at most 5,000 checks a second
  if [ "$1" -le 1000 ]; then echo 1; elif [ "$1" -le 10000 ]; then echo 4; else echo 10; fi
}
addresses() { # addresses 4|6|1 PREFIX N; 1: PREFIX is the address of all
  awk -v family="$1" -v prefix="$2" -v n="$3" 'BEGIN {
    for (i = 0; family == 1 && i < n; i++) print prefix
    if (family == 1) exit
    for (i = 0; i < n; i++) print (family == 6 ? sprintf("%s%x", prefix, i + 1) : sprintf("%s.%d.%d", prefix, i / 256, i % 256))
  }'
}
hcd_conf() { # hcd_conf tcp|http INTERVAL FASTPATH <ADDRESSES
  awk -v kind="$1" -v interval="$2" -v fastpath="$3" '
    BEGIN { printf "interval %s\ntimeout 900\nfastpath %s\n", interval, fastpath }
    function end() {
      printf "}\nservice s%d {\n  virtual host %s port 80\n  table t%d\n}\n", t, six ? sprintf("2001:db8::%x", t) : sprintf("198.18.%d.%d", t / 250, t % 250 + 1), t
    }
    { six = /:/; alone = $0 == before; before = $0 }
    NR % 100 == 1 || alone {
      if (t) end()
      printf "table t%d {\n  real port 8080\n  check %s\n", ++t, kind == "tcp" ? "tcp" : "http \"/\" method GET code 200"
    }
    { print "  host " $0 }
    END { end() }'
}
haproxy_conf() { # haproxy_conf tcp|http INTERVAL <ADDRESSES
  awk -v kind="$1" -v interval="$2" -v socket="$run/haproxy.sock" '
    BEGIN {
      printf "global\n  nbthread 1\n  stats socket %s\ndefaults\n  mode %s\n", socket, kind
      print "  timeout connect 900ms\n  timeout check 900ms\n  timeout client 5s\n  timeout server 5s"
      printf "  default-server check inter %ss fall 1 rise 1\n", interval
    }
    { alone = $0 == before; before = $0 }
    NR % 100 == 1 || alone {
      printf "backend t%d\n", ++t
      if (kind == "http") print "  option httpchk GET /\n  http-check expect status 200"
    }
    { print "  server h" NR " " $0 ":8080" }'
}

# --- processes ------------------------------------------------------------------------------------------------------

start_target() { # start_target NAMESPACE...: told and heard by descriptors 7 and 8
  mkfifo "$run/in" "$run/out"
  "$@" "$bin/target" 8080 "$pins" <"$run/in" >"$run/out" &
  pids+=($!)
  exec 7>"$run/in" 8<"$run/out"
  rm "$run/in" "$run/out"
}
ask() { # the target's answer
  echo "$*" >&7
  read -r answer <&8
  case $answer in *[a-z]*) [ "$answer" = ok ] || { echo "checks.sh: $*: $answer" >&2; exit 1; } ;; esac
  echo "$answer"
}
end_all() {
  kill "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
  pids=()
}

hcd_up() {
  { "$bin/hcctl" -s "$run/hcd.sock" show summary 2>/dev/null || true; } | sed -n 's/.*(\([0-9]*\) hosts\{0,1\} up).*/\1/p' | awk '{ n += $1 } END { print n + 0 }'
}
haproxy_up() {
  python3 - "$run/haproxy.sock" <<'PYTHON'
import socket, sys
s = socket.socket(socket.AF_UNIX)
try:
    s.connect(sys.argv[1])
    s.sendall(b"show stat -1 4 -1\n")
    print(sum(",UP," in line for line in s.makefile()))
except OSError:
    print(0)
PYTHON
}
start() { # start hcd|haproxy HOSTS: until it holds all hosts for up; its processes in $checker, the others of it in $others
  local up=0 _
  others=()
  if [ "$1" = hcd ]; then
    "${here[@]}" "$bin/hcd" -d -f "$run/hcd.conf" -s "$run/hcd.sock" -p "$pins" -C "$run/empty" >"$run/hcd.log" 2>&1 &
    pids+=($!)
  else
    "${here[@]}" haproxy -db -f "$run/haproxy.conf" >"$run/haproxy.log" 2>&1 &
    pids+=($!)
    checker=$!
  fi
  for _ in $(seq 60); do
    sleep 1
    up=$("$1_up")
    [ "$up" -lt "$2" ] || break
    kill -0 "${pids[-1]}" || break
  done
  [ "$up" -ge "$2" ] || { tail -n 20 "$run/$1.log" >&2; echo "checks.sh: $1 holds $up of $2 hosts for up" >&2; exit 1; }
  [ "$1" = hcd ] || return 0
  local pid
  for pid in $(pgrep -P "${pids[-1]}"); do
    if grep -qz '^hce$' "/proc/$pid/cmdline"; then checker=$pid; else others+=("$pid"); fi
  done
  others+=("${pids[-1]}")
}

cpu_ns() { # of all these processes
  python3 -c 'import sys, time; print(sum(time.clock_gettime_ns(~int(p) << 3 | 2) for p in sys.argv[1:]))' "$@"
}
pss_kb() {
  local pid
  for pid in "$@"; do cat "/proc/$pid/smaps_rollup"; done | awk '/^Pss:/ { n += $2 } END { print n }'
}
begun() { # connections that this namespace has begun: the checks done, whoever did them
  # shellcheck disable=SC2016 # awk's own
  "${here[@]}" awk '$1 == "Tcp:" { if (at) print $at; else for (i = 1; i <= NF; i++) if ($i == "ActiveOpens") at = i }' /proc/net/snmp
}
note() { printf '%s\t' "$@" | sed 's/\t$/\n/' >>"$raw"; }

# measure WHO CASE HOSTS INTERVAL
measure() {
  local window=$(($4 > 6 ? $4 : 6)) cpu0 cpu1 all0 all1 n0 n1 from to
  start "$1" "$3"
  n0=$(begun) from=$EPOCHREALTIME cpu0=$(cpu_ns "$checker") all0=$(cpu_ns "$checker" "${others[@]}")
  sleep "$window"
  n1=$(begun) to=$EPOCHREALTIME cpu1=$(cpu_ns "$checker") all1=$(cpu_ns "$checker" "${others[@]}")
  note "$1" "$2" "$3" pss "$(pss_kb "$checker" "${others[@]}")" # before it is asked: an answer of all hosts takes memory
  [ "$("$1_up")" -ge "$3" ] || { echo "checks.sh: $1 lost hosts at $2, $3 hosts" >&2; exit 1; }
  note "$1" "$2" "$3" rate "$(awk -v n=$((n1 - n0)) -v t="$(awk "BEGIN { print $to - $from }")" 'BEGIN { printf "%.0f", n / t }')"
  note "$1" "$2" "$3" cpu $(((cpu1 - cpu0) / (n1 - n0)))
  note "$1" "$2" "$3" cpu_all $(((all1 - all0) / (n1 - n0)))
}
# compare CASE KIND FAMILY PREFIX HOSTS [WHERE]
compare() {
  local who interval
  local -n where=${6:-here}
  interval=$(interval_of "$5")
  addresses "$3" "$4" "$5" >"$run/addresses"
  hcd_conf "$2" "$interval" none <"$run/addresses" >"$run/hcd.conf"
  haproxy_conf "$2" "$interval" <"$run/addresses" >"$run/haproxy.conf"
  for who in hcd haproxy; do
    if [ $who = haproxy ] && [ "$5" -gt $(($(ulimit -n) - 500)) ]; then
      echo "HAProxy is left out at $5 hosts: it wants more descriptors than this machine lets us have" >&2
      continue
    fi
    start_target "${where[@]}"
    measure "$who" "$1" "$5" "$interval"
    end_all
    exec 7>&- 8<&-
  done
}

# deaths HOSTS INTERVAL: with the rules in the kernel
deaths() {
  local answer
  addresses 4 10.200 "$1" >"$run/addresses"
  hcd_conf http "$2" tc <"$run/addresses" >"$run/hcd.conf"
  start_target "${there[@]}"
  start hcd "$1"
  sleep 8 # until what the start took is given back
  note hcd kernel "$1" pss "$(pss_kb "$checker" "${others[@]}")"
  if [ "$1" -gt 1 ]; then
    ask wait "$1" >/dev/null
    read -r -a answer <<<"$(ask deaths 200 $(($2 * 10)))"
    note hcd kernel "$1" death50 "${answer[0]}"
    note hcd kernel "$1" death99 "${answer[1]}"
    note hcd kernel "$1" refused50 "${answer[2]}"
    note hcd kernel "$1" refused99 "${answer[3]}"
    ask revive >/dev/null
    ask wait "$1" >/dev/null
    read -r -a answer <<<"$(ask fail)"
    note hcd kernel "$1" spread "${answer[1]}"
    note hcd kernel "$1" lag "${answer[2]}"
  fi
  end_all
  exec 7>&- 8<&-
  "$bin/hcd" -F -p "$pins" -s "$run/hcd.sock"
}

for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  for kind in tcp http; do
    compare "$kind, 127/8" $kind 4 127.1 1 # the base of memory
    for size in $sizes; do compare "$kind, 127/8" $kind 4 127.1 "$size"; done
    compare "$kind, ::1" $kind 1 ::1 500
    compare "$kind, IPv6 on lo" $kind 6 fd00:200:: 10000
    compare "$kind, behind a link" $kind 4 10.200 10000 there
  done
  deaths 1 1
  deaths 1000 1
  deaths 10000 2
  deaths 50000 10
done

# --- the table ------------------------------------------------------------------------------------------------------

awk -F'\t' -v OFS='\t' "$(cat tools/bench/median.awk)"'
  function of(who, how, hosts, what) { return median(seen[who, how, hosts, what]) }
  function beside(how, hosts, what, unit, scale, format,    a, b) {
    a = of("hcd", how, hosts, what) / scale
    if (!(("haproxy", how, hosts, what) in seen)) { printf "%s, %d hosts\t" format "\t-\t-\t%s\t-\n", how, hosts, a, unit; return }
    b = of("haproxy", how, hosts, what) / scale
    printf "%s, %d hosts\t" format "\t" format "\t%s\t%s\t%.2f\n", how, hosts, a, b, peer, unit, a / b
  }
  function alone(how, hosts, what, unit) { printf "%s, %d hosts\t%.1f\t-\t-\t%s\t-\n", what_text[what], hosts, of("hcd", how, hosts, what), unit }
  function growth(who, how, hosts, base) { return (of(who, how, hosts, "pss") - of(who, base, 1, "pss")) * 1024 / hosts }
  !(($2, $3) in known) { known[$2, $3] = 1; case_of[++cases] = $2; hosts_of[cases] = $3 }
  { seen[$1, $2, $3, $4] = seen[$1, $2, $3, $4] " " $5 }
  END {
    what_text["death50"] = "death to tables without it, p50"; what_text["death99"] = "death to tables without it, p99"
    what_text["refused50"] = "refused check to tables without it, p50"; what_text["refused99"] = "refused check to tables without it, p99"
    what_text["spread"] = "all fail at once: first to last refused check"; what_text["lag"] = "all fail at once: last refused check to empty tables"
    peer = "HAProxy, nbthread 1"
    print "case", "ours", "peer", "peer name", "unit", "ratio"
    for (i = 1; i <= cases; i++) if (case_of[i] != "kernel" && hosts_of[i] > 1) beside(case_of[i], hosts_of[i], "rate", "checks/s", 1, "%.0f")
    for (i = 1; i <= cases; i++) if (case_of[i] != "kernel" && hosts_of[i] > 1) beside(case_of[i], hosts_of[i], "cpu", "us CPU/check, checking process", 1000, "%.1f")
    for (i = 1; i <= cases; i++) if (case_of[i] != "kernel" && hosts_of[i] > 1) beside(case_of[i], hosts_of[i], "cpu_all", "us CPU/check, all processes", 1000, "%.1f")
    for (i = 1; i <= cases; i++) if (case_of[i] ~ /127/ && hosts_of[i] >= 10000) {
      a = growth("hcd", case_of[i], hosts_of[i], case_of[i])
      if (!(("haproxy", case_of[i], hosts_of[i], "pss") in seen)) { printf "%s, %d hosts\t%.0f\t-\t-\tbytes/host beyond one, all processes\t-\n", case_of[i], hosts_of[i], a; continue }
      b = growth("haproxy", case_of[i], hosts_of[i], case_of[i])
      printf "%s, %d hosts\t%.0f\t%.0f\t%s\tbytes/host beyond one, all processes\t%.2f\n", case_of[i], hosts_of[i], a, b, peer, a / b
    }
    for (i = 1; i <= cases; i++) if (case_of[i] == "kernel" && hosts_of[i] >= 10000)
      printf "rules in the kernel, %d hosts\t%.0f\t-\t-\tbytes/host beyond one, all processes\t-\n", hosts_of[i], growth("hcd", "kernel", hosts_of[i], "kernel")
    n = split("death50 death99 refused50 refused99 spread lag", whats, " ")
    for (w = 1; w <= n; w++) for (i = 1; i <= cases; i++) if (case_of[i] == "kernel" && hosts_of[i] > 1) alone("kernel", hosts_of[i], whats[w], "ms")
  }' "$raw" >"$out"
column -t -s $'\t' "$out"

# --- the bars -------------------------------------------------------------------------------------------------------

awk -F'\t' '
  function bar(got, limit) { if (got > limit) { print "MISSED: " $1 ", " $5 ": " got ", the bar is " limit; bad = 1 } else print "held: " $1 ", " $5 ": " got " <= " limit }
  $5 == "us CPU/check, checking process" && $6 != "-" { bar($6, 0.8) }
  $5 ~ /^bytes/ { bar($2, 1536) }
  $1 == "all fail at once: last refused check to empty tables, 10000 hosts" { bar($2, 250) }
  END { exit bad }' "$out"
