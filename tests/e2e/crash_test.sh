#!/bin/bash
# kill -9 of each process under load: a child is started again and told its state; without the parent packets go on, and
# a new daemon adopts what it finds. No request and no established connection fails.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf
hcd_start
wait_status table webhosts "active (2 hosts up)"
load_start "$LAB_RUN/load" "$(vip)"
for n in 1 2 3 4; do transfer_start "$LAB_RUN/slow$n" "http://$LAB_VIP4/1m" 40k; done # for 25 s, over all of this

for role in hce pfe; do
  step "kill -9 of $role"
  old=$(child_pid $role) || fail "no $role below pid $HCD_PID"
  kill -9 "$old"
  wait_until 5 "$role is there again" reborn $role "$old"
  wait_until 5 "the daemon answers" ctl show summary >/dev/null
  wait_status table webhosts "active (2 hosts up)"
  wait_requests "$LAB_RUN/load" 10
done

step "checks and decisions still work"
server sick 2
wait_status host "$LAB_SRV2_4" down
server well 2
wait_status host "$LAB_SRV2_4" up

step "an operator's switch outlives the process that keeps it"
ctl host disable "$LAB_SRV1_4" >/dev/null
wait_status host "$LAB_SRV1_4" disabled
old=$(child_pid pfe)
kill -9 "$old"
wait_until 5 "pfe is there again" reborn pfe "$old"
wait_until 5 "the daemon answers" ctl show summary >/dev/null
wait_status host "$LAB_SRV1_4" disabled
ctl host enable "$LAB_SRV1_4" >/dev/null
wait_status host "$LAB_SRV1_4" up

step "kill -9 of the parent: its children end, packets go on"
hce=$(child_pid hce) pfe=$(child_pid pfe)
kill -9 "$HCD_PID"
wait "$HCD_PID" 2>/dev/null
wait_until 5 "hce ends with its parent" process_gone "$hce"
wait_until 5 "pfe ends with its parent" process_gone "$pfe"
wait_requests "$LAB_RUN/load" 20
# The load takes turns of the same ring: few answers could all be of one host.
expect "the answers without a daemon" "$(answers 20 "$(vip)" | sort -u | tr '\n' ' ')" "srv1 srv2 "
states=$(pf -s states | grep -c ESTABLISHED:ESTABLISHED)
[ "$states" -ge 4 ] || fail "the kernel shows $states established states, the four transfers at least were expected"
ctl show summary >/dev/null 2>&1
expect "hcctl's exit status without a daemon" $? 3

step "a new daemon adopts"
hcd_start
wait_status table webhosts "active (2 hosts up)"
wait_requests "$LAB_RUN/load" 20
server sick 1
wait_status host "$LAB_SRV1_4" down
expect "who answers" "$(answers 4 "$(vip)" | sort -u)" srv2
server well 1
wait_status host "$LAB_SRV1_4" up

step "nothing was lost"
load_stop "$LAB_RUN/load"
expect "failed requests of $(load_count "$LAB_RUN/load")" "$(load_failures "$LAB_RUN/load")" 0
for n in 1 2 3 4; do transfer_end "$LAB_RUN/slow$n"; done
hcd_stop
