#!/bin/bash
# NSD: over UDP and TCP, an answer too long for UDP, a zone it does not have, hanging, gone.
. "$(dirname "$0")/lib.sh"
need nsd
peer_up
check any 53 dns www.example.org
check name 53 dns . type NS expect rcode REFUSED
check aaaa 53 dns www.example.org expect address 2001:db8::80
check tcp 53 dns www.example.org type A tcp expect address 192.0.2.81
check long 53 dns long.example.org type TXT
check alias 53 dns alias.example.org expect address 192.0.2.80
check gone 53 dns gone.example.org expect rcode NXDOMAIN
check other 53 dns www.example.org expect address 192.0.2.9
check none 53 dns www.example.org type MX
check missing 53 dns gone.example.org
check foreign 53 dns www.example.net
zone() { # zone FIRST_ADDRESS
  printf '$TTL 60\n@ SOA ns hostmaster 1 60 60 60 60\n@ NS ns\nns A 192.0.2.53\n'
  printf 'www A %s\nwww A 192.0.2.81\nwww AAAA 2001:db8::80\nalias CNAME www\n' "$1"
  local i
  for i in 1 2 3 4 5; do printf 'long TXT "%d%s"\n' "$i" "$(printf 'x%.0s' $(seq 200))"; done
}
cat >"$PEER/nsd.conf" <<CONF
server:
  ip-address: $LAB_SRV1_4
  username: ""
  chroot: ""
  zonesdir: "$PEER"
  database: ""
  zonelistfile: "$PEER/zone.list"
  xfrdfile: "$PEER/xfrd.state"
  xfrdir: "$PEER"
  pidfile: "$PEER/pid"
remote-control:
  control-enable: no
zone:
  name: example.org
  zonefile: zone
CONF
zone 192.0.2.80 >"$PEER/zone"
nsd_start() {
  "${ENTER[@]}" srv1 nsd -d -c "$PEER/nsd.conf" >>"$PEER/log" 2>&1 &
  NSD=$!
  wait_until 20 "nsd listens" listens
}
listens() { peer sh -c "ss -Hltn 'sport = :53'" | grep -q .; }
nsd_start
hcd_start

step "answered as expected, over either, and by TCP where UDP is too small"
up any name aaaa tcp long alias gone
log_has "host $LAB_SRV1_4, check dns \([0-9]+ms,dns ok\), state unknown -> up" || fail "no such line"

step "answered otherwise"
down other 'dns mismatch \(no 192.0.2.9\)'
down none 'dns mismatch \(no MX record\)'
down missing 'dns mismatch \(NXDOMAIN\)'
down foreign 'dns mismatch \(REFUSED\)'

step "the address is another"
zone 192.0.2.9 >"$PEER/zone"
kill -HUP "$NSD"
up other any
down alias 'dns mismatch \(no 192.0.2.80\)'

step "it hangs"
mapfile -t all < <(ip netns pids "$LAB_SRV1")
freeze "${all[@]}"
down any 'dns timeout'
down tcp 'tcp read timeout'
thaw "${all[@]}"
up any tcp long

step "it is gone"
peer sysctl -qw net.ipv4.icmp_ratelimit=0 # else of all these checks only one a second is told
kill "$NSD"
down any 'dns failed \(ECONNREFUSED\)'
down tcp 'tcp connect failed \(ECONNREFUSED\)'
wait_until 20 "nsd ends" process_gone "$NSD"
nsd_start
up any tcp long
hcd_stop
