#!/bin/bash
# A server that fails its check gets no new connection within interval + timeout, comes back when its check passes, and
# one that flaps harms nobody for longer than that.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf
hcd_start
wait_status table webhosts "active (2 hosts up)"
readonly DETECT=1700 # interval 1 s, timeout 500 ms, and a fifth of a second for a busy machine

step "a server that stops: no request fails once interval + timeout have passed"
load_start "$LAB_RUN/load" "$(vip)"
wait_requests "$LAB_RUN/load" 10
down_at=$(milliseconds)
server stop 2
wait_status host "$LAB_SRV2_4" down
noticed=$(($(logged_at "host $LAB_SRV2_4, .* up -> down") - down_at))
[ $noticed -le $DETECT ] || fail "down was noticed after $noticed ms, later than $DETECT"
expect "the service" "$(status service www)" active
expect "the table" "$(status table webhosts)" "active (1 hosts up)"
log_has "host $LAB_SRV2_4, check http code \([0-9]+ms,.*\), state up -> down, availability [0-9.]+%" || fail "no line in the log about $LAB_SRV2_4"
wait_requests "$LAB_RUN/load" 40 $((down_at + DETECT))
expect "failed requests from then on" "$(load_failures "$LAB_RUN/load" $((down_at + DETECT)))" 0
expect "who answers then" "$(awk -F'\t' -v from=$((down_at + DETECT)) '$1 > from { print $4 }' "$LAB_RUN/load" | sort -u | tr -d ' 20')" srv1

step "it comes back, and takes its turn again without a failed request"
back_at=$(milliseconds)
server start 2
wait_status host "$LAB_SRV2_4" up
wait_requests "$LAB_RUN/load" 20
expect "failed requests since" "$(load_failures "$LAB_RUN/load" $back_at)" 0
load_stop "$LAB_RUN/load"
expect "the answers" "$(answers 10 "$(vip)" | sort | uniq -c | tr -s ' \n' ' ')" " 5 srv1 5 srv2 "

step "a wrong code is down as well, and says so"
server sick 1
wait_status host "$LAB_SRV1_4" down
expect_match "the reason" "$(ctl show hosts)" "http code mismatch"
server well 1
wait_status host "$LAB_SRV1_4" up

step "a server that falls silent times out: down, and an established transfer to the other goes on"
transfer_start "$LAB_RUN/slow" "http://$LAB_VIP4/1m" 200k
silent=1
! on srv1 ss -Htn state established "( sport = :80 )" | grep -q "$LAB_CLIENT4" || silent=2
address=LAB_SRV${silent}_4
on srv$silent nft -f - <<<'table ip silence { chain input { type filter hook input priority 0; policy drop; }; }'
wait_status host "${!address}" down
transfer_end "$LAB_RUN/slow"
on srv$silent nft delete table ip silence
wait_status host "${!address}" up

step "flapping: every change is seen, and the last one counts"
for _ in 1 2 3; do
  server stop 2
  wait_status host "$LAB_SRV2_4" down
  server start 2
  wait_status host "$LAB_SRV2_4" up
done
expect "the service" "$(status service www)" active
expect "the answers" "$(answers 10 "$(vip)" | sort | uniq -c | tr -s ' \n' ' ')" " 5 srv1 5 srv2 "
hcd_stop
