#!/bin/bash
# Source nodes under real traffic: sticky-address, limits of a client's connections, and a client that overloads is kept out until
# it is let in again; the daemon leaves what packets put into the table alone.
. "$(dirname "$0")/lib.sh"
lab_up
cat >"$CONF" <<CONF
interval 1
timeout 500
table webhosts {
    real port http
    check http "/health" code 200
    host $LAB_SRV1_4
    host $LAB_SRV2_4
}
service www {
    virtual host $LAB_VIP4 port 80 interface $LAB_TRUNK
    table webhosts
    sticky-address
    keep state (src.track 30)
}
CONF
hcd_start
wait_status table webhosts "active (2 hosts up)"

step "a client keeps its host, and leaves it when that goes"
expect "hosts of one client" "$(answers 8 "$(vip)" | sort -u | wc -l)" 1
pf -s Sources >"$LAB_RUN/sources"
expect_match "-s Sources" "$(cat "$LAB_RUN/sources")" "^$LAB_CLIENT4 rdr-to ($LAB_SRV1_4|$LAB_SRV2_4) \( states [0-9]+, connections 0, rate 0.0/0s \)$"
kept=$(awk '{ print $3 }' "$LAB_RUN/sources")
name=srv1
[ "$kept" = "$LAB_SRV1_4" ] || name=srv2
ctl host disable "$kept" >/dev/null || fail "host disable"
lost() { ! pf -s Sources | grep -q "rdr-to $kept "; }
wait_until 5 "the node leads to the lost host no more" lost
expect "answers of the lost host" "$(answers 6 "$(vip)" | grep -c "^$name")" 0
ctl host enable "$kept" >/dev/null || fail "host enable"
pf -K "$LAB_CLIENT4" 2>"$LAB_RUN/err" || fail "-K"
expect "-K" "$(cat "$LAB_RUN/err")" "killed 1 src nodes from 1 sources and 0 destinations"

step "who has too many connections is put into the table and kept out"
hcd_stop
hcd_unload
cat >"$LAB_RUN/pf.conf" <<CONF
table <web> persist { $LAB_SRV1_4 $LAB_SRV2_4 }
table <bad> persist
pass in quick proto tcp from ! <bad> to $LAB_VIP4 port 80 keep state (source-track rule, max-src-conn 3, overload <bad> flush) rdr-to <web>
CONF
load() { pf -a limits -f "$LAB_RUN/pf.conf" 2>"$LAB_RUN/err" || fail "the rules do not load: $(cat "$LAB_RUN/err")"; }
load
pf -q -e 2>/dev/null || fail "the programs do not attach"
bad() { pf -a limits -t bad -T show | tr -d ' '; }
for n in 1 2 3; do transfer_start "$LAB_RUN/slow$n" "$(vip '' /1m)" 100k; done
expect "the table" "$(bad)" ""
client curl -s -m 2 -o /dev/null "$(vip)"
is_bad() { [ "$(bad)" = "$LAB_CLIENT4" ]; }
wait_until 5 "the client is in the table" is_bad
no_states() { [ "$(pf -s states | wc -l)" = 0 ]; }
wait_until 10 "its connections have ended" no_states
for n in 1 2 3; do kill "$(cat "$LAB_RUN/slow$n.pid")" 2>/dev/null; done
client curl -s -m 1 -o /dev/null "$(vip)" && fail "a client that is kept out was served"
expect_match "-v -s info" "$(pf -v -s info)" '^  overload table insertion +1 '
expect_match "-v -s info" "$(pf -v -s info)" '^  max-src-conn +1 '

step "whoever loads the rules anew leaves it in, and it is let in again"
load
expect "the table" "$(bad)" "$LAB_CLIENT4"
pf -a limits -t bad -T expire 3600 2>"$LAB_RUN/err" || fail "-T expire"
expect "-T expire 3600" "$(cat "$LAB_RUN/err")" "0/0 addresses expired."
pf -a limits -t bad -T delete "$LAB_CLIENT4" 2>"$LAB_RUN/err" || fail "-T delete"
expect "-T delete" "$(cat "$LAB_RUN/err")" "1/1 addresses deleted."
expect "a request after that" "$(get -o /dev/null -w '%{http_code}' "$(vip)")" 200
pf -q -d -F all 2>/dev/null || fail "the rules are not unloaded"
