#!/bin/bash
# Every check against real servers, over IPv4 and IPv6: those that pass, those that do not, and the words for both.
. "$(dirname "$0")/lib.sh"
lab_up --https
body=$(client curl -s "http://$LAB_SRV1_4/")
digest() { printf '%s\n' "$body" | "$1" | cut -d ' ' -f 1; }
hex() { printf %b "$1" | od -An -v -tx1 | tr -d ' \n'; }
number=0

# table CHECK... : a table of its own for the check, with a service that uses it, as every table needs one
table() {
  number=$((number + 1))
  local port=80
  case $* in https* | *tls) port=443 ;; esac
  cat <<CONF
table t$number {
    real port ${PORT:-$port}
    check $*
    host ${HOST:-$LAB_SRV1_4}
}
service s$number {
    virtual host ${VIP:-$LAB_VIP4} port $((7000 + number))
    table t$number
}
CONF
}

{
  printf 'interval 1\ntimeout 500\nlog all\n'
  table icmp
  table tcp
  table 'http "/health" code 200'
  table 'http "/" host "www.example.org" code 200'
  table "http \"/\" digest \"$(digest sha1sum)\""
  table "http \"/\" digest \"$(digest md5sum)\""
  table "http \"/\" digest \"$(digest sha256sum)\""
  table 'https "/health" code 200'
  table "https \"/\" digest \"$(digest sha256sum)\""
  table 'http "/" code 100-199,200 expect header server "^nginx" expect body "^srv[0-9]" header "X-Asks: hcd"'
  table 'https "/" method GET code 200-299 expect body "srv1"'
  table 'http "/nothing-here" code 400-499,502'
  table tls
  table 'send "HEAD /health HTTP/1.0\r\n\r\n" expect "HTTP/1.[01] 200*"'
  table 'send "HEAD /health HTTP/1.0\r\n\r\n" expect "HTTP/1.[01] 200*" tls'
  table "binary send $(hex 'HEAD / HTTP/1.0\r\n\r\n') expect $(hex 'HTTP/1.1 200 OK\r\n')"
  HOST=$LAB_SRV1_6 VIP=$LAB_VIP6 table icmp
  HOST=$LAB_SRV1_6 VIP=$LAB_VIP6 table 'https "/health" code 200'
} >"$CONF"
passing=$number
{
  table 'http "/nothing-here" code 200'
  table "http \"/health\" digest \"$(digest sha256sum)\""
  PORT=81 table tcp
  PORT=80 table 'https "/" code 200'
  HOST=$LAB_SRV3_4 table icmp
  PORT=80 table tls
  table 'http "/" code 200 expect body "^another"'
  table 'http "/" code 200 expect header X-Nothing "."'
  table 'send "HEAD /nothing-here HTTP/1.0\r\n\r\n" expect "HTTP/1.[01] 200*"'
  table 'send nothing expect "220*"'
} >>"$CONF"
on srv3 sysctl -qw net.ipv4.icmp_echo_ignore_all=1
hcd_start

step "what passes"
for n in $(seq $passing); do wait_status table "t$n" "active (1 hosts up)" 10; done
said() { log_has "host $1, check $2 \([0-9]+ms,$3\), state unknown -> $4, availability $5%" || fail "no such line: host $1, check $2 ($3), -> $4"; }
said "$LAB_SRV1_4" icmp "icmp ok" up 100.00
said "$LAB_SRV1_6" icmp "icmp ok" up 100.00
said "$LAB_SRV1_4" tcp "tcp connect ok" up 100.00
said "$LAB_SRV1_4" "http code" "http code ok,200" up 100.00
said "$LAB_SRV1_4" "http digest" "http digest ok" up 100.00
said "$LAB_SRV1_4" "http code use tls" "http code ok,200" up 100.00
said "$LAB_SRV1_4" "http digest use tls" "http digest ok" up 100.00
said "$LAB_SRV1_4" "tcp use tls" "tls connect ok" up 100.00
said "$LAB_SRV1_4" "send expect" "send/expect ok" up 100.00
said "$LAB_SRV1_4" "send expect use tls" "send/expect ok" up 100.00
said "$LAB_SRV1_6" "http code use tls" "http code ok,200" up 100.00

step "what does not, and why"
errs() { ctl show hosts | grep -A 3 "	$1 " | grep -qE "error: $2"; } # errs TABLE REASON
down() {
  wait_until 10 "table $1 says: $2" errs "$1" "$2"
  expect "table $1" "$(status table "$1")" empty
}
down t$((passing + 1)) "http code mismatch"
down t$((passing + 2)) "http digest mismatch"
down t$((passing + 3)) "tcp connect failed"
down t$((passing + 4)) "tls connect (failed|error)"
down t$((passing + 5)) "icmp read timeout"
down t$((passing + 6)) "tls connect (failed|error)"
down t$((passing + 7)) "http body mismatch"
down t$((passing + 8)) "http header mismatch"
down t$((passing + 9)) "send/expect failed"
down t$((passing + 10)) "tcp read timeout"
for n in $(seq $passing); do expect "table t$n all the while" "$(status table "t$n")" "active (1 hosts up)"; done
hcd_stop
