#!/bin/bash
# The talk's simple set-up on real packets: one public address, two web servers behind it; one fails and comes back. Exits
# 0 only when every claim that it prints was seen to be so. On a terminal it waits for a key between the steps.
set -u
cd "$(dirname "$0")/.." || exit 1
readonly hclab=$PWD/tools/hclab/hclab.sh bin=$PWD/${BIN:-bin} lab=demo$$
hcd_pid=''
[ "$(id -u)" = 0 ] || { echo "demo: must be root: it builds network namespaces" >&2; exit 1; }
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'; else bold='' dim='' green='' red='' plain=''; fi

clean_up() {
  local status=$?
  [ -z "$hcd_pid" ] || { kill "$hcd_pid" && wait "$hcd_pid"; } 2>/dev/null
  jobs -p | xargs -r kill 2>/dev/null
  "$hclab" down -p $lab || status=1
  exit $status
}
trap clean_up EXIT
trap 'exit 130' INT TERM

step=0
step() { # a key, then a heading
  if [ $step -gt 0 ] && [ -t 0 ] && [ -t 1 ]; then read -rsn 1 -p "${dim}   (a key goes on)$plain"; printf '\r\e[K'; fi
  step=$((step + 1))
  printf '\n%s%d. %s%s\n' "$bold" $step "$*" "$plain"
}
quote() { sed "s/^/   /"; }
run() { # prints a command as one would type it, and what it says
  echo "   $dim\$ $1$plain"
  shift
  "$@" | quote
}
holds() { # holds CLAIM COMMAND...: the claim is printed, and the demo ends when it is not so
  local claim=$1
  shift
  if "$@"; then echo "   ${green}ok$plain $claim"; return; fi
  echo "   ${red}NOT SO:$plain $claim"
  tail -n 15 "$LAB_RUN/hcd.log" | quote
  exit 1
}
within() { # within SECONDS COMMAND...
  local end=$((${EPOCHREALTIME/./} + $1 * 1000000))
  shift
  until "$@"; do [ "${EPOCHREALTIME/./}" -lt $end ] || return 1; sleep 0.05; done
}
hcctl() { "$bin/hcctl" -s "$LAB_RUN/hcd.sock" "$@"; }
says() { hcctl show summary 2>/dev/null | grep -qE "$1"; }
enter=("$hclab" enter -p "$lab") # an array: in the background, $! is then the command itself
client() { "${enter[@]}" client "$@"; }
# logged HOST CHANGE: the last such line; logged_at: its time, microseconds since the epoch
logged() { grep -E "host $1, .*state $2" "$LAB_RUN/hcd.log" | tail -n 1; }
logged_at() { date -d "$(date +%F) $(logged "$@" | cut -d ' ' -f 1)" +%s%6N; }
has_logged() { [ -n "$(logged "$@")" ]; }

"$hclab" up -p $lab -n 2 >/dev/null || exit 1
eval "$("$hclab" env -p $lab)"

step "A lab of network namespaces: real interfaces, real nginx, nothing of it touches this machine"
quote <<PICTURE

                                             .-- srv1  $LAB_SRV1_4  nginx
  client  $LAB_CLIENT4  -- trunk0  director <
                         $LAB_VIP4        '-- srv2  $LAB_SRV2_4  nginx
PICTURE

step "hcd in the director, with the talk's configuration"
cat >"$LAB_RUN/hoststated.conf" <<CONF
interval 1
timeout 500
public_addr=$LAB_VIP4
webhost1=$LAB_SRV1_4
webhost2=$LAB_SRV2_4
table webhosts {
    real port http
    check http "/" code 200
    host \$webhost1
    host \$webhost2
}
service www {
    virtual host \$public_addr port http interface $LAB_TRUNK
    table webhosts
}
CONF
quote <"$LAB_RUN/hoststated.conf"
"${enter[@]}" director "$bin/hcd" -d -f "$LAB_RUN/hoststated.conf" -s "$LAB_RUN/hcd.sock" -p "$LAB_PINS" >"$LAB_RUN/hcd.log" 2>&1 &
hcd_pid=$!
holds "both servers pass their check" within 10 says '2 hosts up'
run "hcctl show summary" hcctl show summary

step "Clients of the public address are redirected to the servers in turn, by the kernel"
"${enter[@]}" client tcpdump -Z root -U -ni eth0 -w "$LAB_RUN/client.pcap" tcp port 80 2>"$LAB_RUN/tcpdump.log" &
capture=$!
within 5 grep -q 'listening on' "$LAB_RUN/tcpdump.log" || exit 1
# shellcheck disable=SC2016
six='for i in 1 2 3 4 5 6; do curl -sm 3 "$0" || exit 1; done'
answers=$(client bash -c "$six" "http://$LAB_VIP4/")
run "for i in 1 2 3 4 5 6; do curl http://$LAB_VIP4/; done" echo "$(tr '\n' ' ' <<<"$answers")"
in_turn() { [ "$(sort <<<"$answers" | uniq -c | tr -s ' \n' ' ')" = " 3 srv1 3 srv2 " ] && [ "$(uniq <<<"$answers" | wc -l)" = 6 ]; }
holds "three answers each, never the same server twice running" in_turn
pf() { "${enter[@]}" director "$bin/hcpfctl" -p "$LAB_PINS" "$@"; }
run "hcpfctl -a hcd/www -s rules" pf -a hcd/www -s rules
run "hcpfctl -s states" pf -s states
holds "the kernel has a state for each of the six connections" [ "$(pf -s states | grep -c " tcp ")" = 6 ]

step "One server stops, while clients keep asking"
# shellcheck disable=SC2016
"${enter[@]}" client bash -c 'while :; do t=$EPOCHREALTIME; a=$(curl -sm 3 "$0") || a=failed; echo "${t/./} $a"; done' "http://$LAB_VIP4/" >"$LAB_RUN/load" &
load=$!
within 5 test -s "$LAB_RUN/load"
stopped=${EPOCHREALTIME/./} noticed=0
run "hclab server stop 2" "$hclab" server -p $lab stop 2
within 5 has_logged "$LAB_SRV2_4" 'up -> down' && noticed=$(logged_at "$LAB_SRV2_4" 'up -> down')
holds "hcd notices after $(((noticed - stopped) / 1000)) ms; interval + timeout are 1500" [ $noticed -gt 0 -a $(((noticed - stopped) / 1000)) -lt 1700 ]
logged "$LAB_SRV2_4" 'up -> down' | quote
noticed=$((noticed + 50000)) # requests that were under way then may still fail
run "hcctl show summary" hcctl show summary
asked_since() { [ "$(awk -v from="$1" '$1 > from' "$LAB_RUN/load" | wc -l)" -ge "$2" ]; }
failed_since() { awk -v from="$1" '$1 > from && $2 == "failed"' "$LAB_RUN/load" | wc -l; }
within 10 asked_since "$noticed" 50
holds "of $(awk -v from="$noticed" '$1 > from' "$LAB_RUN/load" | wc -l) requests since then none failed ($(($(failed_since "$stopped") - $(failed_since "$noticed"))) did before)" \
  [ "$(failed_since "$noticed")" = 0 ]

step "It comes back"
back=${EPOCHREALTIME/./}
run "hclab server start 2" "$hclab" server -p $lab start 2
holds "hcd takes it into use again" within 5 says '2 hosts up'
logged "$LAB_SRV2_4" 'down -> up' | quote
asked=${EPOCHREALTIME/./}
within 10 asked_since "$asked" 20
kill $load
wait $load 2>/dev/null
holds "of $(awk -v from="$back" '$1 > from' "$LAB_RUN/load" | wc -l) requests on the way back none failed" [ "$(failed_since "$back")" = 0 ]
answers=$(client bash -c "$six" "http://$LAB_VIP4/")
both() { [ "$(sort -u <<<"$answers" | tr '\n' ' ')" = "srv1 srv2 " ]; }
holds "both servers answer: $(tr '\n' ' ' <<<"$answers")" both

step "tcpdump, at the client: every reply came from the public address"
kill $capture; wait $capture 2>/dev/null
run "tcpdump -nr client.pcap -c 3 src port 80" tcpdump -nqr "$LAB_RUN/client.pcap" -c 3 src port 80 2>/dev/null
replies=$(tcpdump -nr "$LAB_RUN/client.pcap" "tcp src port 80" 2>/dev/null | wc -l)
from_vip=$(tcpdump -nr "$LAB_RUN/client.pcap" "tcp src port 80 and src host $LAB_VIP4" 2>/dev/null | wc -l)
holds "$from_vip of $replies replies are from $LAB_VIP4" [ "$replies" -gt 0 -a "$from_vip" = "$replies" ]

step "The end"
kill $hcd_pid
wait $hcd_pid
holds "hcd ended with status $?" [ $? = 0 ]
hcd_pid=''
echo "   the lab is removed"
