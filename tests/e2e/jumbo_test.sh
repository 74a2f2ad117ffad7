#!/bin/bash
# Jumbo frames: on links of 9000 bytes they go through whole, in both families and directions, from senders that cut their
# packets themselves and from those that leave it to the links. Every byte arrives, and no checksum is wrong.
. "$(dirname "$0")/lib.sh"
lab_up -m 9000

# srv1 alone, by both families
FASTPATH=tc example_conf "virtual host $LAB_VIP6 port http interface $LAB_TRUNK"
sed -i "s/    host \$webhost2/    host $LAB_SRV1_6/" "$CONF"
hcd_start
wait_status table webhosts "active (2 hosts up)"

transfers() { # transfers WHAT: a megabyte down and up by both families
  local address end packets
  capture_start "$LAB_RUN/client.pcap" client eth0 tcp port 80
  capture_start "$LAB_RUN/server.pcap" srv1 eth0 tcp port 80 and "(host $LAB_CLIENT4 or host $LAB_CLIENT6)"
  for address in "$LAB_VIP4" "[$LAB_VIP6]"; do
    client curl -sS -m 30 -o "$LAB_RUN/got" "$(vip "$address" /1m)"
    expect "$1: curl's exit status of a download from $address" $? 0
    expect "$1: its digest" "$(sha256sum <"$LAB_RUN/got")" "$(sha256sum <"$LAB_RUN/www/1m")"
    client curl -sS -m 30 -T "$LAB_RUN/www/1m" -o /dev/null "$(vip "$address" /up)"
    expect "$1: curl's exit status of an upload to $address" $? 0
  done
  capture_stop "$LAB_RUN/client.pcap"
  capture_stop "$LAB_RUN/server.pcap"
  for end in client server; do
    packets=$(packets "$LAB_RUN/$end.pcap" "greater 8000")
    [ "$packets" -gt 10 ] || fail "$1: $packets large frames at the $end"
  done
}

step "packets that are cut on their way"
transfers "cut by the links"

step "frames as they are on the wire"
for node in client srv1; do on $node ethtool -K eth0 tx off >/dev/null || fail "ethtool on $node"; done
transfers "whole frames"
for end in client server; do
  expect "frames at the $end that are larger than the link" "$(packets "$LAB_RUN/$end.pcap" "greater 9015")" 0
  expect "wrong checksums at the $end" "$(bad_checksums "$LAB_RUN/$end.pcap")" 0
done
hcd_stop
