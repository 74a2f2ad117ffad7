#!/bin/bash
# hcpfctl alone, with no daemon: a pf.conf is tried, loaded, put on an interface, carries traffic, is changed and taken away.
. "$(dirname "$0")/lib.sh"
lab_up
RULES=$LAB_RUN/pf.conf
cat >"$RULES" <<CONF
vip = "$LAB_VIP4"
table <web> persist { $LAB_SRV1_4 $LAB_SRV2_4 }
pass in quick on $LAB_TRUNK proto tcp from any to \$vip port http label "web" rdr-to <web> port 80
CONF
# does WANTED_ERR OPTIONS...: it succeeds, and this is what it says of its action
does() {
  pf "${@:2}" >"$LAB_RUN/out" 2>"$LAB_RUN/err" || fail "hcpfctl ${*:2}: status $?: $(cat "$LAB_RUN/err")"
  expect "hcpfctl ${*:2}" "$(cat "$LAB_RUN/err")" "$1"
}
# refuses REGEX OPTIONS...: it fails with 1, and this is among what it says
refuses() {
  pf "${@:2}" >"$LAB_RUN/out" 2>"$LAB_RUN/err"
  expect "the exit status of hcpfctl ${*:2}" $? 1
  expect_match "hcpfctl ${*:2}" "$(cat "$LAB_RUN/err")" "$1"
}
hosts() { answers 4 "$(vip)" | sort | uniq -c | awk '{ print $2 "=" $1 }' | paste -sd ' '; }

step "nothing is loaded: what needs something says so"
refuses "no hcd rules are loaded" -s rules
refuses "pf not enabled" -d

step "a file is tried without touching the kernel"
does "" -n -a lab -f "$RULES"
[ ! -e "$LAB_PINS/hcd_globals" ] || fail "-n made maps"

step "a file with errors names each, and changes nothing"
printf 'pass in proto tcp to 192.0.2.1 port 80 rdr-to <nothere>\ntable <a23456789012345678901234567890123> { 10.0.0.1 }\n' >"$RULES.bad"
refuses "pf.conf.bad:1:[0-9]+: " -a lab -f "$RULES.bad"
expect_match "the second error" "$(cat "$LAB_RUN/err")" "pf.conf.bad:2:[0-9]+: "
expect_match "the last line" "$(tail -n 1 "$LAB_RUN/err")" "Syntax error in config file: pf rules not loaded"
[ ! -e "$LAB_PINS/hcd_globals" ] || fail "a bad file made maps"

step "loaded, but on no interface yet"
does "hcpfctl: no interface redirects yet: -e enables it" -a lab -f "$RULES"
expect "the rule" "$(pf -a lab -s rules)" \
  "pass in quick on $LAB_TRUNK inet proto tcp from any to $LAB_VIP4 port = 80 flags S/SA label \"web\" rdr-to <web> port 80 round-robin"
expect "the table" "$(pf -a lab -t web -T show)" "$(printf '   %s\n   %s' "$LAB_SRV1_4" "$LAB_SRV2_4")"
expect "its flags" "$(pf -v -a lab -s Tables)" "$(printf -- '-pa-r--\tweb@lab')"
! get "$(vip)" >/dev/null 2>&1 || fail "it answers already"

step "enabled: traffic flows, evenly"
does "pf enabled" -e -i "$LAB_TRUNK" -i "srv1" -i "srv2"
expect "who answered" "$(hosts)" "srv1=2 srv2=2"
refuses "pf already enabled" -e
expect_match "-s states" "$(pf -s states | head -n 1)" "^all tcp 10\.1\.1\.10[01]:80 \($LAB_VIP4:80\) <- $LAB_CLIENT4:[0-9]+ +[A-Z0-9_]+:[A-Z0-9_]+$"
expect "states" "$(pf -s states | wc -l)" 4
expect_match "-s info" "$(pf -s info)" "^Status: Enabled"
expect_match "-s labels" "$(pf -s labels)" "^web 4 [0-9]+ "

step "the same as JSON, and everything at once"
expect "-j -s states" "$(pf -j -s states | jq -r '.schema, (.states | length), .states[0].client' | paste -sd ' ')" "1 4 $LAB_CLIENT4"
expect "-j -T show" "$(pf -j -t web -T show | jq -r '.table.addresses[].address' | paste -sd ' ')" "$LAB_SRV1_4 $LAB_SRV2_4"
expect_match "-s timeouts" "$(pf -s timeouts)" '^tcp.established {11}86400s$'
expect "the titles of -s all" "$(pf -s all | grep '^[A-Z ]*:$' | paste -sd ' ')" \
  "FILTER RULES: STATES: INFO: LABEL COUNTERS: TIMEOUTS: LIMITS: TABLES:"

step "the table is changed while it serves"
does "1/1 addresses deleted." -a lab -t web -T delete "$LAB_SRV1_4"
expect "who answered" "$(hosts)" "srv2=4"
pf -a lab -t web -T test "$LAB_SRV1_4" >/dev/null 2>&1
expect "the exit status of -T test" $? 2
does "1 addresses added.
1 addresses deleted." -a lab -t web -T replace "$LAB_SRV1_4"
expect "who answered" "$(hosts)" "srv1=4"
does "1/1 addresses added." -a lab -t web -T add "$LAB_SRV2_4"
expect "who answered" "$(hosts)" "srv1=2 srv2=2"

step "a second anchor that claims the same address is refused, and nothing changes"
before=$(pf -a '*' -s rules)
refuses "pf.conf:3:[0-9]+: .*lab" -a other -f "$RULES"
expect "the rules" "$(pf -a '*' -s rules)" "$before"

step "states are flushed; rules go and the table that persists stays"
expect_match "-F states" "$(pf -F states 2>&1)" "^[0-9]+ states cleared$"
expect "states" "$(pf -s states)" ""
does "rules cleared" -a lab -F rules
expect "the rules" "$(pf -a lab -s rules)" ""
expect "the table" "$(pf -a lab -s Tables)" "web"
! get "$(vip)" >/dev/null 2>&1 || fail "it answers still"
does "" -a lab -f "$RULES"
expect "who answered" "$(hosts)" "srv1=2 srv2=2"

step "disabled: the rules are there and redirect nothing"
does "pf disabled" -d
! get "$(vip)" >/dev/null 2>&1 || fail "it answers still"
expect_match "the rules" "$(pf -a lab -s rules)" "rdr-to <web>"
does "pf enabled" -e -i "$LAB_TRUNK" -i "srv1" -i "srv2"
expect "who answered" "$(hosts)" "srv1=2 srv2=2"

step "beside a running daemon other anchors change, its own are put back, and the programs are its"
example_conf
sed -i "s/^public_addr=.*/public_addr=192.0.2.81/" "$CONF"
hcd_start
does "1/1 addresses deleted." -a lab -t web -T delete "$LAB_SRV1_4"
expect "who answered" "$(hosts)" "srv2=4"
wait_status table webhosts "active (2 hosts up)"
own=$(pf -a hcd/www -s rules)
expect_match "the daemon's rule" "$own" "rdr-to <www>"
does "rules cleared" -a hcd/www -F rules
is_back() { [ "$(pf -a hcd/www -s rules 2>/dev/null)" = "$own" ]; }
wait_until 10 "the daemon puts its rule back" is_back
does "1/1 addresses added." -a lab -t web -T add "$LAB_SRV1_4"
expect "who answered" "$(hosts)" "srv1=2 srv2=2"
refuses "hcd, pid [0-9]+, attaches the programs" -d
refuses "hcd, pid [0-9]+, attaches the programs" -d -F all
hcd_stop

step "everything is taken away, without a trace"
pf -d -F all >"$LAB_RUN/out" 2>"$LAB_RUN/err" || fail "hcpfctl -d -F all: $(cat "$LAB_RUN/err")"
expect "pins" "$(find "$LAB_PINS" -mindepth 1 ! -name '*.debug' | wc -l)" 0
! get "$(vip)" >/dev/null 2>&1 || fail "it answers still"
