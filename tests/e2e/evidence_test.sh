#!/bin/bash
# What operators see of checks: counts and reasons, the last results, latencies; and checks that they ask for themselves.
. "$(dirname "$0")/lib.sh"
lab_up
{
  cat <<CONF
interval 60
timeout 500
log all
table web {
    real port http
    check http "/health" code 200
    host $LAB_SRV1_4
    host $LAB_SRV2_4
}
table wrong {
    real port http
    check http "/nothing-here" code 200
    host $LAB_SRV3_4
}
service www {
    virtual host $LAB_VIP4 port http
    table web
    backup table wrong
}
CONF
} >"$CONF"
hcd_start
wait_status table web "active (2 hosts up)"
wait_status host "$LAB_SRV3_4" down

step "counts, and why a host is down"
rows=$(ctl show hosts)
expect "hosts with all checks passed" "$(grep -c 'total: 1/1 checks$' <<<"$rows")" 2
expect_match "the one that is down" "$(grep -A2 "$LAB_SRV3_4" <<<"$rows" | tr '\n' ' ')" 'total: 0/1 checks[[:space:]]+error: http code mismatch \(404\)'

step "the next turn is a minute away: a check that is asked for is made at once"
begun=$(milliseconds)
out=$(ctl check now web) || fail "check now web: $out"
[ $(($(milliseconds) - begun)) -lt 5000 ] || fail "it took $(($(milliseconds) - begun)) ms"
expect "its lines" "$(wc -l <<<"$out")" 2
expect_match "the first host's" "$out" "^up +[0-9]+\.[0-9]{2} ms +web/$LAB_SRV1_4 +http code ok \(200\)$"
expect "its count" "$(ctl show hosts | grep -A1 "$LAB_SRV1_4" | tail -n 1 | tr -d '\t ')" "total:2/2checks"

step "what it finds is in force when it has been printed"
server stop 1
expect_match "the dead host's" "$(ctl check now "web/$LAB_SRV1_4")" "^down .* web/$LAB_SRV1_4 +tcp connect failed \(ECONNREFUSED\)$"
expect "the table" "$(status table web)" "active (1 hosts up)"
server start 1
expect_match "all hosts, by a pattern" "$(ctl check now '*' | sort | awk '{ print $1 }' | tr '\n' ' ')" "^down up up $"
expect "the table" "$(status table web)" "active (2 hosts up)"

step "a host is told by its address, its id and a pattern; a disabled one is not checked; nobody of that name is said"
id=$(ctl show summary | awk -F'\t' -v host="$LAB_SRV2_4" '{ gsub(/ /, "") } $3 == host { print $2 }')
for name in "$LAB_SRV2_4" "$id" "w?b/*${LAB_SRV2_4##*.}"; do expect_match "$name" "$(ctl check now "$name")" "^up .* web/$LAB_SRV2_4 "; done
ctl host disable "$LAB_SRV2_4" >/dev/null || fail "host disable"
expect_match "the disabled one" "$(ctl check now "$LAB_SRV2_4")" "^disabled .* not checked$"
ctl host enable "$LAB_SRV2_4" >/dev/null || fail "host enable"
out=$(ctl check now nowhere 2>&1)
expect "the status for nobody" $? 5
expect_match "the words for nobody" "$out" 'no host or table "nowhere"'
expect "the status on the read-only socket" "$("$BIN/hcctl" -s "${SOCKET%.sock}-ro.sock" check now web >/dev/null 2>&1; echo $?)" 4

step "the last results, the oldest first, and the table's latencies"
out=$(ctl show checks "web/$LAB_SRV1_4") || fail "show checks"
expect "states in their order" "$(awk '/last checks/ { on = 1; next } /last changes/ { on = 0 } on { print $5 }' <<<"$out" | tr '\n' ' ')" "up up down up "
expect "changes" "$(sed -n '/last changes/,$p' <<<"$out" | tail -n +2 | sed -E 's/^ *[^ ]+ [^ ]+ //' | tr '\n' ';')" \
  "unknown -> up, http code ok (200);up -> down, tcp connect failed;down -> up, http code ok (200);"
expect_match "the histogram" "$(ctl show checks web)" '^table web: [0-9]+ checks passed in the last ten minutes, p50 [0-9.]+ ms, p99 [0-9.]+ ms$'

step "a reload forgets none of it, and counts nothing twice"
ctl reload >/dev/null || fail "reload"
expect "what is remembered" "$(ctl show checks "web/$LAB_SRV1_4")" "$out"

step "a drained host goes on being checked, and gets nothing new"
ctl host drain "$LAB_SRV1_4" >/dev/null || fail "host drain"
before=$(ctl show hosts | grep -A1 "$LAB_SRV1_4" | grep -o 'total: [0-9]*/[0-9]*')
expect_match "its check" "$(ctl check now "$LAB_SRV1_4")" "^up .* web/$LAB_SRV1_4 +http code ok \(200\)$"
[ "$(ctl show hosts | grep -A1 "$LAB_SRV1_4" | grep -o 'total: [0-9]*/[0-9]*')" != "$before" ] || fail "the check of a drained host did not count"
expect "its status" "$(status host "$LAB_SRV1_4")" "up (drained)"
wait_status table web "active (1 hosts up)"
expect "who answers" "$(answers 6 "$(vip)" | sort -u)" srv2
server stop 1
expect_match "that it is dead is seen" "$(ctl check now "$LAB_SRV1_4")" "^down "
expect "its status" "$(status host "$LAB_SRV1_4")" "down (drained)"
hcd_stop
