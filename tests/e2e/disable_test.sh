#!/bin/bash
# An operator takes a host, a table and a service out of use and puts them back; the numbers and unique prefixes work.
. "$(dirname "$0")/lib.sh"
lab_up
sorry="table sorry_server {
    real port http
    check tcp
    host $LAB_SRV3_4
}"
TABLES=$sorry example_conf "backup table sorry_server"
hcd_start
wait_status table webhosts "active (2 hosts up)"
wait_status table sorry_server "active (1 hosts up)"

does() { expect "hcctl $*" "$(ctl "$@")" "command succeeded"; }

step "a host, watched by hcctl monitor"
"$BIN/hcctl" -s "$SOCKET" monitor >"$LAB_RUN/events" 2>&1 &
transfer_start "$LAB_RUN/slow1" "http://$LAB_VIP4/1m" 400k
transfer_start "$LAB_RUN/slow2" "http://$LAB_VIP4/1m" 400k
does host disable "$LAB_SRV1_4"
wait_status host "$LAB_SRV1_4" disabled
wait_status table webhosts "active (1 hosts up)"
wait_until 5 "monitor shows who disabled it" grep -qE "$LAB_SRV1_4.*disabled by root" "$LAB_RUN/events"
expect "who answers" "$(answers 6 "$(vip)" | sort -u)" srv2
transfer_end "$LAB_RUN/slow1" # one of the two is with the disabled host: it may finish
transfer_end "$LAB_RUN/slow2"
does host enable "$LAB_SRV1_4"
wait_status host "$LAB_SRV1_4" up
expect "the answers" "$(answers 10 "$(vip)" | sort | uniq -c | tr -s ' \n' ' ')" " 5 srv1 5 srv2 "

step "a table: the backup takes over, as the talk shows for maintenance"
load_start "$LAB_RUN/load" "$(vip)"
does table disable webhosts
wait_status table webhosts disabled
wait_status service www "active (using backup table)"
expect "who answers" "$(answers 4 "$(vip)" | sort -u)" srv3
does table enable webhosts
wait_status service www active
wait_status table webhosts "active (2 hosts up)"
wait_requests "$LAB_RUN/load" 10
load_stop "$LAB_RUN/load"
expect "failed requests meanwhile" "$(load_failures "$LAB_RUN/load")" 0

step "a service, by id and by a prefix of the command"
id=$(ctl show summary | awk -F'\t' '{ gsub(/ /, "", $2); gsub(/ /, "", $3) } $1 == "service" && $3 == "www" { print $2 }')
does service dis "$id"
wait_status service www disabled
expect "the rules" "$(pf -a hcd/www -s rules 2>/dev/null)" ""
get "$(vip)" >/dev/null 2>&1
expect "a request is refused at once: curl's exit status" $? 7
does service enable www
wait_status service www active
get "$(vip)" >/dev/null || fail "the service does not answer after it was enabled"

step "what there is not"
ctl host disable 10.9.9.9 >"$LAB_RUN/out" 2>&1
expect "the exit status for an unknown host" $? 5
[ -s "$LAB_RUN/out" ] || fail "nothing was said about an unknown host"
ctl host frobnicate "$LAB_SRV1_4" >/dev/null 2>&1
expect "the exit status for an unknown command" $? 2
"$BIN/hcctl" -s "$LAB_RUN/nobody.sock" show summary >/dev/null 2>&1
expect "the exit status without a daemon" $? 3
hcd_stop
