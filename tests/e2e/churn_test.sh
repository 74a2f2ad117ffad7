#!/bin/bash
# A host leaves its table and comes back, some ten milliseconds apart, under load: once the change is acknowledged nobody new is
# sent to it, and no flow breaks, neither of those that stay nor of the one that leaves.
. "$(dirname "$0")/lib.sh"
lab_up
readonly ROUNDS=40
cat >"$LAB_RUN/pf.conf" <<CONF
table <web> persist { $LAB_SRV1_4 $LAB_SRV2_4 $LAB_SRV3_4 }
table <web6> persist { $LAB_SRV1_6 $LAB_SRV2_6 $LAB_SRV3_6 }
pass in quick proto tcp to $LAB_VIP4 port 80 rdr-to <web>
pass in quick proto tcp to $LAB_VIP4 port 81 rdr-to <web> port 80 source-hash
pass in quick inet6 proto tcp to $LAB_VIP6 port 80 rdr-to <web6>
CONF
pf -a churn -f "$LAB_RUN/pf.conf" 2>/dev/null || fail "the rules do not load"
pf -q -e 2>/dev/null || fail "the programs do not attach"
change() { # change add|delete
  pf -q -a churn -t web -T "$1" "$LAB_SRV2_4" || fail "-T $1"
  pf -q -a churn -t web6 -T "$1" "$LAB_SRV2_6" || fail "-T $1"
}
microseconds() { echo "${EPOCHREALTIME/./}"; }

capture_start "$LAB_RUN/syns" srv2 eth0 "(tcp dst port 80 and tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn) or (ip6 and ip6[6] = 6 and ip6[53] & 18 = 2)"
load_start "$LAB_RUN/load1" "$(vip)"
load_start "$LAB_RUN/load2" "$(vip "[$LAB_VIP6]")"
load_start "$LAB_RUN/load3" "$(vip "$LAB_VIP4:81")"
for n in 1 2 3; do transfer_start "$LAB_RUN/slow$n" "http://$LAB_VIP4/1m" 100k; done
for n in 4 5 6; do transfer_start "$LAB_RUN/slow$n" "http://[$LAB_VIP6]/1m" 100k; done

step "$ROUNDS times away and back"
: >"$LAB_RUN/away"
for _ in $(seq $ROUNDS); do
  change delete
  begun=$(microseconds)
  sleep 0.01
  echo "$begun $(microseconds)" >>"$LAB_RUN/away"
  change add
done
for n in 1 2 3; do
  load_stop "$LAB_RUN/load$n"
  [ "$(load_count "$LAB_RUN/load$n")" -gt 20 ] || fail "load $n made $(load_count "$LAB_RUN/load$n") requests only"
  expect "failed requests of load $n" "$(load_failures "$LAB_RUN/load$n")" 0
done

step "no flow broke"
for n in $(seq 6); do transfer_end "$LAB_RUN/slow$n"; done

step "nobody new was sent to the host while it was away"
capture_stop "$LAB_RUN/syns"
tcpdump -nttr "$LAB_RUN/syns" 2>/dev/null | awk '{ sub(/\./, "", $1); print $1 }' >"$LAB_RUN/times"
[ "$(wc -l <"$LAB_RUN/times")" -gt 10 ] || fail "the host had $(wc -l <"$LAB_RUN/times") connections only"
late=$(awk 'NR == FNR { from[NR] = $1; to[NR] = $2; n = NR; next }
  { for (i = 1; i <= n; i++) if ($1 > from[i] && $1 < to[i]) late++ } END { print late + 0 }' "$LAB_RUN/away" "$LAB_RUN/times")
expect "connections to it while it was away" "$late" 0
pf -q -d -F all 2>/dev/null || fail "the rules are not unloaded"
