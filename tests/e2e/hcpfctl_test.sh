#!/bin/bash
# hcpfctl beside a running daemon: states of real connections are listed, and ended by client, by destination, by label and all.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf
hcd_start
wait_status table webhosts "active (2 hosts up)"

states() { pf -s states | wc -l; }
# ends EXPECTED OPTIONS...: what hcpfctl says, on the standard error alone
ends() {
  pf "${@:2}" >"$LAB_RUN/out" 2>"$LAB_RUN/err" || fail "hcpfctl ${*:2}: status $?"
  expect "hcpfctl ${*:2}" "$(cat "$LAB_RUN/err")" "$1"
  expect "the standard output of hcpfctl ${*:2}" "$(cat "$LAB_RUN/out")" ""
}

step "what the maps were made for"
expect_match "-s memory" "$(pf -s memory)" '^states        hard limit  1048576$'

step "another client's states stay, this one's go"
answers 3 "$(vip)" >/dev/null || fail "a request failed"
expect "states" "$(states)" 3
ends "killed 0 states from 1 sources and 0 destinations" -k 198.51.100.9
ends "killed 3 states from 1 sources and 0 destinations" -k "$LAB_CLIENT4"
expect "states" "$(states)" 0

step "by destination: one host's"
answers 4 "$(vip)" >/dev/null || fail "a request failed"
ends "killed 2 states from 1 sources and 1 destinations" -k 0.0.0.0/0 -k "$LAB_SRV1_4"
expect "what is left" "$(pf -s states | awk '{ print $3 }' | sort -u)" "$LAB_SRV2_4:80"

step "by label, and all"
ends "killed 0 states" -k label -k nobody
ends "killed 2 states" -k label -k hcd:www
answers 2 "$(vip)" >/dev/null || fail "a request failed"
ends "2 states cleared" -F states

step "a connection whose state was ended dies, a new one is served"
transfer_start "$LAB_RUN/slow" "$(vip '' /1m)" 200k
connections() { on srv1 ss -Htn state established "dst $LAB_CLIENT4"; on srv2 ss -Htn state established "dst $LAB_CLIENT4"; }
[ -n "$(connections)" ] || fail "no host has the connection"
ends "1 states cleared" -F states
expect "a new connection" "$(get -o /dev/null -w '%{http_code}' "$(vip)")" 200
let_go() { [ -z "$(connections)" ]; }
wait_until 10 "the host lets go of it" let_go
kill "$(cat "$LAB_RUN/slow.pid")" 2>/dev/null
[ "$(stat -c %s "$LAB_RUN/slow")" -lt 1048576 ] || fail "the transfer went on to its end"

step "what is wrong changes nothing"
get "$(vip)" >/dev/null || fail "a request failed"
before=$(states)
for words in "-k nonsense" "-F rules" "-a hcd/www -F states" "-k 10.0.0.0/99"; do
  # shellcheck disable=SC2086
  pf $words >"$LAB_RUN/out" 2>&1
  expect "the exit status of hcpfctl $words" $? 1
done
expect "states" "$(states)" "$before"
hcd_stop
