#!/bin/bash
# The same over IPv6, and both families in one service each.
. "$(dirname "$0")/lib.sh"
lab_up
cat >"$CONF" <<CONF
interval 1
timeout 500
table six {
    real port http
    check http "/health" code 200
    host $LAB_SRV1_6
    host $LAB_SRV2_6
}
table pinged {
    real port http
    check icmp
    host $LAB_SRV3_6
}
service www6 {
    virtual host $LAB_VIP6 port http interface $LAB_TRUNK
    table six
    backup table pinged
}
CONF
hcd_start
wait_status table six "active (2 hosts up)"
wait_status table pinged "active (1 hosts up)"

step "in turn, a megabyte whole, and states"
got=$(answers 10 "$(vip "[$LAB_VIP6]")") || fail "a request failed"
expect "the answers" "$(sort <<<"$got" | uniq -c | tr -s ' \n' ' ')" " 5 srv1 5 srv2 "
expect "no server answers twice running" "$(uniq <<<"$got" | wc -l)" 10
transfer_start "$LAB_RUN/slow" "http://[$LAB_VIP6]/1m" 500k
expect_match "the state" "$(pf -s states)" "tcp .*2001:db8:1::10[01].* <- .*$LAB_CLIENT6.* ESTABLISHED:ESTABLISHED"
transfer_end "$LAB_RUN/slow"
expect_match "the rule" "$(pf -a hcd/www6 -s rules)" "inet6 proto tcp from any to $LAB_VIP6 port = 80"

step "a server down, then all: the backup, known by ping"
server sick 1
wait_status host "$LAB_SRV1_6" down
expect "who answers" "$(answers 4 "$(vip "[$LAB_VIP6]")" | sort -u)" srv2
server sick 2
wait_status service www6 "active (using backup table)"
expect "who answers" "$(answers 4 "$(vip "[$LAB_VIP6]")" | sort -u)" srv3

step "silent to pings: nothing is left"
on srv3 nft -f - <<<'table ip6 silence { chain input { type filter hook input priority 0; icmpv6 type echo-request drop; }; }'
wait_status table pinged empty
wait_status service www6 down
get "$(vip "[$LAB_VIP6]")" >/dev/null 2>&1
expect "a request is refused at once: curl's exit status" $? 7
hcd_stop
