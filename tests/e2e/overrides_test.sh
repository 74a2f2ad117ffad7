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
