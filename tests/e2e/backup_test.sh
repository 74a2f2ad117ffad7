#!/bin/bash
# A general failure: with a backup table its server takes over ("sorry server"), without one the rules go.
. "$(dirname "$0")/lib.sh"
lab_up

step "without a backup: the rules are removed, and come back with the first server"
example_conf
hcd_start
wait_status table webhosts "active (2 hosts up)"
server stop 1
server stop 2
wait_status table webhosts empty
wait_status service www down
expect "the rules" "$(pf -a hcd/www -s rules 2>/dev/null)" ""
get "$(vip)" >/dev/null 2>&1
expect "a request is refused at once: curl's exit status" $? 7
server start 2
wait_status service www active
expect "the answer" "$(get "$(vip)")" srv2
server start 1
wait_status table webhosts "active (2 hosts up)"
hcd_stop
hcd_unload

step "with a backup: it takes over and gives back"
sorry="table sorry_server {
    real port http
    check tcp
    host $LAB_SRV3_4
}"
TABLES=$sorry example_conf "backup table sorry_server"
hcd_start
wait_status table webhosts "active (2 hosts up)"
wait_status table sorry_server "active (1 hosts up)"
expect "who answers while all is well" "$(answers 20 "$(vip)" | sort -u | tr '\n' ' ')" "srv1 srv2 "
load_start "$LAB_RUN/load" "$(vip)"
server stop 1
server stop 2
wait_status service www "active (using backup table)"
switched=$(milliseconds)
expect "the table" "$(status table webhosts)" empty
wait_requests "$LAB_RUN/load" 20
expect "failed requests once the backup is in use" "$(load_failures "$LAB_RUN/load" "$switched")" 0
expect "who answers" "$(answers 4 "$(vip)" | sort -u)" srv3
back=$(milliseconds)
server start 1
wait_status service www active
wait_requests "$LAB_RUN/load" 20
expect "failed requests on the way back" "$(load_failures "$LAB_RUN/load" "$back")" 0
load_stop "$LAB_RUN/load"
expect "who answers then" "$(answers 4 "$(vip)" | sort -u)" srv1

step "the backup is down as well"
server stop 3
wait_status table sorry_server empty
server stop 1
wait_status service www down
expect "the rules" "$(pf -a hcd/www -s rules 2>/dev/null)" ""
hcd_stop
