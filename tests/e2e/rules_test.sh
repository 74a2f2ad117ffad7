#!/bin/bash
# What a service says of its rules, on real packets: every method moves a megabyte over both families; ranges and any port;
# whom a service is for; and what hcpfctl shows of it.
. "$(dirname "$0")/lib.sh"
lab_up
"$HCLAB" xdp-ready -p $LAB || fail "hclab xdp-ready" # the ends fill in their checksums, so a capture tells a wrong one
readonly MODES=(roundrobin random least-states source-hash hash)
{
  printf 'interval 1\ntimeout 500\ntable web {\n    real port 80\n    check http "/health" code 200\n'
  for n in 1 2 3; do
    four="LAB_SRV${n}_4" six="LAB_SRV${n}_6"
    printf '    host %s\n    host %s\n' "${!four}" "${!six}"
  done
  printf '}\n'
  port=8080
  for mode in "${MODES[@]}"; do
    printf 'service %s {\n    virtual host %s port %d\n    virtual host %s port %d\n    table web\n    mode %s\n}\n' \
      "$mode" "$LAB_VIP4" $port "$LAB_VIP6" $port "$mode"
    port=$((port + 1))
  done
  cat <<CONF
table first {
    real port 78
    check icmp
    host $LAB_SRV1_4
}
table second {
    real port 80
    check icmp
    host $LAB_SRV2_4
}
table third {
    real port 80
    check icmp
    host $LAB_SRV3_4
}
service range {
    virtual host $LAB_VIP4 port 9000:9009
    table first
    keep state (tcp.closed 1, tcp.first 5)
}
service inside {
    virtual host $LAB_VIP4 port 80
    table second
    from { 198.18.0.0/24, 203.0.113.1 }
    tag INSIDE
    keep-ttl
}
service outside {
    virtual host $LAB_VIP4 port 80 interface $LAB_TRUNK
    table third
}
service rest {
    virtual host $LAB_VIP4 port any
    table second
}
CONF
} >"$CONF"
hcd_start
wait_status table web "active (6 hosts up)"
for table in first second third; do wait_status table $table "active (1 hosts up)"; done
for service in "${MODES[@]}" range inside outside rest; do wait_status service "$service" active; done
hosts() { sort -u | paste -sd ' '; }

step "least states: six transfers that last are two for each host, which have no other states yet"
for n in 1 2 3 4 5 6; do transfer_start "$LAB_RUN/slow$n" "http://$LAB_VIP4:8082/1m" 200k; done
expect "transfers by host" \
  "$(pf -s states | grep -F "($LAB_VIP4:8082)" | grep ESTABLISHED:ESTABLISHED | awk '{ print $3 }' | sort | uniq -c | awk '{ printf "%s ", $1 }')" "2 2 2 "
for n in 1 2 3 4 5 6; do transfer_end "$LAB_RUN/slow$n"; done

step "a megabyte by every method over both families, and every checksum is right"
capture_start "$LAB_RUN/client.pcap" client eth0 tcp
capture_start "$LAB_RUN/srv1.pcap" srv1 eth0 tcp and "(host $LAB_CLIENT4 or host $LAB_CLIENT6)"
for i in "${!MODES[@]}"; do
  for address in "$LAB_VIP4" "[$LAB_VIP6]"; do
    client curl -sS -m 30 -o "$LAB_RUN/got" "$(vip "$address:$((8080 + i))" /1m)" || fail "${MODES[i]} at $address"
    expect "${MODES[i]} at $address: the digest" "$(sha256sum <"$LAB_RUN/got")" "$(sha256sum <"$LAB_RUN/www/1m")"
  done
done

for end in client srv1; do
  capture_stop "$LAB_RUN/$end.pcap"
  [ "$(packets "$LAB_RUN/$end.pcap")" -gt 500 ] || fail "the capture at $end holds $(packets "$LAB_RUN/$end.pcap") packets only"
  expect "wrong checksums at $end" "$(bad_checksums "$LAB_RUN/$end.pcap")" 0
done

step "in turn, at random, by hash: all hosts have their part, and one client keeps to one by its address alone"
expect "round-robin" "$(answers 30 "$(vip "$LAB_VIP4:8080")" | sort | uniq -c | awk '{ print $2 "=" $1 }' | paste -sd ' ')" \
  "srv1=10 srv2=10 srv3=10"
expect "random" "$(answers 60 "$(vip "[$LAB_VIP6]:8081")" | hosts)" "srv1 srv2 srv3"
expect "hash" "$(answers 60 "$(vip "$LAB_VIP4:8084")" | hosts)" "srv1 srv2 srv3"
expect "source-hash" "$(answers 20 "$(vip "$LAB_VIP4:8083")" | hosts | wc -w)" 1

step "a range is moved to begin at the real port, and any port is kept"
expect "the third port of the range" "$(get "$(vip "$LAB_VIP4:9002")")" srv1
expect_match "its state" "$(pf -s states)" "^all tcp $LAB_SRV1_4:80 \($LAB_VIP4:9002\) <- "
! get "$(vip "$LAB_VIP4:9003")" >/dev/null 2>&1 || fail "port 81 of srv1 answers"
"${ENTER[@]}" srv2 python3 -m http.server 4711 --directory "$LAB_RUN/www" >/dev/null 2>&1 &
wait_until 10 "a server listens" on srv2 sh -c "ss -Hltn 'sport = :4711' | grep -q ."
client curl -sS -m 30 -o "$LAB_RUN/got" "http://$LAB_VIP4:4711/1m" || fail "any port"
expect "the digest" "$(sha256sum <"$LAB_RUN/got")" "$(sha256sum <"$LAB_RUN/www/1m")"
expect_match "its state" "$(pf -s states)" "^all tcp $LAB_SRV2_4:4711 \($LAB_VIP4:4711\) <- "

step "who comes from inside is led to another host than the rest"
client ip address add 198.18.0.7/32 dev eth0
on director ip route add 198.18.0.0/24 via "$LAB_CLIENT4"
expect "from inside" "$(get --interface 198.18.0.7 "$(vip)")" srv2
expect "from elsewhere" "$(get "$(vip)")" srv3

step "hcpfctl shows the rules in pf's words, and of states what they carried"
expect "the rule" "$(pf -a hcd/inside -s rules)" \
  "pass in quick inet proto tcp from { 198.18.0.0/24, 203.0.113.1 } to $LAB_VIP4 port = 80 flags S/SA label \"hcd:inside\" tag INSIDE rdr-to <inside> port 80 round-robin keep-ttl"
expect "the rule" "$(pf -a hcd/range -s rules)" \
  "pass in quick inet proto tcp from any to $LAB_VIP4 port 9000:9009 flags S/SA keep state (tcp.first 5, tcp.closed 1) label \"hcd:range\" rdr-to <range> port 78:* round-robin"
get "$(vip "$LAB_VIP4:8080" /1m)" >/dev/null || fail "a request"
expect_match "a state with its counters" "$(pf -v -s states)" \
  "^   age 00:00:[0-9]+, expires in [0-9:]+, [0-9]+:[0-9]+ pkts, [0-9]+:[0-9]{7} bytes, anchor hcd/roundrobin, rule 0$"
id=$(pf -vv -s states | awk '$1 == "id:" { print $2; exit }')
expect "-k id" "$(pf -k id -k "$id" 2>&1)" "killed 1 states"
hcd_stop
