#!/bin/bash
# Called as relayd and relayctl, with a relayd.conf: failure, backup, switches and what is shown are relayd's; and a reload to
# the same set-up in hoststated's words changes nothing.
. "$(dirname "$0")/lib.sh"
lab_up
CONF=$LAB_RUN/relayd.conf SOCKET=$LAB_RUN/relayd-of-file.sock

relayctl() { "$BIN/relayctl" -s "$SOCKET" "$@"; }
ctl() { relayctl "$@"; } # for the words of lib.sh
status() { relayctl show summary | awk -F'\t' -v type="$1" -v name="$2" '{ for (i = 1; i <= NF; i++) gsub(/^ +| +$/, "", $i) } $2 == type && $3 == name { print $NF; exit }'; }
rows() { relayctl show "$1" | sed 's/ *\t */|/g; s/ *$//'; } # of a table, its columns parted by bars
row_is() { rows "$1" | grep -qxE -- "$2"; }
relayd_start() { # the socket is the configuration's
  "${ENTER[@]}" director "$BIN/relayd" -d -f "$CONF" -p "$LAB_PINS" -S "$LAB_RUN/state" >>"$LOG" 2>&1 &
  # shellcheck disable=SC2034
  HCD_PID=$!
  wait_until 30 "the daemon answers on the socket that its configuration names" hcd_answers
}

cat >"$CONF" <<CONF
ext_addr="$LAB_VIP4"
webhost1="$LAB_SRV1_4"
webhost2="$LAB_SRV2_4"
interval 1
timeout 500
log state changes
socket "$SOCKET"

table <webhosts> { \$webhost1 \$webhost2 retry 0 }
table <fallback> { $LAB_SRV3_4 }

redirect www {
	listen on \$ext_addr port http interface $LAB_TRUNK
	pftag RELAYD
	forward to <webhosts> check http "/health" code 200
	forward to <fallback> check tcp
}
# the same hosts at another port, by another check: tables of their own
redirect "alternative" {
	listen on \$ext_addr port 8080
	forward to <webhosts> port 80 check icmp
	disable
}
CONF

step "the configuration is found to be good"
expect "relayd -n" "$(on director "$BIN/relayd" -n -f "$CONF" 2>&1)" "configuration OK"
relayd_start
wait_status table webhosts:80 "active (2 hosts up)"
wait_status table webhosts:80:2 "active (2 hosts up)"
wait_status table fallback:80 "active (1 hosts up)"
wait_status redirect www active

step "who answers, by rules of relayd's anchor"
expect "who answers" "$(answers 20 "$(vip)" | sort -u | tr '\n' ' ')" "srv1 srv2 "
expect_match "the anchor's rules" "$(pf -a relayd/www -s rules)" "to $LAB_VIP4 port = 80"
wait_until 5 "sessions are shown" row_is redirects '\|+total: [0-9]+ sessions'

step "what is shown is as relayd shows it"
expect "the header" "$(rows summary | head -n 1)" "Id|Type|Name|Avlblty|Status"
for line in '1\|redirect\|www\|\|active' '1\|table\|webhosts:80\|\|active \(2 hosts up\)' \
  "1\|host\|$LAB_SRV1_4\|[0-9.]+%\|up" "2\|host\|$LAB_SRV2_4\|[0-9.]+%\|up" '2\|table\|fallback:80\|\|active \(1 hosts up\)' \
  "3\|host\|$LAB_SRV3_4\|[0-9.]+%\|up" '2\|redirect\|alternative\|\|disabled' '3\|table\|webhosts:80:2\|\|active \(2 hosts up\)'; do
  wait_until 5 "show summary has $line" row_is summary "$line"
done
wait_until 5 "show hosts counts checks" row_is hosts '\|+total: [0-9]+/[0-9]+ checks'
expect_match "show redirects" "$(rows redirects)" '^2\|redirect\|alternative\|\|disabled$'

step "one host fails, then the other: the backup takes over"
server stop 1
wait_status table webhosts:80 "active (1 hosts up)"
expect "who answers" "$(answers 10 "$(vip)" | sort -u)" srv2
wait_until 5 "the reason is shown" row_is hosts '\|+error: (tcp connect|tls|http).*'
load_start "$LAB_RUN/load" "$(vip)"
server stop 2
wait_status redirect www "active (using backup table)"
switched=$(milliseconds)
wait_requests "$LAB_RUN/load" 20
expect "failed requests once the backup is in use" "$(load_failures "$LAB_RUN/load" "$switched")" 0
expect "who answers" "$(answers 5 "$(vip)" | sort -u)" srv3
server start 1
server start 2
wait_status table webhosts:80 "active (2 hosts up)"
wait_status redirect www active
load_stop "$LAB_RUN/load"

step "a host, a table, a redirect are switched"
expect "relayctl host disable 1" "$(relayctl host disable 1)" "command succeeded"
wait_status host "$LAB_SRV1_4" disabled
expect "who answers" "$(answers 10 "$(vip)" | sort -u)" srv2
expect "relayctl host enable 1" "$(relayctl host enable 1)" "command succeeded"
expect "relayctl table disable" "$(relayctl table disable webhosts:80)" "command succeeded"
wait_status redirect www "active (using backup table)"
expect "relayctl table enable" "$(relayctl table enable webhosts:80)" "command succeeded"
expect "relayctl redirect disable" "$(relayctl redirect disable www)" "command succeeded"
wait_status redirect www disabled
expect "relayctl redirect enable" "$(relayctl redirect enable 1)" "command succeeded"
wait_status redirect www active
wait_status table webhosts:80 "active (2 hosts up)"

step "the same set-up in hoststated's words is no change, and keeps ids and counts"
sed -i '/^redirect "alternative"/,$d' "$CONF"
sed -i '/^# the same hosts/d' "$CONF"
expect_match "without the second redirect" "$(relayctl reload)" '-1 service alternative'
cp "$CONF" "$LAB_RUN/as-relayd"
{
  sed '/^table/,$d' "$LAB_RUN/as-relayd"
  cat <<CONF
table webhosts {
    check http "/health" code 200
    host \$webhost1
    host \$webhost2
}
table fallback {
    check tcp
    host $LAB_SRV3_4
}
service www {
    virtual host \$ext_addr port http interface $LAB_TRUNK
    table webhosts
    backup table fallback
    tag RELAYD
    session timeout 600
}
CONF
} >"$CONF"
expect_match "the reload" "$(relayctl reload)" 'no changes'
expect_match "the host's id" "$(rows summary)" "^1\|host\|$LAB_SRV1_4\|[0-9.]+%\|up$"
expect "who answers" "$(answers 20 "$(vip)" | sort -u | tr '\n' ' ')" "srv1 srv2 "

step "what relayd has and this has not is told, line by line, and changes nothing"
# shellcheck disable=SC2016
{
  cat "$LAB_RUN/as-relayd"
  printf '%s\n' 'agentx' 'relay gw {' '	listen on 127.0.0.1 port 2222' '	forward to 10.0.0.1 port 22' '}' \
    'http protocol p { match request header append "X" value "$REMOTE_ADDR" }' 'redirect dsr {' \
    "	listen on $LAB_VIP4 port 81" "	route to <webhosts> check tcp interface $LAB_TRUNK" '}'
} >"$CONF"
refused=$(relayctl reload 2>&1)
for line in "relayd.conf:[0-9]+:1: AgentX" "relayd.conf:[0-9]+:1: relays" "relayd.conf:[0-9]+:6: protocols|relayd.conf:[0-9]+:1: protocols" \
  "relayd.conf:[0-9]+:2: direct server return"; do
  expect_match "the refusal" "$refused" "$line"
done
expect "who answers" "$(answers 20 "$(vip)" | sort -u | tr '\n' ' ')" "srv1 srv2 "
hcd_stop
