#!/bin/bash
# top.sh OUT.tsv: what hctop costs with 10,000 hosts: the time to its first whole frame, its share of a core, what it writes to
# the terminal, its memory; while nothing changes but the checks, and with 50 changes a second. Beside it htop with as many rows,
# which are threads here, and hatop with as many servers. And what such subscribers cost the daemon: pfe's share of a core without
# any, with one and with ten, all with 50 changes a second; and what its memory grows by for one that stops reading.
#
# The terminal is a pseudo-terminal of 160x50 whose other end is read at once. A frame is whole when the daemon's hosts are
# counted on it. Ends with 1 when a bar is missed.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: top.sh OUT.tsv}
seconds=${SECONDS_EACH:-20}
. tools/bench/site.sh "${HOSTS:-10000}"

up() { "$bin/hctop" -s "$run/hcd.sock" -b -n 1 -f nobody 2>/dev/null | grep -q "host $hosts/$hosts"; }
site_hcd 10 8080 up
site_haproxy

python3 tools/bench/top.py "$bin" "$run" "$hosts" "$seconds" "$hcd" >"$out"
column -t -s $'\t' "$out"

awk -F'\t' '
  function bar(limit) { if ($2 > limit) { print "MISSED: " $1 ": " $2 " " $5 ", the bar is " limit; bad = 1 } else print "held: " $1 ": " $2 " <= " limit " " $5 }
  $1 == "first whole frame" { bar(150) }
  $1 == "CPU, 50 changes a second" { bar(1) }
  $1 == "terminal output, nothing pressed, nothing changed" { bar(1) }
  $1 == "memory" { bar(40) }
  END { exit bad }' "$out"
