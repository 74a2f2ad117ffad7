#!/bin/bash
# Each generic kind of check against servers of bad manners: those that never answer, drop, reset, drip, flood or talk
# garbage. Each gives its reason within its time, and a healthy host that is checked beside them is never late or down.
. "$(dirname "$0")/lib.sh"
lab_up
number=0
declare -A WANTED

table() { # table PORT CHECK...
  number=$((number + 1))
  printf 'table t%d {\n    real port %d\n    interval 1\n    timeout 600\n    check %s\n    host %s\n}\n' \
    "$number" "$1" "${*:2}" "$LAB_SRV2_4"
  printf 'service s%d {\n    virtual host %s port %d\n    table t%d\n}\n' "$number" "$LAB_VIP4" $((7000 + number)) "$number"
}
bad() { # bad REASON PORT CHECK...: adds to $CONF
  table "${@:2}" >>"$CONF"
  WANTED[t$number]=$1
}
says() { ctl show hosts | grep -A 3 "	$1 " | grep -qE "error: $2"; } # says TABLE REGEX
said() { ctl show hosts | grep -A 3 "	$1 " | tail -n 1; }
mkfifo "$LAB_RUN/hold" && exec 7<>"$LAB_RUN/hold"
"${ENTER[@]}" srv2 python3 tests/e2e/hostile_server.py "$LAB_SRV2_4" 6001=tarpit 6003=reset 6004=amid 6005=drip 6006=pieces \
  6007=endless 6008=garbage 6009=gigabytes 6010=wrong 6011=silent_end 6101=tarpit:banner 6104=amid:banner 6105=drip:banner \
  6106=pieces:banner 6107=endless:banner 6108=garbage:banner 6109=gigabytes:banner <"$LAB_RUN/hold" >"$LAB_RUN/hostile" &
wait_until 10 "the hostile server listens" grep -q ready "$LAB_RUN/hostile"
on srv2 nft -f - <<'RULES' || fail "nft"
table inet half { chain in { type filter hook input priority 0; tcp dport 6002 drop; }; }
RULES
on srv3 sysctl -qw net.ipv4.icmp_echo_ignore_all=1

{
  printf 'interval 1\ntimeout 600\nlog all\n'
  cat <<CONF
table healthy {
    real port 80
    interval 200ms
    timeout 150
    check http "/health" code 200
    host $LAB_SRV1_4
}
table quiet {
    real port 80
    check icmp
    host $LAB_SRV3_4
}
service healthy {
    virtual host $LAB_VIP4 port 6999
    table healthy
}
service quiet {
    virtual host $LAB_VIP4 port 6998
    table quiet
}
CONF
  table 6006 'http "/" code 200'
  table 6006 'http "/" code 200 expect header server "^hostile$" expect body "^hello"'
  table 6006 "http \"/\" digest \"$(printf 'hello\n' | sha256sum | cut -d ' ' -f 1)\""
  table 6106 'send nothing expect "HTTP/1.1 200*hello?"'
  table 6006 'send "GET /\r\n\r\n" expect "*hello*"'
  table 6106 'binary send nothing expect 485454502f312e3120323030'
  table 6001 tcp
  table 6010 'http "/" code 500-599'
} >"$CONF"
passing=$number
HTTP='http "/" code 200' DIGEST="http \"/\" digest \"$(printf 'another\n' | sha256sum | cut -d ' ' -f 1)\""
EXPECT='send "GET /\r\n\r\n" expect "*never"' BANNER='send nothing expect "*never"' BINARY='binary send nothing expect 00112233'
bad "tcp read timeout" 6001 "$HTTP"
bad "tcp read timeout" 6001 "$DIGEST"
bad "tcp read timeout" 6001 "$EXPECT"
bad "tcp read timeout" 6101 "$BANNER"
bad "tls connect timeout" 6001 tls
bad "tls connect timeout" 6001 'https "/" code 200'
bad "tcp connect timeout" 6002 tcp
bad "tcp connect timeout" 6002 "$HTTP"
bad "tcp connect timeout" 6002 tls
bad "tcp connect timeout" 6002 "$EXPECT"
bad "tcp connect failed \(ECONNREFUSED\)" 6999 tcp
bad "tcp (read|write) failed|http code malformed" 6003 "$HTTP"
bad "tls connect failed" 6003 tls
bad "tcp read failed \(ECONNRESET\)" 6104 "$BANNER"
bad "tcp read failed \(ECONNRESET\)" 6004 "$HTTP"
bad "tcp read failed \(ECONNRESET\)" 6004 "$DIGEST"
bad "tls connect (failed|error)" 6004 tls
bad "tcp read timeout" 6005 "$HTTP"
bad "tcp read timeout" 6105 "$BANNER"
bad "tls connect (timeout|error)" 6005 tls
bad "http code malformed" 6007 "$HTTP"
bad "http digest malformed" 6007 "$DIGEST"
bad "send/expect failed" 6107 "$BANNER"
bad "http digest (malformed|mismatch)" 6009 "$DIGEST"
bad "http code malformed \(body too long\)" 6009 'http "/" code 200 expect body "never"'
bad "send/expect failed" 6009 "$EXPECT"
bad "http code malformed" 6008 "$HTTP"
bad "http digest malformed" 6008 "$DIGEST"
bad "send/expect failed" 6108 "$BANNER"
bad "send/expect failed" 6108 "$BINARY"
bad "tls connect error" 6008 tls
bad "http code mismatch \(503\)" 6010 "$HTTP"
bad "http digest mismatch" 6006 "$DIGEST"
bad "http header mismatch" 6006 "$HTTP expect header server \"^nginx\""
bad "http body mismatch" 6006 "$HTTP expect body \"^never\""
bad "http code malformed" 6011 "$HTTP"
hcd_start

step "what passes, in one-byte pieces too"
for n in $(seq $passing); do wait_status table "t$n" "active (1 hosts up)" 10; done
wait_status table healthy "active (1 hosts up)" 10

step "each bad manner has its reason"
wrong() { # those that do not say what they should
  local name
  for name in "${!WANTED[@]}"; do says "$name" "${WANTED[$name]}" || echo "$name says$(said "$name"), not ${WANTED[$name]}"; done
}
none_wrong() { [ -z "$(wrong)" ]; }
for _ in $(seq 10); do none_wrong && break; sleep 1; done
none_wrong || fail "$(wrong)"
wait_until 5 "no echo" says quiet "icmp read timeout"

step "six seconds of it: the healthy host is never down, nor late, and memory is bounded"
before=$(grep -c "host $LAB_SRV1_4, check http code" "$LOG")
hce=$(child_pid hce)
sleep 6
checks=$(($(grep -c "host $LAB_SRV1_4, check http code" "$LOG") - before))
[ "$checks" -ge 24 ] || fail "$checks checks in 6 s of one each 200 ms"
! log_has "host $LAB_SRV1_4, .*-> down" || fail "the healthy host was down"
expect "hce" "$(child_pid hce)" "$hce"
rss=$(awk '/^VmHWM/ { print $2 }' "/proc/$hce/status")
[ "$rss" -lt 65536 ] || fail "hce took $rss KB"
for n in $(seq $passing); do expect "table t$n" "$(status table "t$n")" "active (1 hosts up)"; done
none_wrong || fail "$(wrong)"
hcd_stop
