#!/bin/bash
# MariaDB: with and without a user, over TLS, full, the account locked and gone, hanging, gone. And a server that counts
# connections that broke off, and blocks those they came from, has nothing to count.
. "$(dirname "$0")/lib.sh"
need mariadbd mariadb-install-db mariadb
peer_up
DATA=$PEER/data
install -d -o mysql -g mysql "$DATA" "$PEER/run"
install -o mysql -g mysql -m 600 "$KEY" "$PEER/run/key.pem"
peer mariadb-install-db --no-defaults --user=mysql --datadir="$DATA" --skip-test-db --auth-root-authentication-method=normal \
  >"$PEER/log" 2>&1 || fail "mariadb-install-db: $(tail -n 5 "$PEER/log")"
check any 3306 mysql
check user 3306 mysql user hcd
check tls 3306 mysql user hcd tls
check named 3306 "mysql user hcd tls ca \"$CERT\" name www.example"
mysql_start() {
  "${ENTER[@]}" srv1 mariadbd --no-defaults --user=mysql --datadir="$DATA" --socket="$PEER/run/sock" --skip-name-resolve \
    --pid-file="$PEER/run/pid" --bind-address="$LAB_SRV1_4" --max-connections=10 --max-connect-errors=1 \
    --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=16M --performance-schema=off "$@" >>"$PEER/log" 2>&1 &
  MYSQL=$!
  wait_until 60 "mariadb answers" sql 'select 1'
}
sql() { peer mariadb --no-defaults -N -S "$PEER/run/sock" -u root -e "$1" 2>>"$PEER/log"; }
mysql_start --ssl-cert="$CERT" --ssl-key="$PEER/run/key.pem"
sql "create user hcd@'%'" || fail "create user"
hcd_start

step "a log-in, over TLS, and a refusal of just the log-in that the check did not name"
up any user tls named
log_has "host $LAB_SRV1_4, check mysql use tls \([0-9]+ms,mysql ok\), state unknown -> up" || fail "no such line"

step "nothing is counted as broken off, however often it is checked"
asked() { [ "$(log_count 'check mysql \(.*mysql ok')" -ge "$1" ]; }
log_count() { grep -cE -- "$1" "$LOG"; }
counted() { sql "show global status where Variable_name in ('Aborted_clients', 'Aborted_connects_preauth')" | tr '\n\t' '  '; }
wait_until 30 "twenty checks" asked 20
expect "what the server counts" "$(counted)" "Aborted_clients 0 Aborted_connects_preauth 0 "
up any user tls

step "full, which it tells those alone whom it lets in"
for _ in 1 2 3 4 5 6 7 8 9 10 11; do
  "${ENTER[@]}" srv1 mariadb --no-defaults -h "$LAB_SRV1_4" -u hcd -e 'select sleep(600)' >/dev/null 2>&1 &
done
down user 'mysql failed \(1040 Too many connections\)'
down tls 'mysql failed \(1040 Too many connections\)'
up any
log_has "check mysql \([0-9]+ms,mysql failed,1040\), state up -> down" || fail "no such line"
kill_sleepers() {
  local id
  for id in $(sql "select id from information_schema.processlist where info like '%sleep(600)%' and id <> connection_id()"); do sql "kill $id"; done
}
wait_until 20 "the server takes us" kill_sleepers
up any user tls

step "the account is locked, has a password, is gone"
sql "alter user hcd@'%' account lock" || fail "lock"
down user 'mysql failed \(4151 Access denied, this account is locked\)'
sql "alter user hcd@'%' account unlock" || fail "unlock"
up user
sql "alter user hcd@'%' identified by 'x'" || fail "password"
down user "mysql failed \(1045 Access denied for user 'hcd'@.*"
sql "drop user hcd@'%'" || fail "drop"
down tls "mysql failed \(1045 Access denied for user 'hcd'@.*"
up any
sql "create user hcd@'%'" || fail "create user"
up user tls

step "the account of those whom the check does not name refuses them, each time with another code"
refused() { # refused CODE HOW_IT_IS_IDENTIFIED
  sql "create or replace user ''@'%' $2" || fail "create user ''@'%' $2"
  expect_match "the refusal" "$(peer mariadb --no-defaults -h "$LAB_SRV1_4" -u nobody 2>&1)" "^ERROR $1 "
  local before
  before=$(log_count 'check mysql \(.*mysql ok')
  wait_until 20 "some more checks" asked $((before + 6))
  up any
}
failures=$(log_count 'mysql failed')
refused 1045 "identified by 'x'"
refused 4151 "account lock"
refused 1698 "identified via unix_socket"
expect "failures meanwhile" "$(log_count 'mysql failed')" "$failures"
sql "drop user ''@'%'" || fail "drop user"

step "it takes only TLS"
sql "set global require_secure_transport = on" || fail "set global"
down user "mysql failed \(1045 Access denied for user 'hcd'@.*"
up any tls

step "this host may not log in"
sql "set global require_secure_transport = off" || fail "set global"
sql "drop user hcd@'%'" && sql "create user hcd@'10.9.9.9'" || fail "create user"
sql "delete from mysql.global_priv where host not in ('localhost', '10.9.9.9')" && sql "flush privileges" || fail "flush"
down any "mysql failed \(1130 Host '[0-9.]+' is not allowed to connect to this MariaDB server\)"
sql "create user hcd@'%'" || fail "create user"
up any user tls

step "it hangs, is gone, and comes back without TLS"
freeze "$MYSQL"
down any 'tcp read timeout'
thaw "$MYSQL"
up any user tls
kill "$MYSQL"
down any 'tcp connect failed \(ECONNREFUSED\)'
wait_until 30 "mariadb ends" process_gone "$MYSQL"
mysql_start --skip-ssl
up any user
down tls 'mysql failed \(no TLS\)'
hcd_stop
