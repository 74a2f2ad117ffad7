#!/bin/bash
# Next hops are remembered, and yet never out of date: under load a host's route changes, its link address changes, a routing
# rule appears and goes again. Nobody fails, and each packet takes the way of the moment.
. "$(dirname "$0")/lib.sh"
lab_up
"$HCLAB" xdp-ready -p $LAB || fail "hclab xdp-ready"

# Another link to srv1, for those packets that are routed that way; its answers come back by the common one.
ip link add alt netns "$LAB_DIRECTOR" type veth peer name alt netns "$LAB_SRV1"
ip -n "$LAB_DIRECTOR" -batch - <<BATCH
link set alt up
address add 10.77.0.1/24 dev alt
BATCH
ip -n "$LAB_SRV1" -batch - <<BATCH
link set alt up
address add 10.77.0.2/24 dev alt
BATCH
# A link address that is new is told at once, and may follow the last one closely.
on srv1 sysctl -qw net.ipv4.conf.all.arp_notify=1 net.ipv6.conf.all.ndisc_notify=1
on director sysctl -qw net.ipv4.neigh.srv1.locktime=0

by_alt() { on director awk -v name=alt: '$1 == name { print $11 }' /proc/net/dev; }
# goes_by alt|common WHY: whether requests to srv1 take that way now
goes_by() {
  local before after
  before=$(by_alt)
  answers 4 "$(vip)" >/dev/null || fail "$2: a request failed"
  after=$(by_alt)
  case $1 in
    alt) [ "$after" -ge $((before + 4)) ] || fail "$2: $((after - before)) packets by the other link" ;;
    common) [ "$after" -lt $((before + 4)) ] || fail "$2: $((after - before)) packets by the other link" ;;
  esac
}
check_load() {
  load_stop "$LAB_RUN/load"
  expect "failed requests of $(load_count "$LAB_RUN/load") while $1" "$(load_failures "$LAB_RUN/load")" 0
}

for mode in tc xdp; do
  FASTPATH=$mode example_conf
  sed -i '/webhost2$/d' "$CONF" # only srv1
  hcd_start
  wait_status table webhosts "active (1 hosts up)"
  goes_by common "$mode: at first"

  step "$mode: the route to a host changes, and changes back"
  load_start "$LAB_RUN/load" "$(vip)"
  on director ip route prepend "$LAB_SRV1_4/32" via 10.77.0.2 dev alt
  goes_by alt "a route by the other link"
  wait_requests "$LAB_RUN/load" 10
  on director ip route del "$LAB_SRV1_4/32" via 10.77.0.2 dev alt
  wait_requests "$LAB_RUN/load" 10
  check_load "the route changed"
  goes_by common "the route is gone"

  step "$mode: a host's link address changes"
  load_start "$LAB_RUN/load" "$(vip)"
  for address in 02:00:00:00:aa:01 02:00:00:00:aa:02; do
    on srv1 ip link set eth0 address $address
    wait_requests "$LAB_RUN/load" 10
  done
  check_load "the link address changed"

  step "$mode: a host's neighbour is forgotten, again and again, and resolved by the kernel"
  load_start "$LAB_RUN/load" "$(vip)"
  for _ in 1 2 3 4 5; do
    on director ip neighbour del "$LAB_SRV1_4" dev srv1
    wait_requests "$LAB_RUN/load" 3
  done
  check_load "the neighbour was forgotten"

  step "$mode: a routing rule appears: each packet is looked up; it goes: they are remembered again"
  load_start "$LAB_RUN/load" "$(vip)"
  on director ip route add "$LAB_SRV1_4/32" via 10.77.0.2 dev alt table 100
  on director ip rule add iif "$LAB_TRUNK" lookup 100 priority 100
  wait_until 5 "the rule is noticed" log_has "policy routing is in use: "
  goes_by alt "a routing rule by the other link"
  on director ip rule del iif "$LAB_TRUNK" lookup 100 priority 100
  wait_until 5 "its end is noticed" log_has "policy routing is in use no more"
  goes_by common "the rule is gone"
  on director ip route del "$LAB_SRV1_4/32" table 100
  check_load "routing rules changed"
  hcd_stop
  hcd_unload
  : >"$LOG"
done
