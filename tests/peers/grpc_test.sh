#!/bin/bash
# gRPC's own server, in Python: over plain HTTP/2 and TLS, a service that serves or not, one it does not know, no health
# service at all, a server of HTTP/1.1, hanging, gone.
. "$(dirname "$0")/lib.sh"
/usr/bin/python3 -c 'import grpc' 2>/dev/null || skip "needs python3-grpcio (make check-peers installs it)"
peer_up
check plain 50051 grpc
check cart 50051 grpc shop.v1.Cart
check tls 50052 grpc shop.v1.Cart tls
check verified 50052 grpc tls ca "$CERT" name www.example
check misnamed 50052 grpc tls ca "$CERT" name other.example.org
check other 50053 grpc
check mixed 50051 grpc tls
check unencrypted 50052 grpc
check http1 80 grpc
check http1tls 443 grpc tls
mkfifo "$PEER/say" && exec 7<>"$PEER/say"
grpc_start() {
  : >"$PEER/heard"
  "${ENTER[@]}" srv1 /usr/bin/python3 tests/peers/grpc_server.py "$LAB_SRV1_4" 50051 50052 "$CERT" "$KEY" 50053 \
    <"$PEER/say" >"$PEER/heard" 2>>"$PEER/log" &
  GRPC=$!
  wait_until 20 "the server listens" grep -q ready "$PEER/heard"
}
say() { # say WORDS: a command, which is done when this returns
  local before
  before=$(grep -c taken "$PEER/heard")
  echo "$*" >&7
  wait_until 10 "the server has heard $*" took_more "$before"
}
took_more() { [ "$(grep -c taken "$PEER/heard")" -gt "$1" ]; }
grpc_start
say shop.v1.Cart 1
server start 1
hcd_start

step "serving, over either"
up plain cart tls verified
log_has "host $LAB_SRV1_4, check grpc use tls \([0-9]+ms,grpc ok\), state unknown -> up" || fail "no such line"
down misnamed 'tls connect error \(certificate is not for other.example.org\)'

step "no health service, and no server of gRPC or HTTP/2"
down other 'grpc failed \(12 UNIMPLEMENTED: .+\)'
down mixed 'tls connect (error|failed) .*'
down unencrypted '(grpc malformed|tcp read failed) .*'
down http1 'grpc malformed \(not HTTP/2\)'
down http1tls 'tls connect error .*'

step "one service does not serve, and is not known"
say shop.v1.Cart 2
down cart 'grpc failed \(NOT_SERVING\)'
down tls 'grpc failed \(NOT_SERVING\)'
up plain
say remove shop.v1.Cart
down cart 'grpc failed \(5 NOT_FOUND: unknown service shop.v1.Cart\)'
say shop.v1.Cart 1
up cart tls

step "it is slow, and hangs"
say slow 3
down plain 'tcp read timeout'
down tls 'tls read timeout'
say slow 0
up plain tls
freeze "$GRPC"
down plain 'tcp read timeout'
down tls 'tls connect timeout'
thaw "$GRPC"
up plain cart tls

step "it is gone"
kill "$GRPC"
down plain 'tcp connect failed \(ECONNREFUSED\)'
wait_until 20 "the server ends" process_gone "$GRPC"
grpc_start
say shop.v1.Cart 1
up plain cart tls verified
hcd_stop
