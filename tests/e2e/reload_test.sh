#!/bin/bash
# A reload under load: no request fails, ids and states stay; a bad file changes nothing and is explained to who asked.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf
hcd_start
wait_status table webhosts "active (2 hosts up)"
load_start "$LAB_RUN/load" "$(vip)"
transfer_start "$LAB_RUN/slow" "http://$LAB_VIP4/1m" 150k
ids=$(ctl show summary | cut -f 1-3)

step "the same file, ten times"
for _ in $(seq 10); do ctl reload >/dev/null || fail "hcctl reload"; done
expect "the ids" "$(ctl show summary | cut -f 1-3)" "$ids"
expect "the table" "$(status table webhosts)" "active (2 hosts up)"

step "a host more"
sed -i "s/    host \$webhost2/&\n    host $LAB_SRV3_4/" "$CONF"
ctl reload >/dev/null || fail "hcctl reload"
wait_status table webhosts "active (3 hosts up)"
# The load takes its turns in between, so it is by chance who answers us: ask often enough that none of three is missed.
expect "who answers" "$(answers 40 "$(vip)" | sort -u | tr '\n' ' ')" "srv1 srv2 srv3 "

step "a bad file changes nothing, and each error is told with its place"
good=$(cat "$CONF")
printf 'table broken {\n    check nonsense\n    host 10.1.1.300.1\n}\nservice www {\n}\n' >>"$CONF"
before=$(ctl show summary)
rules=$(pf -a hcd/www -s rules)
ctl reload >"$LAB_RUN/out" 2>&1 && fail "hcctl reload of a bad file succeeded"
expect_match "the errors" "$(cat "$LAB_RUN/out")" "$CONF:[0-9]+:[0-9]+: "
expect "the rules" "$(pf -a hcd/www -s rules)" "$rules"
expect "the rows" "$(ctl show summary | cut -f 1-3,5)" "$(cut -f 1-3,5 <<<"$before")"
kill -HUP "$HCD_PID"
wait_until 5 "SIGHUP's reload is refused in the log" log_has "$CONF:[0-9]+:[0-9]+: "
expect "the rules after SIGHUP" "$(pf -a hcd/www -s rules)" "$rules"

step "back to two hosts by SIGHUP: the third gets nothing new"
grep -v "host $LAB_SRV3_4" <<<"$good" >"$CONF"
kill -HUP "$HCD_PID"
wait_status table webhosts "active (2 hosts up)"
expect "who answers" "$(answers 20 "$(vip)" | sort -u | tr '\n' ' ')" "srv1 srv2 "

step "an operator's switch outlives a reload"
ctl host disable "$LAB_SRV2_4" >/dev/null
wait_status host "$LAB_SRV2_4" disabled
ctl reload >/dev/null || fail "hcctl reload"
expect "the host" "$(status host "$LAB_SRV2_4")" disabled
expect "who answers" "$(answers 4 "$(vip)" | sort -u)" srv1

transfer_end "$LAB_RUN/slow"
wait_requests "$LAB_RUN/load" 10
load_stop "$LAB_RUN/load"
expect "failed requests of $(load_count "$LAB_RUN/load")" "$(load_failures "$LAB_RUN/load")" 0
hcd_stop
