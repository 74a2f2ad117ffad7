#!/bin/bash
# A host leaves its table and comes back, some ten milliseconds apart, under load by every method: once the change is acknowledged nobody new is
# sent to it, and no flow breaks, neither of those that stay nor of the one that leaves.
. "$(dirname "$0")/lib.sh"
lab_up
readonly ROUNDS=40 METHODS=(round-robin random least-states source-hash hash "round-robin sticky-address")
cat >"$LAB_RUN/pf.conf" <<CONF
table <web> persist { $LAB_SRV1_4 $LAB_SRV2_4 $LAB_SRV3_4 }
table <web6> persist { $LAB_SRV1_6 $LAB_SRV2_6 $LAB_SRV3_6 }
$(for i in "${!METHODS[@]}"; do
  echo "pass in quick proto tcp to $LAB_VIP4 port 808$i rdr-to <web> port 80 ${METHODS[i]}"
  echo "pass in quick inet6 proto tcp to $LAB_VIP6 port 808$i rdr-to <web6> port 80 ${METHODS[i]}"
done)
CONF
pf -a churn -f "$LAB_RUN/pf.conf" 2>/dev/null || fail "the rules do not load"
pf -q -e 2>/dev/null || fail "the programs do not attach"
change() { # change add|delete
  pf -q -a churn -t web -T "$1" "$LAB_SRV2_4" || fail "-T $1"
  pf -q -a churn -t web6 -T "$1" "$LAB_SRV2_6" || fail "-T $1"
}
microseconds() { echo "${EPOCHREALTIME/./}"; }

capture_start "$LAB_RUN/syns" srv2 eth0 "(tcp dst port 80 and tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn) or (ip6 and ip6[6] = 6 and ip6[53] & 18 = 2)"
# Every method has the short flows of one family and a long one of the other.
for i in "${!METHODS[@]}"; do
  ends=("$LAB_VIP4:808$i" "[$LAB_VIP6]:808$i")
  load_start "$LAB_RUN/load$i" "$(vip "${ends[i % 2]}")"
  transfer_start "$LAB_RUN/slow$i" "$(vip "${ends[1 - i % 2]}" /1m)" 100k
done

step "$ROUNDS times away and back"
: >"$LAB_RUN/away"
for _ in $(seq $ROUNDS); do
  change delete
  begun=$(microseconds)
  sleep 0.01
  echo "$begun $(microseconds)" >>"$LAB_RUN/away"
  change add
done
for i in "${!METHODS[@]}"; do
  load_stop "$LAB_RUN/load$i"
  [ "$(load_count "$LAB_RUN/load$i")" -gt 10 ] || fail "${METHODS[i]}: $(load_count "$LAB_RUN/load$i") requests only"
  expect "failed requests, ${METHODS[i]}" "$(load_failures "$LAB_RUN/load$i")" 0
done

step "no flow broke"
for i in "${!METHODS[@]}"; do transfer_end "$LAB_RUN/slow$i"; done

step "nobody new was sent to the host while it was away"
capture_stop "$LAB_RUN/syns"
tcpdump -nttr "$LAB_RUN/syns" 2>/dev/null | awk '{ sub(/\./, "", $1); print $1 }' >"$LAB_RUN/times"
[ "$(wc -l <"$LAB_RUN/times")" -gt 10 ] || fail "the host had $(wc -l <"$LAB_RUN/times") connections only"
late=$(awk 'NR == FNR { from[NR] = $1; to[NR] = $2; n = NR; next }
  { for (i = 1; i <= n; i++) if ($1 > from[i] && $1 < to[i]) late++ } END { print late + 0 }' "$LAB_RUN/away" "$LAB_RUN/times")
expect "connections to it while it was away" "$late" 0
pf -q -d -F all 2>/dev/null || fail "the rules are not unloaded"
