#!/bin/bash
# What operators change outlives each process and the daemon itself, in a file that is believed only where it is sound; and an
# edited configuration is newer than what was wished before.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf
hcd_start
wait_status table webhosts "active (2 hosts up)"
kept=$LAB_RUN/state/overrides
says() { ctl -j show overrides | jq -r '[.overrides[] | "\(.kind) \(.name) \(.wish)"] | sort | join(", ")'; }
are() { [ "$(says)" = "$1" ]; }
both="host webhosts/$LAB_SRV1_4 disabled, host webhosts/$LAB_SRV2_4 drained"

step "a disabled and a drained host outlive a stop"
ctl --reason "new kernel" host disable "$LAB_SRV1_4" >/dev/null
ctl host drain "$LAB_SRV2_4" >/dev/null
expect "the overrides" "$(says)" "$both"
wait_until 5 "they are on the disk" test -s "$kept"
expect "who may read them" "$(stat -c '%a %U' "$kept")" "600 root"
hcd_stop
hcd_start
expect "the overrides" "$(says)" "$both"
wait_status host "$LAB_SRV1_4" disabled
wait_status host "$LAB_SRV2_4" "up (drained)"
expect "the reason" "$(ctl -j show overrides | jq -r '.overrides[] | select(.wish == "disabled") | .reason')" "new kernel"

step "and kill -9 of the parent, and of each child"
hce=$(child_pid hce) pfe=$(child_pid pfe)
kill -9 "$HCD_PID"
wait "$HCD_PID" 2>/dev/null
wait_until 10 "hce ends with its parent" process_gone "$hce"
wait_until 10 "pfe ends with its parent" process_gone "$pfe"
hcd_start
expect "the overrides" "$(says)" "$both"
for role in hce pfe; do
  old=$(child_pid $role) || fail "no $role below pid $HCD_PID"
  kill -9 "$old"
  wait_until 10 "$role is there again" reborn $role "$old"
  wait_until 10 "the daemon answers" ctl show summary >/dev/null
  wait_until 10 "the overrides are there again" are "$both"
done
wait_status host "$LAB_SRV1_4" disabled

step "a configuration that says so itself ends the wish"
cp "$CONF" "$CONF.before"
sed -i '/^ *host .webhost1$/s/$/ disable/' "$CONF"
ctl reload >/dev/null
expect "the overrides" "$(says)" "host webhosts/$LAB_SRV2_4 drained"
log_has "the override of host webhosts/$LAB_SRV1_4 ends: the configuration says so itself" || fail "the log does not say so"
cp "$CONF.before" "$CONF"
ctl reload >/dev/null
wait_status host "$LAB_SRV1_4" up

step "a weight is in force, and outlives a stop and pfe with the end that it has"
weights() { pf -a hcd/www -t www -T show -v | awk '$1 == "Weight:" { printf "%s ", $2 }'; }
weighs() { [ "$(weights)" = "$1" ]; }
until_of() { ctl -j show overrides | jq -r '.overrides[] | select(.wish | startswith("weight")) | .until'; }
ctl host undrain "$LAB_SRV2_4" >/dev/null
ctl --for 1h host weight "$LAB_SRV1_4" 5 >/dev/null
weight="host webhosts/$LAB_SRV1_4 weight 5"
wait_until 10 "the kernel has it" weighs "5 1 "
end=$(until_of)
expect_match "its end" "$end" '^20[0-9-]+T'
hcd_stop
hcd_start
old=$(child_pid pfe)
kill -9 "$old"
wait_until 10 "pfe is there again" reborn pfe "$old"
wait_until 10 "the daemon answers" ctl show summary >/dev/null
wait_until 10 "the weight is there again" are "$weight"
expect "its end" "$(until_of)" "$end"
wait_until 10 "the kernel has it" weighs "5 1 "
ctl --for 1 host weight "$LAB_SRV1_4" 4 >/dev/null
wait_until 10 "a shorter end takes its place" are ""
wait_until 10 "the kernel has the configuration's" weighs "1 1 "
log_has "host webhosts/$LAB_SRV1_4: weight by root .*ends: its time is over" || fail "the log does not say so"

step "an edited weight is newer than one that was wished before, by a reload or while nobody ran"
configure() { sed "s/^ *host .webhost1$/& weight $1/" "$CONF.before" >"$CONF"; }
ended() { ctl show events 20 | grep -qF "the override ends: the configuration is newer: the weight is $1 now, and was $2"; }
ctl host weight "$LAB_SRV1_4" 5 >/dev/null
configure 3
ctl reload >/dev/null
expect "the overrides" "$(says)" ""
wait_until 10 "the kernel has the configuration's" weighs "3 1 "
ended 3 1 || fail "no event tells why: $(ctl show events 20)"
log_has "the override of host webhosts/$LAB_SRV1_4 ends: the configuration is newer: the weight is 3 now, and was 1" || fail "the log does not say so"
ctl host weight "$LAB_SRV1_4" 5 >/dev/null
hcd_stop
configure 2
hcd_start
expect "the overrides" "$(says)" ""
wait_until 10 "the kernel has the configuration's" weighs "2 1 "
ended 2 3 || fail "no event tells why: $(ctl show events 20)"
ctl host weight "$LAB_SRV1_4" 5 >/dev/null
configure 5
ctl reload >/dev/null
expect "the overrides" "$(says)" ""
cp "$CONF.before" "$CONF"
ctl reload >/dev/null
ctl host drain "$LAB_SRV2_4" >/dev/null

step "a reload that nobody confirms is taken back"
sed -i '/^ *host .webhost1$/s/$/ disable/' "$CONF"
ctl reload confirm-within 2s >"$LAB_RUN/reload"
grep -q "taken back in 2 seconds, unless it is confirmed" "$LAB_RUN/reload" || fail "it says: $(cat "$LAB_RUN/reload")"
wait_until 10 "it is taken back" log_has "the reload was not confirmed and is taken back"
wait_status host "$LAB_SRV1_4" up
ctl reload confirm-within 60s >/dev/null
wait_status host "$LAB_SRV1_4" disabled
ctl confirm >/dev/null
cp "$CONF.before" "$CONF"
ctl reload >/dev/null
wait_status host "$LAB_SRV1_4" up

step "a file that is cut off is set aside, and the daemon starts without it"
hcd_stop
truncate -s -3 "$kept"
hcd_start
log_has "what operators had changed is not known any more: .*its checksum is wrong; set aside as $kept.bad" || fail "the log does not say so"
test -s "$kept.bad" || fail "it is not set aside"
expect "the overrides" "$(says)" ""
wait_status host "$LAB_SRV2_4" up
hcd_stop
