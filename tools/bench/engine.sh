#!/bin/bash
# engine.sh OUT.tsv: what a change of the rules costs hcd's engine on the kernel's maps, and nftables for the same, in one run.
# Milliseconds. hcd is measured around the engine's commit, nftables around the commands: alone, `nft -f` less an empty
# `nft -f`; many transactions as lines of one `nft -i`, less one that does nothing. Below, a ratio under 1 is better for us.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: engine.sh OUT.tsv}
rounds=${ROUNDS:-9}
bin=${BIN:-bin}
work=$(mktemp -d)
netns=hcd-bench-engine-$$
[ "$(id -u)" = 0 ] || { echo "engine.sh: needs root" >&2; exit 1; }
trap 'ip netns del "$netns" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
ip netns add "$netns"

# Both run ahead of whatever else the machine does.
first=(chrt -f 1)
"${first[@]}" true 2>/dev/null || first=()
"${first[@]}" "$bin/engine" "$rounds" >"$work/ours"

# --- nftables: 1,000 maps of ten hosts, or one of 10,000, and rules that choose from them in turn --------------------

in_netns() { nsenter --net="/run/netns/$netns" "$@"; }
now() { date +%s%N; }

# took COMMAND...: milliseconds, in $ms
took() {
  local begun; begun=$(now)
  "$@" >/dev/null
  ms=$(awk -v t=$(($(now) - begun)) 'BEGIN { printf "%.3f", t / 1e6 }')
}
load() { in_netns "${first[@]}" nft -f "$1"; }
lines() { in_netns "${first[@]}" nft -i <"$1"; }

maps() { # maps COUNT HOSTS: elements are named by their number in the map
  awk -v maps="$1" -v hosts="$2" 'BEGIN {
    for (m = 0; m < maps; m++) {
      printf "add map ip b m%d { typeof numgen inc mod %d : ip daddr; }\nadd element ip b m%d {", m, hosts, m
      for (h = 0; h < hosts; h++) { n = m * hosts + h; printf "%s %d : 10.%d.%d.%d", h ? "," : "", h, n / 65536, n / 256 % 256, n % 256 }
      print " }"
    }
  }'
}
rules() { # rules MAPS RULES-EACH HOSTS
  awk -v maps="$1" -v each="$2" -v hosts="$3" 'BEGIN {
    for (m = 0; m < maps; m++) for (r = 0; r < each; r++)
      printf "add rule ip b c ip daddr 172.0.%d.%d tcp dport %d dnat to numgen inc mod %d map @m%d\n", m / 256, m % 256, 80 + r, hosts, m
  }'
}
elements() { # elements add|delete MAPS HOSTS
  awk -v verb="$1" -v maps="$2" -v hosts="$3" 'BEGIN {
    for (m = 0; m < maps; m++) {
      printf "%s element ip b m%d {", verb, m
      for (h = 0; h < hosts; h++) {
        n = m * hosts + h
        printf "%s %d : 10.%d.%d.%d", h ? "," : "", h, n / 65536, n / 256 % 256, n % 256
      }
      print " }"
    }
  }'
}
base() { printf 'flush ruleset\nadd table ip b\nadd chain ip b c { type nat hook prerouting priority dstnat; }\n'; }

: >"$work/empty"
echo >"$work/blank"
{ base; maps 1000 10; rules 1000 10 10; } >"$work/rules10000"
{ base; maps 1000 10; rules 1000 1 10; } >"$work/thousand"
{ base; maps 1 10000; rules 1 1 10000; } >"$work/one"
elements delete 1000 10 >"$work/thousand-"
elements add 1000 10 >"$work/thousand+"
elements delete 1 10000 >"$work/one-"
elements add 1 10000 >"$work/one+"
one='element ip b m500 { 9 : 10.0.19.145 }'
for _ in $(seq 100); do printf 'delete %s\nadd %s\n' "$one" "$one"; done >"$work/pairs"

note() { printf '%s\t%s\n' "$1" "$2" >>"$work/theirs"; }
less() { awk -v a="$1" -v b="$2" -v n="${3:-1}" 'BEGIN { printf "%.3f", (a - b) / n }'; }
for _ in $(seq "$rounds"); do
  took load "$work/empty"; start=$ms
  took lines "$work/blank"; start_lines=$ms
  took load "$work/rules10000"; note '10,000 rules with 1,000 tables are loaded' "$(less "$ms" "$start")"
  load "$work/thousand"
  took lines "$work/pairs"; each=$(less "$ms" "$start_lines" 200)
  note 'one host leaves one of 1,000 tables' "$each"
  note 'one host comes back to one of 1,000 tables' "$each"
  took load "$work/thousand-"; note '10,000 hosts of 1,000 tables fail at once' "$(less "$ms" "$start")"
  took load "$work/thousand+"; note '10,000 hosts of 1,000 tables come back at once' "$(less "$ms" "$start")"
  took lines "$work/thousand-"
  note '10,000 hosts of 1,000 tables fail, a transaction a table' "$(less "$ms" "$start_lines")"
  load "$work/one"
  took load "$work/one-"; note '10,000 hosts of one table fail at once' "$(less "$ms" "$start")"
  took load "$work/one+"; note '10,000 hosts of one table come back at once' "$(less "$ms" "$start")"
done

# --- the table ------------------------------------------------------------------------------------------------------

awk -F'\t' "$(cat tools/bench/median.awk)"'
  NR == FNR { theirs[$1] = theirs[$1] " " $2; next }
  FNR == 1 { print "case\thcd\tof it CPU\tworst\tnftables\tunit\tratio" }
  $1 in theirs { m = median(theirs[$1]); printf "%s\t%s\t%s\t%s\t%s\tms\t%.4f\n", $1, $2, $3, $4, m, $2 / m; next }
  { printf "%s\t%s\t%s\t%s\t-\tms\t-\n", $1, $2, $3, $4 }' "$work/theirs" "$work/ours" >"$out"
column -t -s $'\t' "$out"

# --- the bars -------------------------------------------------------------------------------------------------------

awk -F'\t' '
  function bar(limit) { if ($2 > limit) { print "MISSED: " $1 ": " $2 " ms, the bar is " limit; bad = 1 } else print "held: " $1 ": " $2 " <= " limit " ms" }
  $1 ~ /^one host/ { bar(1) }
  $1 ~ /^10,000 hosts.*fail/ { bar(100) }
  $1 == "10,000 rules with 1,000 tables are loaded" { bar(73) }
  END { exit bad }' "$out"
