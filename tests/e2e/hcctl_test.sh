#!/bin/bash
# hcctl for scripts: every exit status, documents and lines of JSON, columns, several names, reasons, two operators in
# conflict, the socket that takes no changes, and a monitoring system's plug-in.
. "$(dirname "$0")/lib.sh"
lab_up
SORRY="table sorry_server {
    real port http
    check tcp
    host $LAB_SRV3_4
}"
TABLES=$SORRY example_conf "backup table sorry_server"
hcd_start
wait_status table webhosts "active (2 hosts up)"
wait_status table sorry_server "active (1 hosts up)"
wait_status service www active
out=$LAB_RUN/out

# exits STATUS WORD...: hcctl ends with that; what it printed is in $out
exits() {
  local wanted=$1
  shift
  ctl "$@" >"$out" 2>&1
  expect "the exit status of hcctl $*" $? "$wanted"
}
# eventually STATUS WORD...: the same of what hangs on the hosts' states, which a busy machine may have let fail a check
eventually() { wait_until 15 "hcctl ${*:2} ends with $1" ends_with "$@"; }
ends_with() {
  ctl "${@:2}" >"$out" 2>&1
  [ $? -eq "$1" ]
}
holds() { ctl -j "${@:2}" >"$out" 2>&1; jq -e "$1" "$out" >/dev/null 2>&1; } # holds FILTER WORD...: true of the document
json() { jq -er "$1" "$out" || fail "nothing is $1 in: $(cat "$out")"; }

step "a document, lines, columns"
exits 0 -j show summary
expect "the schema" "$(json .schema)" 1
expect "what is in the document" "$(json 'keys_unsorted | join(" ")')" "schema generation config_generation services tables hosts"
expect "the service" "$(json '.services[] | "\(.name) \(.state) \(.in_use) \(.virtual[0])"')" "www active webhosts $LAB_VIP4 tcp port 80"
expect "a host" "$(json ".hosts[] | select(.address == \"$LAB_SRV1_4\") | \"\(.table) \(.state) \(.admin) \(.reason)\"")" "webhosts up on http code ok"
exits 0 -J show hosts
expect "the types of the lines" "$(jq -r '"\(.schema) \(.type)"' "$out" | sort -u)" "1 host"
expect "how many" "$(wc -l <"$out")" 3
exits 0 -H -o table,name,state show hosts
expect "columns" "$(sort "$out")" "$(printf 'sorry_server\t%s\tup\nwebhosts\t%s\tup\nwebhosts\t%s\tup' "$LAB_SRV3_4" "$LAB_SRV1_4" "$LAB_SRV2_4" | sort)"
wait_until 15 "both hosts were checked, and passed" holds '[.hosts[] | select(.state == "up" and .checked)] | length == 2' check now webhosts
expect "how that ended" "$(json '"\(.status) \(.exit)"')" "done 0"
wait_until 15 "a check that passed is remembered" holds '.hosts[0].checks[-1] | "\(.state) \(.reason) \(.code)" == "up http code ok 200"' \
  show checks "webhosts/$LAB_SRV1_4"
exits 0 -j show version
expect "the versions" "$(json '.version[0] | "\(.client) \(.daemon) \(.read_only)"')" "hcctl $(cat VERSION) hcd $(cat VERSION) false"
exits 0 poll
expect "poll" "$(cat "$out")" "command succeeded"
exits 0 show relays
expect "relays" "$(cat "$out")" "no relays are configured"

step "several hosts at once, with a reason"
exits 0 --reason "kernel 6.18" host drain "$LAB_SRV1_4" "webhosts/$LAB_SRV2_4"
exits 0 -j show overrides
expect "the overrides" "$(json '[.overrides[] | "\(.kind) \(.wish) \(.reason)"] | unique | join(",")')" "host drained kernel 6.18"
expect "how many" "$(json '.overrides | length')" 2
wait_until 5 "the log says why" log_has "admin: host $LAB_SRV1_4 of webhosts drained by root \(uid 0, pid [0-9]+, hcctl [0-9.]+\): kernel 6.18"
exits 0 show overrides
grep -q 'reason: kernel 6.18' "$out" || fail "the text has no reason: $(cat "$out")"
exits 0 host undrain "$LAB_SRV1_4" "$LAB_SRV2_4"
exits 0 -j show overrides
expect "the overrides afterwards" "$(json '.overrides | length')" 0

step "what would come of it, a pattern of names, weights, and a change that ends by itself"
foretold() { ctl --dry-run host disable "webhosts/*" >"$out" 2>&1 && grep -q '^webhosts: 0/2 up afterwards, .*nothing is left$' "$out"; }
wait_until 15 "a dry run says what would be left" foretold
grep -q '^host "webhosts/\*" (all 2): would be disabled$' "$out" || fail "a dry run says: $(cat "$out")"
wait_until 15 "the document says it too" holds \
  '"\(.status) \(.dry_run) \(.tables[0].up_after) \(.services[0].after)" == "done true 0 active (using backup table)"' --dry-run table disable webhosts
exits 0 -j show overrides
expect "nothing was changed" "$(json '.overrides | length')" 0
exits 0 host weight "webhosts/*" 7
exits 0 -H -o weight,configured_weight show hosts
expect "the weights" "$(sort "$out" | uniq -c | tr -s ' \t\n' ' ')" " 1 1 1 2 7 1 "
exits 0 host weight "webhosts/*" reset
exits 5 host drain "webhosts/192.0.2.*"
exits 0 --for 1 --reason "for a second" host drain "$LAB_SRV1_4"
wait_until 15 "the drain has ended by itself" holds '.overrides | length == 0' show overrides
wait_until 5 "and the log of events tells of it" holds '[.events[] | select(.kind == "admin" and (.text | test("for a second")))] | length > 0' show events

step "a drain that waits for the sessions to end"
transfer_start "$LAB_RUN/slow1" "http://$LAB_VIP4/1m" 150k
transfer_start "$LAB_RUN/slow2" "http://$LAB_VIP4/1m" 150k
exits 6 host drain "webhosts/*" wait 500ms
grep -qE '^[0-9]+ sessions are left with 2 hosts$' "$out" || fail "it does not say what is left: $(cat "$out")"
transfer_end "$LAB_RUN/slow1"
transfer_end "$LAB_RUN/slow2"
exits 0 host undrain "webhosts/*"
exits 0 host drain "sorry_server/$LAB_SRV3_4" wait 60s # which has none
exits 0 host undrain "sorry_server/*"

step "two operators: who has not seen the other's change is refused"
exits 0 -j show version
seen=$(json '.version[0].generation')
exits 0 host disable "$LAB_SRV1_4"
exits 7 --if-gen "$seen" host enable "$LAB_SRV1_4"
grep -q "has been changed by root (uid 0, pid [0-9]*, hcctl [0-9.]*) at " "$out" || fail "the conflict does not say who: $(cat "$out")"
exits 7 -j --if-gen "$seen" host enable "$LAB_SRV1_4"
expect "the same for a script" "$(json '"\(.status) \(.exit)"')" "conflict 7"
exits 0 -j show version
exits 0 --if-gen "$(json '.version[0].generation')" host enable "$LAB_SRV1_4"
wait_status host "$LAB_SRV1_4" up

step "what cannot be done"
exits 5 host disable 10.9.9.9
exits 5 -j service disable nobody
expect "not found, for a script" "$(json .status)" "not found"
exits 2 host frobnicate 1
exits 2 -o colour show hosts
grep -q 'possible: id, name, status' "$out" || fail "the columns are not listed: $(cat "$out")"
exits 2 -j monitor
exits 2 --reason x reload
exits 1 load /etc/shadow
grep -q "reads no file but the one it was started with" "$out" || fail "load does not say why not: $(cat "$out")"
cp "$CONF" "$CONF.good"
echo 'table {' >>"$CONF"
exits 1 -j reload
json .text | grep -q "hcd.conf:.*expected" || fail "the parser's errors are not in: $(cat "$out")"
cp "$CONF.good" "$CONF"
exits 0 reload

step "the socket that takes no changes"
read_only() { "$BIN/hcctl" -s "${SOCKET%.sock}-ro.sock" "$@" >"$out" 2>&1; }
read_only show summary || fail "the read-only socket does not show: $(cat "$out")"
read_only host disable "$LAB_SRV1_4"
expect "the exit status of a change" $? 4
grep -q 'this socket is read-only' "$out" || fail "it does not say why: $(cat "$out")"
read_only -j reload
expect "the exit status of a reload" $? 4
wait_until 5 "the refusal is in the log" log_has "admin: disable host $LAB_SRV1_4 by root .* refused: this socket is read-only"
expect "the host" "$(status host "$LAB_SRV1_4")" up
setpriv --reuid=nobody --regid=nogroup --clear-groups "$BIN/hcctl" -s "$SOCKET" show summary >"$out" 2>&1
expect "the exit status for nobody" $? 4

step "a plug-in of a monitoring system"
eventually 0 check www
expect_match "all is well" "$(cat "$out")" '^OK - service www is active, 2 of 2 hosts of webhosts up \| up=2;;;0;2 sessions=[0-9]+c$'
exits 0 host disable "$LAB_SRV1_4"
eventually 1 check www
eventually 1 check table webhosts
exits 1 check "$LAB_SRV1_4"
exits 0 table disable webhosts
wait_status service www "active (using backup table)"
eventually 1 -j check service www
expect "the document" "$(json '"\(.schema) \(.status) \(.exit)"')" "1 WARNING 1"
exits 0 table disable sorry_server
wait_status service www down
eventually 2 check www
exits 3 check nothing
exits 0 table enable webhosts sorry_server
exits 0 host enable "$LAB_SRV1_4"
wait_status table webhosts "active (2 hosts up)"

step "monitor, a line of JSON for each event, until the daemon goes"
ctl -J monitor >"$LAB_RUN/events" 2>&1 &
monitor=$!
told() { ctl host drain "$LAB_SRV2_4" >/dev/null; ctl host undrain "$LAB_SRV2_4" >/dev/null; grep -q '"kind":"admin"' "$LAB_RUN/events"; }
wait_until 10 "the monitor tells of a change" told
exits 0 stop
wait_until 10 "hcd ends" process_gone "$HCD_PID"
wait $monitor
expect "the exit status of the monitor" $? 3
expect "its last line" "$(tail -n 1 "$LAB_RUN/events" | jq -r '"\(.type) \(.status)"')" "outcome no daemon"
exits 3 show summary
exits 3 -j show summary
expect "no daemon, for a script" "$(json '"\(.schema) \(.exit)"')" "1 3"
exits 3 check www
grep -q '^UNKNOWN - ' "$out" || fail "a plug-in without a daemon says: $(cat "$out")"

step "a daemon that does not answer"
python3 - "$LAB_RUN/deaf.sock" <<'PYTHON' &
import socket, sys, time
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
time.sleep(60)
PYTHON
deaf=$!
wait_until 10 "somebody listens" test -S "$LAB_RUN/deaf.sock"
SOCKET=$LAB_RUN/deaf.sock exits 6 -t 1 show summary
kill $deaf
