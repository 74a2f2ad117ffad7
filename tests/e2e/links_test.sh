#!/bin/bash
# XDP redirects only to links that take such frames. A server's end of a veth that stops to take them, as on a driver's
# reset, would swallow packets without a word: the daemon notices, and leaves those packets to tc.
. "$(dirname "$0")/lib.sh"
lab_up
"$HCLAB" xdp-ready -p $LAB || fail "hclab xdp-ready"
FASTPATH=xdp example_conf
hcd_start
wait_status table webhosts "active (2 hosts up)"
left_to_tc() { pf -s info | awk '$1 == "xdp-to-tc" { print $2 }'; }
in_turn() { [ "$(answers 6 "$(vip)" 2>/dev/null | sort | uniq -c | tr -s ' \n' ' ')" = " 3 srv1 3 srv2 " ]; }

step "all links take XDP frames"
in_turn || fail "not in turn"
before=$(left_to_tc)

step "one stops to: its host is served by tc, without a lost request from then on"
on srv2 ip link set dev eth0 xdp off
on srv2 ethtool -K eth0 gro off
wait_until 10 "requests to both hosts succeed" in_turn
in_turn || fail "not in turn any more"
[ "$(left_to_tc)" -gt "$before" ] || fail "no packet was left to tc: $before before, $(left_to_tc) now"

step "it takes them again"
on srv2 ethtool -K eth0 gro on
settled() { local had; had=$(left_to_tc); in_turn && [ "$(left_to_tc)" = "$had" ]; }
wait_until 10 "no packet is left to tc" settled
hcd_stop
