#!/bin/bash
# Clients of the control sockets that keep to nothing: each is told why and put out, the log has a line of who it was, and
# nobody else is disturbed.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf
hcd_start
wait_status table webhosts "active (2 hosts up)"
ro=${SOCKET%.sock}-ro.sock
hostile() { timeout 60 python3 tests/e2e/hostile_client.py "$@"; }
pfe=$(child_pid pfe)

step "nonsense, a wrong version, a message that is too long"
expect "what each is told" "$(hostile "$SOCKET" malformed)" "frame of 4294967295 bytes: 16 to 65536 allowed
a message of type 4 and 2 bytes is malformed
a message of type 99 is unknown
a second hello"
hostile "$ro" oversized | grep -q "frame of 1048576 bytes" || fail "a long message is not refused"
hostile "$ro" version | grep -q "this daemon speaks version" || fail "a version of before is not refused"
wait_until 5 "the log says who" log_has "control: client root \(uid 0, pid [0-9]+\) dropped: a message of type 99 is unknown"

step "half a message, and no more"
expect "what it is told" "$(hostile "$SOCKET" half)" "the rest of a message does not come"

step "a thousand clients"
coproc CROWD { hostile "$ro" crowd; }
read -r said <&"${CROWD[0]}"
expect "they are" "$said" there
ctl show summary >/dev/null || fail "nobody else is answered"
ctl host drain "$LAB_SRV1_4" >/dev/null || fail "an operator cannot act"
ctl host undrain "$LAB_SRV1_4" >/dev/null
wait_until 5 "the log says that some are turned away" log_has "control: too many clients: [0-9]+ are connected, more are turned away"
echo >&"${CROWD[1]}"
wait "$CROWD_PID"
wait_until 10 "who only looks is answered again" "$BIN/hcctl" -s "$ro" show summary

step "readers that do not read"
coproc SLOW { hostile "$ro" slow; }
read -r said <&"${SLOW[0]}"
expect "they are" "$said" there
before=$(awk '/^VmRSS/ { print $2 }' "/proc/$pfe/status")
for _ in {1..150}; do
  ctl host drain "$LAB_SRV1_4" >/dev/null && ctl host undrain "$LAB_SRV1_4" >/dev/null || fail "an operator cannot act"
done
after=$(awk '/^VmRSS/ { print $2 }' "/proc/$pfe/status")
[ $((after - before)) -lt 20480 ] || fail "pfe grew from $before to $after kB"
echo >&"${SLOW[1]}"
wait "$SLOW_PID"

step "the same pfe, and it works"
expect "pfe" "$(child_pid pfe)" "$pfe"
wait_status table webhosts "active (2 hosts up)"
hcd_stop
