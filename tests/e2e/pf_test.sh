#!/bin/bash
# `fastpath pf`, with a program that stands in for pfctl: what it is told, to the byte and in both dialects; what comes back of
# counters; what becomes of a pfctl that fails, hangs or is missing, of the process that runs it, and of what a daemon
# leaves in pf. The rules of no pf are tested: there is none here.
. "$(dirname "$0")/lib.sh"
lab_up
readonly PF=$LAB_RUN/pf
mkdir -m 755 "$PF"
install -m 755 tests/e2e/pf_stand_in.py "$PF/pfctl"
pf_conf() { FASTPATH="pf pfctl \"$PF/pfctl\"" example_conf "$@"; }
pf_conf

anchors() { jq -r 'keys | join(" ")' "$PF/state"; }
rules() { jq -r ".[\"hcd/$1\"] | (.nat + .rules)[]" "$PF/state"; }
table() { jq -r ".[\"hcd/$1\"].tables[\"$1\"] | keys | join(\" \")" "$PF/state"; }
table_is() { [ "$(table "$1" 2>/dev/null)" = "$2" ]; }
calls() { tail -n +$((${mark:-0} + 1)) "$PF/calls" 2>/dev/null; } # since then
note() { mark=$(wc -l <"$PF/calls"); }
changes() { calls | grep -c '^pfctl -q'; }
start_refused() { # start_refused REGEX: the daemon ends at once, and says so
  on director timeout 20 "$BIN/hcd" -d -f "$CONF" -s "$SOCKET" -p "$LAB_PINS" -S "$LAB_RUN/state" >"$LAB_RUN/out" 2>&1 &&
    fail "hcd starts"
  expect_match "what is said" "$(cat "$LAB_RUN/out")" "$1"
}

step "a pfctl that is missing, or that others than root may change"
mv "$PF/pfctl" "$PF/away"
"$BIN/hcd" -n -f "$CONF" 2>"$LAB_RUN/out" || fail "hcd -n finds a fault: $(cat "$LAB_RUN/out")"
start_refused "pfctl $PF/pfctl: cannot be run: No such file or directory"
mv "$PF/away" "$PF/pfctl"
chmod 775 "$PF/pfctl"
"$BIN/hcd" -n -f "$CONF" 2>"$LAB_RUN/out" && fail "hcd -n finds no fault"
expect_match "the fault" "$(cat "$LAB_RUN/out")" "hcd.conf:3:19: pfctl \"$PF/pfctl\" can be changed by others than root"
chmod 755 "$PF/pfctl"
[ ! -e "$PF/calls" ] || fail "it was run: $(cat "$PF/calls")"

step "the start: the dialect is probed, what there is is looked at, and nothing of ours is in this kernel"
hcd_start
wait_status table webhosts "active (2 hosts up)"
both=$(printf '%s\n' "$LAB_SRV1_4" "$LAB_SRV2_4" | sort | xargs)
wait_until 5 "pf has both hosts" table_is www "$both"
expect "the first calls" "$(calls | head -n 3)" "pfctl -n -f -
| pass in quick inet proto tcp from any to 192.0.2.1 port = 80 rdr-to 192.0.2.2
pfctl -a hcd -s Anchors"
expect "the rules were told" "$(calls | grep -A 2 -x 'pfctl -q -a hcd/www -f -')" "pfctl -q -a hcd/www -f -
| table <www> persist
| pass in quick on $LAB_TRUNK inet proto tcp from any to $LAB_VIP4 port = 80 flags S/SA label \"hcd:www\" rdr-to <www> port 80 round-robin"
expect "the log" "$(grep -c 'up, with the engine pf$' "$LOG")" 1
expect "the engine" "$(ctl -j show version | jq -r '.version[0].engine')" pf
expect "our programs in this kernel" "$(on director bpftool net show | grep -c hcd_)" 0
[ ! -e "$LAB_PINS" ] || expect "pins" "$(find "$LAB_PINS" -mindepth 1 -not -name '*.debug')" ''
runner=$(child_pid pfctl) || fail "no process pfctl"
expect "its user" "$(stat -c %U "/proc/$runner")" root
expect "its capabilities" "$(awk '/^Cap/ { print $2 }' "/proc/$runner/status" | sort -u)" 0000000000000000

step "counters come back"
echo "1234 100 20235 56 7890 44 12345 17" >"$PF/labels"
counted() { ctl -j show services | jq -e '.services[0].packets_in == 56 and .services[0].bytes_out == 12345'; }
wait_until 5 "the service's packets" counted >/dev/null

step "what another program changes is told and put back, once each"
write_state() { jq "$1" "$PF/state" >"$PF/more" && mv "$PF/more" "$PF/state"; }
disturbed() { [ "$(grep -c 'anchor hcd/www: changed by another program; put back' "$LOG")" = "$1" ]; }
ours=$(rules www)
rules_are_ours() { [ "$(rules www)" = "$ours" ]; }
sleep 2 # it has been looked at
write_state "del(.[\"hcd/www\"].tables.www[\"$LAB_SRV2_4\"])"
wait_until 10 "it is told of the table" disturbed 1
wait_until 5 "pf has both hosts" table_is www "$both"
write_state '.["hcd/www"].rules = ["block drop all"]'
wait_until 10 "it is told of the rules" disturbed 2
wait_until 5 "the rules are ours" rules_are_ours
write_state 'del(.["hcd/www"])'
wait_until 10 "it is told of the anchor" disturbed 3
wait_until 5 "the rules are there" rules_are_ours
wait_until 5 "pf has both hosts" table_is www "$both"
note
sleep 3
expect "what was changed in pf since" "$(changes)" 0
disturbed 3 || fail "it is told again: $(grep -c 'changed by another program' "$LOG") times"

step "a host goes down: one command"
note
server stop 2
wait_status host "$LAB_SRV2_4" down
wait_until 5 "pf has one host" table_is www "$LAB_SRV1_4"
expect "what was told" "$(calls | grep -A 1 '^pfctl -q')" "pfctl -q -a hcd/www -t www -T replace -f -
| $LAB_SRV1_4"

step "a pfctl that fails is a refusal, undone and tried again"
echo fail >"$PF/mode"
note
server start 2
wait_until 10 "the refusal is logged" log_has "service www: the engine refuses: pfctl -q -a hcd/www -t www -T replace -f -: pfctl: DIOCXCOMMIT: Device busy.*; tried again in"
expect_match "the summary" "$(ctl -j show services | jq -r '.services[0].error')" "Device busy"
expect "pf" "$(table www)" "$LAB_SRV1_4"
rm "$PF/mode"
wait_until 10 "pf has both hosts" table_is www "$both"

step "one that hangs is killed, and holds up nothing for longer"
echo hang >"$PF/mode"
server stop 2
wait_until 15 "it is said" log_has "pfctl .*: it took too long, and was killed"
wait_until 15 "the refusal is logged" log_has "the engine refuses: pfctl .*: (it took too long, and was killed|not run: one before took too long)"
begun=$(milliseconds)
ctl show summary >/dev/null || fail "hcctl show summary"
took=$(($(milliseconds) - begun))
[ $took -le 5000 ] || fail "hcctl waited $took ms"
hung_gone() { local pid; while read -r pid; do process_gone "$pid" || return; done <"$PF/hangs"; }
rm "$PF/mode"
wait_until 10 "those that hung are gone" hung_gone
wait_until 70 "pf has one host" table_is www "$LAB_SRV1_4"
server start 2
wait_until 70 "pf has both hosts" table_is www "$both"

step "the process that runs it, or pfe, is killed: all is as before, and nothing is told twice"
for role in pfctl pfe; do
  note
  old=$(child_pid $role)
  other=$(child_pid pfe)
  kill -9 "$old"
  wait_until 10 "$role is there again" reborn $role "$old"
  wait_until 10 "pfe is there again" reborn pfe "$other"
  wait_until 10 "the table is active" status_is table webhosts "active (2 hosts up)"
  expect "what was changed in pf" "$(changes)" 0
done

step "a daemon that ends leaves its rules, and its successor knows them"
hcd_stop
expect "anchors" "$(anchors)" hcd/www
note
hcd_start
wait_status table webhosts "active (2 hosts up)"
expect "the service" "$(status service www)" active
expect "what was changed in pf" "$(changes)" 0

step "a reload cannot choose another way for packets"
FASTPATH=none example_conf
ctl reload >"$LAB_RUN/out" 2>&1 && fail "the reload is taken"
expect_match "why not" "$(cat "$LAB_RUN/out")" "restart it to steer packets otherwise"
hcd_stop

step "anchors below ours that no service has go, those of others stay; weights are said where the rules are"
jq '.["other/www"] = .["hcd/www"] | .["hcd/odd"] = {"tables": {}, "nat": [], "rules": ["block drop all"]}' "$PF/state" >"$PF/more"
mv "$PF/more" "$PF/state"
pf_conf
sed -i "s/service www/service web/; s/host \$webhost2/& weight 3/" "$CONF"
hcd_start
wait_status table webhosts "active (2 hosts up)"
log_has "anchor hcd/odd is not understood, and will be replaced" || fail "nothing is said of hcd/odd"
only_ours() { [ "$(anchors)" = "hcd/web other/www" ] && table_is web "$both"; }
wait_until 5 "the anchors are these alone" only_ours
expect "the weights" "$(jq -r ".[\"hcd/web\"].tables.web[\"$LAB_SRV2_4\"]" "$PF/state")" 3

step "unloading takes them away, with a daemon and without"
ctl stop unload >/dev/null || fail "stop unload"
wait_until 10 "the daemon ends" process_gone "$HCD_PID"
expect "anchors" "$(anchors)" other/www
hcd_start
wait_until 10 "pf has the service" table_is web "$both"
hcd_stop
on director "$BIN/hcd" -F -f "$CONF" -s "$SOCKET" -p "$LAB_PINS" || fail "hcd -F"
expect "anchors" "$(anchors)" other/www

step "a pf before OpenBSD 4.7"
echo old >"$PF/dialect"
pf_conf "tag HCD" "session timeout 600"
note
hcd_start
wait_status table webhosts "active (2 hosts up)"
wait_until 5 "pf has both hosts" table_is www "$both"
expect "the engine" "$(ctl -j show version | jq -r '.version[0].engine')" "pf (before OpenBSD 4.7)"
expect "the rules" "$(calls | grep -A 3 -x 'pfctl -q -a hcd/www -f -')" "pfctl -q -a hcd/www -f -
| table <www> persist
| rdr on $LAB_TRUNK inet proto tcp from any to $LAB_VIP4 port = 80 tag HCD -> <www> port 80 round-robin
| pass in quick on $LAB_TRUNK inet proto tcp from any to <www> port = 80 flags S/SA keep state (tcp.established 600) label \"hcd:www\" tagged HCD"
wait_until 15 "counters" counted >/dev/null
note
ctl stop unload >/dev/null || fail "stop unload"
wait_until 10 "the daemon ends" process_gone "$HCD_PID"
expect "how they were taken away" "$(calls | grep '^pfctl -q')" "pfctl -q -a hcd/www -F nat
pfctl -q -a hcd/www -F rules
pfctl -q -a hcd/www -F Tables"
expect "anchors" "$(anchors)" other/www
