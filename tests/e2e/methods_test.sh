#!/bin/bash
# How a new connection finds its host: in turn by weight, or by the client's address; and what moves when a host goes.
. "$(dirname "$0")/lib.sh"
lab_up
service() { # service NAME PORT LINE...
  local name=$1 port=$2
  shift 2
  printf 'service %s {\n    virtual host %s port %s\n    table web\n' "$name" "$LAB_VIP4" "$port"
  printf '    %s\n' "$@"
  printf '}\n'
}
{
  cat <<CONF
interval 1
timeout 500
table web {
    real port http
    check http "/health" code 200
    host $LAB_SRV1_4 weight 3
    host $LAB_SRV2_4
    host $LAB_SRV3_4
}
CONF
  service turn 80 "mode roundrobin"
  service hash 81 'mode source-hash "a secret"'
} >"$CONF"
hcd_start
wait_status table web "active (3 hosts up)"

step "in turn, by weight: exact over every whole turn, and never four times running"
got=$(answers 20 "$(vip)") || fail "a request failed"
expect "the answers" "$(sort <<<"$got" | uniq -c | tr -s ' \n' ' ')" " 12 srv1 4 srv2 4 srv3 "
[ "$(uniq -c <<<"$got" | awk '$1 > most { most = $1 } END { print most }')" -le 3 ] || fail "not spread: $(tr '\n' ' ' <<<"$got")"

step "by the client's address: the same host for each, whatever its port"
readonly CLIENTS=60
for n in $(seq $CLIENTS); do client ip address add "198.18.0.$n/32" dev eth0; done
on director ip route add 198.18.0.0/24 via "$LAB_CLIENT4"
map() { # a line per client: its address and the host that answers
  local n
  for n in $(seq $CLIENTS); do echo "198.18.0.$n $(get --interface "198.18.0.$n" "$(vip "$LAB_VIP4:81")")" || return; done
}
first=$(map)
expect "clients without an answer" "$(awk 'NF != 2' <<<"$first" | wc -l)" 0
expect "the second time" "$(map)" "$first"
expect "hosts in use" "$(awk '{ print $2 }' <<<"$first" | sort -u | tr '\n' ' ')" "srv1 srv2 srv3 "

step "a host goes: its clients move, of the others hardly any; it comes back, and so do they"
ctl host disable "$LAB_SRV2_4" >/dev/null || fail "host disable"
second=$(map)
expect "clients of the lost host" "$(grep -c srv2 <<<"$second")" 0
moved=$(paste -d ' ' - <(awk '{ print $2 }' <<<"$second") <<<"$first" | awk '$2 != "srv2" && $2 != $3' | wc -l)
[ "$moved" -le $((CLIENTS / 15)) ] || fail "$moved of $CLIENTS clients moved away from hosts that stayed"
ctl host enable "$LAB_SRV2_4" >/dev/null || fail "host enable"
wait_status table web "active (3 hosts up)"
expect "who answers whom" "$(map)" "$first"
hcd_stop
