#!/bin/bash
# kill -9 of each process under load: a child is started again and told its state; without the parent packets go on, and
# a new daemon adopts what it finds. No request and no established connection fails.
. "$(dirname "$0")/lib.sh"
lab_up
# Two rules for one destination, which the client's address decides between; and states that do not last.
TABLES="service inside {
    virtual host $LAB_VIP4 port 81
    table webhosts
    from { $LAB_CLIENT4 }
}
service outside {
    virtual host $LAB_VIP4 port 81 interface $LAB_TRUNK
    table webhosts
    from 203.0.113.0/24
}
service short {
    virtual host $LAB_VIP4 port 82
    table webhosts
    keep state (tcp.first 3, tcp.finwait 3, tcp.closed 3)
}" example_conf
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
client ip address add 198.18.0.7/32 dev eth0
on director ip route add 198.18.0.0/24 via "$LAB_CLIENT4"
expect_match "by the first of two rules" "$(get "$(vip "$LAB_VIP4:81")")" '^srv'
! get --interface 198.18.0.7 "$(vip "$LAB_VIP4:81")" >/dev/null 2>&1 || fail "neither of two rules is for this client"
states=$(pf -s states | grep -c ESTABLISHED:ESTABLISHED)
[ "$states" -ge 4 ] || fail "the kernel shows $states established states, the four transfers at least were expected"
ctl show summary >/dev/null 2>&1
expect "hcctl's exit status without a daemon" $? 3

step "states go on ending without a daemon"
get "$(vip "$LAB_VIP4:82")" >/dev/null || fail "a request"
short_states() { pf -a hcd/short -v -s rules | sed -n 's/.* States: \([0-9]*\) .*/\1/p'; }
[ "$(short_states)" -ge 1 ] || fail "no state was made: $(pf -a hcd/short -v -s rules)"
are_gone() { [ "$(short_states)" = 0 ]; }
wait_until 20 "the state has ended by itself" are_gone

step "a new daemon adopts"
hcd_start
wait_status table webhosts "active (2 hosts up)"
wait_requests "$LAB_RUN/load" 20
server sick 1
wait_status host "$LAB_SRV1_4" down
expect "who answers" "$(answers 4 "$(vip)" | sort -u)" srv2
server well 1
wait_status host "$LAB_SRV1_4" up

expect_match "by the first of two rules" "$(get "$(vip "$LAB_VIP4:81")")" '^srv'

step "nothing was lost"
load_stop "$LAB_RUN/load"
expect "failed requests of $(load_count "$LAB_RUN/load")" "$(load_failures "$LAB_RUN/load")" 0
for n in 1 2 3 4; do transfer_end "$LAB_RUN/slow$n"; done
hcd_stop
