#!/bin/bash
# Each generic kind of check against servers of bad manners: those that never answer, drop, reset, drip, flood or talk
# garbage. Each gives its reason within its time, and a healthy host that is checked beside them is never late or down.
. "$(dirname "$0")/hostile.sh"
hostile_up 6001=tarpit 6003=reset 6004=amid 6005=drip 6006=pieces 6007=endless 6008=garbage 6009=gigabytes 6010=wrong \
  6011=silent_end 6101=tarpit:banner 6104=amid:banner 6105=drip:banner 6106=pieces:banner 6107=endless:banner \
  6108=garbage:banner 6109=gigabytes:banner
on srv3 sysctl -qw net.ipv4.icmp_echo_ignore_all=1
cat >>"$CONF" <<CONF
table quiet {
    real port 80
    check icmp
    host $LAB_SRV3_4
}
service quiet {
    virtual host $LAB_VIP4 port 6998
    table quiet
}
CONF

good 6006 'http "/" code 200'
good 6006 'http "/" code 200 expect header server "^hostile$" expect body "^hello"'
good 6006 "http \"/\" digest \"$(printf 'hello\n' | sha256sum | cut -d ' ' -f 1)\""
good 6106 'send nothing expect "HTTP/1.1 200*hello?"'
good 6006 'send "GET /\r\n\r\n" expect "*hello*"'
good 6106 'binary send nothing expect 485454502f312e3120323030'
good 6001 tcp
good 6010 'http "/" code 500-599'
HTTP='http "/" code 200' DIGEST="http \"/\" digest \"$(printf 'another\n' | sha256sum | cut -d ' ' -f 1)\""
EXPECT='send "GET /\r\n\r\n" expect "*never"' BANNER='send nothing expect "*never"' BINARY='binary send nothing expect 00112233'
bad "tcp read timeout" 6001 "$HTTP"
bad "tcp read timeout" 6001 "$DIGEST"
bad "tcp read timeout" 6001 "$EXPECT"
bad "tcp read timeout" 6101 "$BANNER"
bad "tls connect timeout" 6001 tls
bad "tls connect timeout" 6001 'https "/" code 200'
bad "tcp connect timeout" "$HALF_OPEN" tcp
bad "tcp connect timeout" "$HALF_OPEN" "$HTTP"
bad "tcp connect timeout" "$HALF_OPEN" tls
bad "tcp connect timeout" "$HALF_OPEN" "$EXPECT"
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
meet_hostile
wait_until 5 "no echo" says quiet "icmp read timeout"
hcd_stop
