#!/bin/bash
# What hcpfctl shows of real traffic as it happens: births and deaths of states with what they counted, why a packet was dropped,
# a sample of all packets; one reader at a time, and none that holds the place when it is dead.
. "$(dirname "$0")/lib.sh"
lab_up
cat >"$LAB_RUN/pf.conf" <<CONF
table <web> persist { $LAB_SRV1_4 $LAB_SRV2_4 }
table <none> persist
pass in quick proto tcp from any to $LAB_VIP4 port 80 label "web" rdr-to <web>
pass in quick proto tcp from any to $LAB_VIP4 port 81 rdr-to <none>
CONF
pf -a www -f "$LAB_RUN/pf.conf" 2>"$LAB_RUN/err" || fail "the rules do not load: $(cat "$LAB_RUN/err")"
pf -q -e || fail "the programs do not attach"

# follow NAME OPTIONS...: in the background, once it reads; what it shows goes to $LAB_RUN/NAME
follow() {
  local file=$LAB_RUN/$1
  "${ENTER[@]}" director "$BIN/hcpfctl" -p "$LAB_PINS" "${@:2}" >"$file" 2>"$file.err" &
  echo $! >"$file.pid"
  wait_until 10 "hcpfctl ${*:2} reads" grep -qs '^reading ' "$file.err"
}
follow_end() { # with SIGINT; what it says in the end is in $sum
  local file=$LAB_RUN/$1
  kill -INT "$(cat "$file.pid")"
  wait "$(cat "$file.pid")"
  expect "the exit status after SIGINT" $? 0
  sum=$(tail -n 1 "$file.err")
}
shows() { grep -qE -- "$2" "$LAB_RUN/$1"; } # shows NAME REGEX
of_state() { pf -j -s states | jq -c ".states[] | select(.client_port == 40000) | $1"; }
is_over() { [[ $(of_state '[.client_state, .host_state]') =~ ^\[\"(TIME_WAIT|FIN_WAIT_2)\",\"(TIME_WAIT|FIN_WAIT_2)\"\]$ ]]; }
# It waits for the server's end before it closes, so that its port is free again at once.
request() { get --local-port 40000 -H 'Connection: close' --ignore-content-length -o /dev/null -w '%{http_code}' "$(vip)"; }
readonly COUNTS='[.id, .packets_in, .packets_out, .bytes_in, .bytes_out]'

step "a connection's birth; its death, when the next from there takes its place, with all that it counted"
follow json -j -s events "$LAB_CLIENT4"
expect "a request" "$(request)" 200
wait_until 5 "the birth is shown" shows json '"birth"'
wait_until 5 "the connection is over" is_over
counts=$(of_state "$COUNTS")
expect "a request" "$(request)" 200
wait_until 5 "the death is shown" shows json '"death"'
events=$LAB_RUN/json
jq -e . "$events" >/dev/null || fail "not lines of JSON: $(cat "$events")"
expect "the birth" "$(jq -r 'select(.event == "birth") | "\(.client):\(.client_port) \(.virtual):\(.virtual_port) \(.host_port) \(.anchor) \(.label)"' "$events" | head -n 1)" \
  "$LAB_CLIENT4:40000 $LAB_VIP4:80 80 www web"
expect "the death" "$(jq -c "select(.event == \"death\") | $COUNTS" "$events")" "$counts"
expect "what came in turn" "$(jq -r .event "$events" | paste -sd ' ')" "birth death birth"
expect "why" "$(jq -r 'select(.event == "death") | .reason' "$events")" "expired"
bytes=$(jq 'select(.event == "death") | .bytes_out' "$events")
[ "$bytes" -gt 200 ] || fail "the host sent $bytes bytes"

step "one reader at a time"
pf -s events -w 20 >/dev/null 2>"$LAB_RUN/err"
expect "the exit status of a second reader" $? 1
expect_match "what it says" "$(cat "$LAB_RUN/err")" '^hcpfctl: process [0-9]+ is reading the events, and one at a time can$'
follow_end json
expect "the sum" "$sum" "3 events shown, 0 lost, 0 states ended by a tool"

step "why a packet is dropped: its rule has no host"
follow drops -v -s drops
client curl -s -m 1 -o /dev/null "$(vip "$LAB_VIP4:81")" && fail "no host has answered"
wait_until 5 "the reason is shown" shows drops 'packet   rule www.1/\(translate\) block in on '"$LAB_TRUNK"': tcp '"$LAB_CLIENT4"':[0-9]+ > '"$LAB_VIP4"':81 \[S\]$'
shows drops '^   (xdp|tc), 60 bytes$' || fail "no details: $(cat "$LAB_RUN/drops")"
follow_end drops

step "what a tool ends is not told, but that it was"
follow gap -s events
expect "a request" "$(get -o /dev/null -w '%{http_code}' "$(vip)")" 200
wait_until 5 "the birth is shown" shows gap ' birth    tcp '
states=$(pf -s states | wc -l)
pf -q -F states
wait_until 5 "the gap is shown" shows gap " gap      $states states ended by a tool\$"
follow_end gap
expect_match "the sum" "$sum" " 0 lost, $states states ended"

step "a sample of packets, until there were so many"
load_start "$LAB_RUN/load" "$(vip)"
pf -j -s packets -l 3 -c 20 -w 20 >"$LAB_RUN/packets" 2>"$LAB_RUN/err" || fail "-s packets: $(cat "$LAB_RUN/err")"
load_stop "$LAB_RUN/load"
expect "their number" "$(jq -s length "$LAB_RUN/packets")" 20
expect "what they are of" "$(jq -r '"\(.event) \(.one_in)"' "$LAB_RUN/packets" | sort -u)" "packet 3"
jq -e 'select(.action == "rdr" and .reason == "match")' "$LAB_RUN/packets" >/dev/null || fail "none is redirected: $(cat "$LAB_RUN/packets")"

step "a reader that is killed leaves its place"
follow dead -s events
kill -KILL "$(cat "$LAB_RUN/dead.pid")"
wait "$(cat "$LAB_RUN/dead.pid")" 2>/dev/null
follow heir -s events -w 6
wait "$(cat "$LAB_RUN/heir.pid")"
expect "the exit status when the time is over" $? 0
pf -q -d -F all 2>/dev/null || fail "the rules are not unloaded"
