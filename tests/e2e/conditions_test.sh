#!/bin/bash
# What becomes of results: which of several tables serves, how much a host gets that has come up, how one is drained, and
# how one that flaps is held down.
. "$(dirname "$0")/lib.sh"
lab_up -n 5

does() { expect "hcctl $*" "$(ctl "$@")" "command succeeded"; }
who() { answers "${2:-6}" "$(vip "$LAB_VIP4:$1")" | sort -u | tr '\n' ' '; } # who PORT [N]: who answers there
who_is() { [ "$(who "$1")" = "$2" ]; }
row_error() { ctl show hosts | grep -A 2 -F "$1" | grep -m 1 -o 'error: .*'; }
flaps() { row_error "$LAB_SRV5_4" | grep -qE 'flapping \([34]x in 1m\)'; }
weights() { pf -a "hcd/$1" -t "$1" -T show -v | awk '$1 == "Weight:" { printf "%s ", $2 }'; }
weights_are() { [[ $(weights "$1") =~ ^$2$ ]]; } # weights_are TABLE REGEX

cat >"$CONF" <<CONF
interval 400ms
timeout 200
log state changes
table web {
    real port http
    check http "/health" code 200
    host $LAB_SRV1_4
    host $LAB_SRV2_4
}
table near {
    real port http
    check tcp
    host $LAB_SRV3_4
}
table far {
    real port http
    check tcp
    host $LAB_SRV4_4
}
table shaky {
    real port http
    check http "/health" code 200
    flap 2 in 60 hold 3
    host $LAB_SRV5_4
}
table warm {
    real port http
    check tcp
    rise 2
    interval changing 300ms
    slow start 10
    host $LAB_SRV1_4
    host $LAB_SRV2_4
}
service order {
    virtual host $LAB_VIP4 port 80
    table web
    backup table near
    backup table far
}
service share {
    virtual host $LAB_VIP4 port 81
    table web
    use table far when web below 100% for 2
}
service shaky {
    virtual host $LAB_VIP4 port 82
    table shaky
    backup table far
}
service warm {
    virtual host $LAB_VIP4 port 83
    table warm
}
CONF
hcd_start
wait_status table web "active (2 hosts up)"
wait_status table near "active (1 hosts up)"
wait_status table far "active (1 hosts up)"
wait_status table warm "active (2 hosts up)"
wait_status service shaky active
came_up=$(milliseconds)

step "hosts that came up together share evenly from the start"
expect "the weights" "$(weights warm)" "1 1 "

step "a host is drained: its connections go on, new ones go elsewhere, and it is checked all the while"
transfer_start "$LAB_RUN/one" "http://$LAB_VIP4/1m"
transfer_start "$LAB_RUN/two" "http://$LAB_VIP4/1m"
does host drain "web/$LAB_SRV1_4"
expect "its status" "$(status host "$LAB_SRV1_4")" "up (drained)"
expect "the table" "$(status table web)" "active (1 hosts up)"
expect "who answers" "$(who 80)" "srv2 "
transfer_end "$LAB_RUN/one"
transfer_end "$LAB_RUN/two"
server sick 1
wait_status host "$LAB_SRV1_4" "down (drained)"
server well 1
wait_status host "$LAB_SRV1_4" "up (drained)"
kill -HUP "$HCD_PID"
old=$(child_pid pfe)
kill -9 "$old"
wait_until 5 "pfe is started again" reborn pfe "$old"
wait_until 5 "the daemon answers" hcd_answers
wait_status host "$LAB_SRV1_4" "up (drained)"
expect "who answers after a reload and pfe's death" "$(who 80)" "srv2 "

step "half of the table is not up: for two seconds nothing happens, then the other table serves"
expect "who answers once it has been so for long enough" "$(wait_until 6 "table far serves" status_is service share "active (using backup table)"; who 81)" "srv4 "
ctl show services | grep -A 1 -w share | grep -q 'table: far' || fail "show services does not name the table in use: $(ctl show services)"
does host undrain "web/$LAB_SRV1_4"
begun=$(milliseconds)
expect "who answers at first" "$(who 81 2)" "srv4 "
wait_status service share active
[ $(($(milliseconds) - begun)) -ge 1500 ] || fail "the condition ended after $(($(milliseconds) - begun)) ms"
expect "who answers then" "$(who 81)" "srv1 srv2 "

step "the backups serve in their order"
server sick 1
server sick 2
wait_status table web empty
wait_status service order "active (using backup table)"
expect "who answers" "$(who 80)" "srv3 "
server stop 3
wait_status table near empty
wait_until 5 "the second backup is logged" log_has 'service order: active \(using backup table\), table far'
expect "who answers" "$(who 80)" "srv4 "
server start 3
wait_status table near "active (1 hosts up)"
expect "who answers" "$(who 80)" "srv3 "
server well 1
server well 2
wait_status table web "active (2 hosts up)"
wait_until 2 "both hosts of the table answer again" who_is 80 "srv1 srv2 "
wait_status service order active

step "a host that comes up gets its part in steps"
warmed() { [ $(($(milliseconds) - came_up)) -ge 10000 ]; }
wait_until 12 "the other's own slow start is over" warmed
server stop 2
wait_status table warm "active (1 hosts up)"
expect "the weight of a host alone" "$(weights warm)" "1 "
server start 2
wait_status table warm "active (2 hosts up)"
expect_match "the weights at first" "$(weights warm)" '^10 [12] $'
early=$(answers 22 "$(vip "$LAB_VIP4:83")" | grep -c srv2)
[ "$early" -le 6 ] || fail "srv2 answered $early of 22 requests at first"
wait_until 12 "a step in the middle" weights_are warm "10 [4-7] "
wait_until 12 "the whole weight" weights_are warm "1 1 "
expect "the answers then" "$(answers 10 "$(vip "$LAB_VIP4:83")" | sort | uniq -c | tr -s ' \n' ' ')" " 5 srv1 5 srv2 "

step "a host that flaps is held down though it answers, until it has been quiet"
for turn in down up down; do
  case $turn in down) server sick 5 ;; up) server well 5 ;; esac
  wait_status host "$LAB_SRV5_4" $turn
done
server well 5
wait_until 5 "it is shown to flap" flaps
expect "its status" "$(status host "$LAB_SRV5_4")" down
expect "who answers" "$(who 82)" "srv4 "
log_has "host $LAB_SRV5_4, flapping [34]x in 1m, held down until 3s without a change" || fail "no line of the log tells it"
wait_status host "$LAB_SRV5_4" up 8
log_has "host $LAB_SRV5_4, flapping no more, state up" || fail "no line of the log tells its release"
expect "who answers" "$(who 82)" "srv5 "
log_has "host $LAB_SRV5_4, check http code \([0-9]+ms,http code mismatch,503\), state up -> down, availability [0-9.]+%" ||
  fail "a change of state is not logged as it should be"
hcd_stop
