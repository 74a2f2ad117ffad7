#!/bin/bash
# flows.sh OUT.tsv: how the cost of a packet grows with flows, rules and hosts, and what two million states cost whoever reads
# them. The program alone, net of its driver, the least of the rounds; reading in CPU time, for there is nothing to wait for.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: flows.sh OUT.tsv}
rounds=${ROUNDS:-3}
bin=${BIN:-bin}
[ "$(id -u)" = 0 ] || { echo "flows.sh: needs root" >&2; exit 1; }

{
  printf 'case\tours\tpeer\tpeer name\tunit\tratio\n'
  "$bin/testrun" large "$rounds" | awk -v OFS='\t' -F'\t' '{ print $1, $2, "-", "-", "ns/packet", "-" }'
  "$bin/states" "$bin/hcpfctl" "$rounds" | awk -v OFS='\t' -F'\t' '
    $3 == "-" { print $1, $2, "-", "-", "bytes", "-"; next }
    /printed/ { print $1, $2, "-", "-", "ms", "-"; next } # another process does that
    { print $1, $3, "-", "-", "ms CPU", "-" }'
} >"$out"
column -t -s $'\t' "$out"

awk -F'\t' '
  function bar(limit) { if ($2 > limit) { print "MISSED: " $1 ": " $2 " " $5 ", the bar is " limit; bad = 1 } else print "held: " $1 ": " $2 " <= " limit " " $5 }
  $1 == "2,000,000 states are read" { bar(100) }
  $1 == "an IPv4 state, five eighths of the places taken" { bar(64) }
  END { exit bad }' "$out"
