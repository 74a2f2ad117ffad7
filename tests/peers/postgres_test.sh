#!/bin/bash
# PostgreSQL: ready, asking for a password, full, in standby, shutting down, hanging, gone; with and without TLS.
. "$(dirname "$0")/lib.sh"
PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
need initdb pg_ctl psql
peer_up
DATA=$PEER/data
install -d -o postgres -g postgres "$DATA" "$PEER/run"
install -o postgres -g postgres -m 600 "$KEY" "$PEER/run/key.pem"
as postgres initdb -D "$DATA" --auth-local=trust --auth-host=reject -N >"$PEER/log" || fail "initdb"
cat >>"$DATA/postgresql.conf" <<CONF
listen_addresses = '$LAB_SRV1_4'
unix_socket_directories = '$PEER/run'
max_connections = 8
superuser_reserved_connections = 2
fsync = off
ssl = on
ssl_cert_file = '$CERT'
ssl_key_file = '$PEER/run/key.pem'
CONF
cat >>"$DATA/pg_hba.conf" <<CONF
hostssl all tls all trust
hostnossl all tls all reject
host all open all trust
host all secret all scram-sha-256
CONF
check any 5432 postgres
check open 5432 postgres user open database shop
check secret 5432 postgres user secret
check other 5432 postgres user open database nowhere
check tls 5432 postgres user tls database shop tls
check named 5432 "postgres user tls database shop tls ca \"$CERT\" name www.example"
check misnamed 5432 "postgres user tls database shop tls ca \"$CERT\" name db.example"
control() { as postgres pg_ctl -D "$DATA" -l "$PEER/run/log" -w -t 60 "$@" >>"$PEER/log" 2>&1; }
sql() { as postgres psql -q -h "$PEER/run" -d "${DB:-postgres}" -c "$1" >>"$PEER/log" 2>&1; }
control start || fail "postgres does not start: $(tail -n 5 "$PEER/run/log")"
sql "create role open login" && sql "create role tls login" && sql "create role secret login password 'x'" &&
  sql "create database shop" || fail "sql: $(tail -n 5 "$PEER/log")"
hcd_start

step "ready, or refusing only what the check did not name"
up any open secret tls named
down misnamed 'tls connect error \(certificate is not for db.example\)'
down other 'postgres failed \(3D000 database "nowhere" does not exist\)'
log_has "host $LAB_SRV1_4, check postgres \([0-9]+ms,postgres ok\), state unknown -> up" || fail "no such line"

step "full"
for _ in 1 2 3 4 5 6 7; do
  "${ENTER[@]}" srv1 psql -q -h "$LAB_SRV1_4" -U open -d shop -c 'select pg_sleep(600)' >/dev/null 2>&1 &
done
down open 'postgres failed \(53300 (sorry, too many clients already|remaining connection slots are reserved.*)\)'
sql "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()" || fail "sql"
up any open secret tls

step "it is about to shut down, with a session that it waits for"
"${ENTER[@]}" srv1 psql -q -h "$LAB_SRV1_4" -U open -d shop -c 'select pg_sleep(601)' >/dev/null 2>&1 &
has_session() { as postgres psql -Atq -h "$PEER/run" -c "select 1 from pg_stat_activity where query like '%pg_sleep(601)%' and pid <> pg_backend_pid()" | grep -q 1; }
wait_until 20 "the session is there" has_session
control stop -W -m smart
down any 'postgres failed \(57P03 the database system is shutting down\)'
down tls 'postgres failed \(57P03 the database system is shutting down\)'
control stop -m fast
down any 'tcp connect failed \(ECONNREFUSED\)'

step "a standby that may not be asked"
touch "$DATA/standby.signal"
echo 'hot_standby = off' >>"$DATA/postgresql.conf"
control start -W
down any 'postgres failed \(57P03 the database system is (starting up|not accepting connections)\)'
control stop -m fast
rm "$DATA/standby.signal"

step "without TLS"
echo 'ssl = off' >>"$DATA/postgresql.conf"
control start || fail "postgres does not start again"
up any open
down tls 'postgres failed \(no TLS\)'

step "it hangs"
MASTER=$(head -n 1 "$DATA/postmaster.pid")
freeze "$MASTER"
down any 'tcp read timeout'
thaw "$MASTER"
up any open secret
hcd_stop
control stop -m immediate
true
