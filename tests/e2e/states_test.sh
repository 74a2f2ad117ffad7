#!/bin/bash
# How results become states, seen from outside: tolerated failures, hosts that follow a parent, an interval of its own while
# down, and that a log of changes tells each change once and nothing else.
. "$(dirname "$0")/lib.sh"
lab_up
cat >"$CONF" <<CONF
interval 1
timeout 500
log updates
table web {
    real port http
    check http "/health" code 200
    host $LAB_SRV1_4 retry 2
    host $LAB_SRV2_4 parent $LAB_SRV1_4
}
table slow {
    real port http
    interval down 3600
    fall 2
    check http "/health" code 200
    host $LAB_SRV1_4
}
service www {
    virtual host $LAB_VIP4 port http
    table web
    backup table slow
}
CONF
evidence() { ctl show checks "web/$LAB_SRV1_4" | sed -n '/last checks/,/last changes/p'; }
told() { grep -cE "host $1, .*state $2, " "$LOG"; } # told HOST CHANGE
counted() { ctl show hosts | grep -A 1 "	$LAB_SRV1_4 " | grep -cE 'total: [0-9]+/[0-9]+ checks, 2 retries$'; }
has_counted() { [ "$(counted)" -eq 1 ]; }
hcd_start
wait_status table web "active (2 hosts up)"
wait_status table slow "active (1 hosts up)"

step "two failures are tolerated, the third takes it down, and the one that follows it"
server sick 1
wait_status table web empty 10
wait_status table slow empty 10
expect "failures that it was up after" "$(evidence | grep -c ' up  *http code mismatch (503)')" 2
wait_until 5 "the tolerated ones are counted" has_counted
expect_match "the one that follows says why" "$(ctl show hosts | grep -A 2 "	$LAB_SRV2_4 " | tail -n 1)" 'error: http code mismatch \(503\)'
grep -q ' /health' "$LAB_RUN/srv2/access.log" && fail "it was checked itself"

step "while it is down its interval is another one: it does not come back before that, but for who asks"
server well 1
wait_status table web "active (2 hosts up)" 10
expect "table slow" "$(status table slow)" empty
ctl check now slow >/dev/null || fail "check now"
expect "table slow, when asked" "$(status table slow)" "active (1 hosts up)"

step "each change is one line, what changes nothing none"
for change in "unknown -> up" "up -> down" "down -> up"; do
  expect "of $LAB_SRV2_4, $change" "$(told "$LAB_SRV2_4" "$change")" 1
  expect "of $LAB_SRV1_4 in two tables, $change" "$(told "$LAB_SRV1_4" "$change")" 2
done
expect "lines of checks" "$(grep -cE 'host .*, check ' "$LOG")" 9
hcd_stop
