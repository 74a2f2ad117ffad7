#!/bin/bash
# The talk's own example: two web servers behind one address, in turn, and the states as the talk prints them.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf
hcd_start
wait_status host "$LAB_SRV1_4" up
wait_status host "$LAB_SRV2_4" up
wait_status service www active

step "show summary prints what the talk shows"
expect "the header" "$(ctl show summary | head -n 1 | tr -s '\t ' ' ')" "Type Id Name Avlblty Status"
summary=$(ctl show summary | awk -F'\t' 'NR > 1 { for (i = 1; i <= NF; i++) gsub(/^ +| +$/, "", $i); print $1, $3, $4, $5 }' | sort)
expect "the rows" "$summary" "host $LAB_SRV1_4 100.00% up
host $LAB_SRV2_4 100.00% up
service www  active
table webhosts  active (2 hosts up)"
expect "a unique prefix" "$(ctl show su | sort)" "$(ctl show summary | sort)"

step "twenty connections go to the servers exactly in turn"
got=$(answers 20 "$(vip)") || fail "a request failed"
first=$(head -n 1 <<<"$got") second=$(sed -n 2p <<<"$got")
expect "both servers answer" "$(sort -u <<<"$got" | tr '\n' ' ')" "srv1 srv2 "
expect "the order" "$got" "$(for _ in $(seq 10); do echo "$first"; echo "$second"; done)"

step "the client sees the public address only, and the server the client's"
client curl -s -m 3 -o "$LAB_RUN/got" -w '%{remote_ip}' "$(vip "$LAB_VIP4" /1m)" >"$LAB_RUN/peer"
expect "the peer of the client" "$(cat "$LAB_RUN/peer")" "$LAB_VIP4"
expect "a megabyte's digest" "$(sha256sum <"$LAB_RUN/got")" "$(sha256sum <"$LAB_RUN/www/1m")"
grep -q "^$LAB_CLIENT4 .*GET /1m" "$LAB_RUN"/srv[12]/access.log || fail "no server saw the client's own address"

step "hcpfctl reads rules, tables and states out of the kernel"
rules=$(pf -a hcd/www -s rules) || fail "hcpfctl -s rules"
expect_match "the rule" "$rules" "^pass in .*on $LAB_TRUNK inet proto tcp from any to $LAB_VIP4 port = 80 .*rdr-to <.*> port 80 round-robin"
table=$(sed -E 's/.*rdr-to <([^>]+)>.*/\1/' <<<"$rules")
expect "the table" "$(pf -a hcd/www -t "$table" -T show | tr -d ' ' | tr '\n' ' ')" "$LAB_SRV1_4 $LAB_SRV2_4 "
transfer_start "$LAB_RUN/slow" "$(vip "$LAB_VIP4" /1m)" 500k
expect_match "the transfer's state" "$(pf -s states)" \
  "tcp 10\.1\.1\.10[01]:80 \($LAB_VIP4:80\) <- $LAB_CLIENT4:[0-9]+ +ESTABLISHED:ESTABLISHED"
transfer_end "$LAB_RUN/slow"

step "under its old names too"
expect "hoststatectl show summary" "$("$BIN/hoststatectl" -s "$SOCKET" show summary | head -n 1 | tr -s '\t ' ' ')" "Type Id Name Avlblty Status"
hcd_stop
