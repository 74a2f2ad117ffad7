#!/bin/bash
# katran.sh OUT.tsv: what a packet costs in our XDP program and in Katran's, by the same driver with the same packets, net of
# the driver. Ours translates, counts and keeps both directions; Katran encapsulates. They take turns in every round and the
# figures are medians. KATRAN names Katran's balancer.bpf.c, compiled (clang -target bpf -mcpu=v3 -O2); it is not ours to ship.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:?usage: katran.sh OUT.tsv}
rounds=${ROUNDS:-5}
bin=${BIN:-bin}
raw=$(mktemp)
trap 'rm -f "$raw"' EXIT
[ "$(id -u)" = 0 ] || { echo "katran.sh: needs root" >&2; exit 1; }
[ -r "${KATRAN:-}" ] || { echo "katran.sh: KATRAN=/path/to/balancer.o is needed: Katran's balancer.bpf.c, compiled" >&2; exit 2; }

for round in $(seq "$rounds"); do
  echo "round $round of $rounds" >&2
  "$bin/testrun" 1 | sed -n 's/^xdp/ours\txdp/p' >>"$raw"
  "$bin/katran" "$KATRAN" 1 | sed 's/^/katran\t/' >>"$raw"
done

awk -F'\t' -v OFS='\t' "$(cat tools/bench/median.awk)"'
  $1 == "katran" && !($2 in seen) { seen[$2] = 1; order[++cases] = $2 }
  { ns[$1, $2] = ns[$1, $2] " " $3 }
  END {
    print "case", "ours", "peer", "peer name", "unit", "ratio"
    for (i = 1; i <= cases; i++) {
      if (!(("ours", order[i]) in ns)) { print "katran.sh: ours has no case named " order[i] > "/dev/stderr"; exit 1 }
      a = median(ns["ours", order[i]]); b = median(ns["katran", order[i]])
      printf "%s\t%.0f\t%.0f\tKatran, IPIP\tns/packet\t%.2f\n", order[i], a, b, a / b
    }
  }' "$raw" >"$out"
column -t -s $'\t' "$out"
