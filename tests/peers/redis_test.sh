#!/bin/bash
# redis-server: plain, with a password, over TLS, as a replica without its master, hanging, gone.
. "$(dirname "$0")/lib.sh"
need redis-server redis-cli
peer_up
check plain 6379 redis
check noauth 6379 redis noauth
check secret 6379 'redis password "a secret"'
check user 6379 'redis user hcd password word'
check tls 6380 redis tls
check named 6380 "redis tls ca \"$CERT\" name www.example"
check misnamed 6380 "redis tls ca \"$CERT\" name cache.example"
redis_start() {
  "${ENTER[@]}" srv1 redis-server --bind "$LAB_SRV1_4" --port 6379 --tls-port 6380 --tls-cert-file "$CERT" \
    --tls-key-file "$KEY" --tls-auth-clients no --save '' --dir "$PEER" --protected-mode no >>"$PEER/log" 2>&1 &
  REDIS=$!
  wait_until 20 "redis answers" cli ping
}
cli() { peer redis-cli -h "$LAB_SRV1_4" -a "${PASS-}" --no-auth-warning "$@" 2>/dev/null | grep -q "${WANT-.}"; }
redis_start
cli acl setuser hcd on '>word' +ping || fail "no user"
hcd_start

step "up, but for a password that the server does not want"
up plain noauth user tls named
down misnamed 'tls connect error \(certificate is not for cache.example\)'
down secret 'redis failed \(ERR AUTH <password> called without any password configured.*'
log_has "host $LAB_SRV1_4, check redis use tls \([0-9]+ms,redis ok\), state unknown -> up" || fail "no such line"

step "it wants a password"
WANT=OK cli config set requirepass 'a secret' || fail "config set"
down plain 'redis failed \(NOAUTH Authentication required\.\)'
up noauth secret user
PASS='a secret' WANT=OK cli config set requirepass other || fail "config set"
down secret 'redis failed \(WRONGPASS .*'
PASS=other WANT=OK cli acl setuser hcd off || fail "acl setuser"
down user 'redis failed \(WRONGPASS .*'
PASS=other WANT=OK cli config set requirepass '' || fail "config set"
up plain

step "a replica that has lost its master and may not serve"
WANT=OK cli config set replica-serve-stale-data no && WANT=OK cli replicaof 127.0.0.1 1 || fail "replicaof"
down plain 'redis failed \(MASTERDOWN .*'
WANT=OK cli replicaof no one || fail "replicaof no one"
up plain tls

step "it hangs, and is gone"
freeze "$REDIS"
down plain 'tcp read timeout'
down tls 'tls connect timeout'
thaw "$REDIS"
up plain tls
kill "$REDIS"
down plain 'tcp connect failed \(ECONNREFUSED\)'
redis_start
up plain noauth tls
hcd_stop
