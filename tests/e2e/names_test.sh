#!/bin/bash
# Hosts by DNS name, with a real name server: start without it, other addresses under traffic, `all`, what an operator has
# said, addresses that no host can have, a dead server, a name that is gone, and the death of each process concerned.
. "$(dirname "$0")/lib.sh"
command -v dnsmasq >/dev/null || fail "there is no dnsmasq: make deps"
lab_up -n 4
readonly ZONE=$LAB_RUN/zone QUERIES=$LAB_RUN/queries DNS_PORT=5353 TTL=2
DNS_PID=''

dns_start() {
  "${ENTER[@]}" director dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --port=$DNS_PORT \
    --listen-address=127.0.0.1 --bind-interfaces --no-resolv --no-hosts --addn-hosts="$ZONE" --local=/lab.test/ \
    --local-ttl=$TTL --no-negcache --log-queries --log-facility="$QUERIES" &
  DNS_PID=$!
  wait_until 10 "dnsmasq listens" dns_listens
}
dns_listens() { on director ss -Hlun "sport = :$DNS_PORT" | grep -q .; }
dns_stop() { kill "$DNS_PID"; wait "$DNS_PID" 2>/dev/null; DNS_PID=''; }
zone() { # zone "NAME ADDRESS..."...: what the server says from now on
  local line name address
  for line in "$@"; do
    name=${line%% *}
    for address in ${line#* }; do echo "$address $name.lab.test"; done
  done >"$ZONE.new"
  mv "$ZONE.new" "$ZONE"
  [ -z "$DNS_PID" ] || kill -HUP "$DNS_PID"
}
asked() { grep -c "query\[A\] $1.lab.test from" "$QUERIES" 2>/dev/null; }
asked_times() { [ "$(asked "$1")" -ge "$2" ]; }

who() { answers "${2:-8}" "$(vip "$LAB_VIP4:$1")" 2>/dev/null | sort -u | tr '\n' ' '; } # who PORT [N]
who_is() { [ "$(who "$1")" = "$2 " ]; }
wait_who() { wait_until 15 "on port $1 $2 answers (it is $(who "$1"))" who_is "$1" "$2"; }
host_note() { ctl show hosts | grep -A 3 -F "$1" | grep -m 1 -o "$2: .*"; } # host_note NAME address|name
note_is() { [ "$(host_note "$1" "$2")" = "$2: $3" ]; }
id_of() { ctl show summary | awk -F'\t' -v name="$1" '{ gsub(/ /, "") } $3 == name { print $2 }'; }

hosts_are() { [ "$(ctl show summary | grep -cF "$1")" = "$2" ]; } # hosts_are PART_OF_NAME N
has_no_id() { [ -z "$(id_of "$1")" ]; }

conf() { # conf [FURTHER HOST LINES of table one]
  cat >"$CONF" <<CONF
interval 400ms
timeout 200
log state changes
resolver server 127.0.0.1 port $DNS_PORT
resolver ttl 1 to 60
table one {
    real port http
    check http "/health" code 200
    host web.lab.test
$(printf '    %s\n' "$@")
}
table many {
    real port http
    check http "/health" code 200
    host all.lab.test all inet
}
service one {
    virtual host $LAB_VIP4 port 80
    table one
}
service many {
    virtual host $LAB_VIP4 port 81
    table many
}
CONF
}
conf

step "a configuration is checked without a name server"
timeout 2 "$BIN/hcd" -n -f "$CONF" >"$LAB_RUN/out" 2>&1 || fail "hcd -n: $(cat "$LAB_RUN/out")"

step "nor does the start wait for one"
hcd_start
wait_status host web.lab.test unknown
expect "its address" "$(host_note web.lab.test address)" "address: none"
wait_until 10 "it is told why" note_is web.lab.test name "no name server would answer"
expect "the user of names" "$(stat -c %U "/proc/$(child_pid names)")" _hcd-names
reload_unresolved=$(ctl reload) || fail "a reload while nothing is resolved: $reload_unresolved"

step "as soon as there is an answer, there are hosts"
zone "web $LAB_SRV1_4" "all $LAB_SRV1_4 $LAB_SRV2_4 $LAB_SRV3_4"
dns_start
wait_status table one "active (1 hosts up)" 20
wait_status table many "active (3 hosts up)" 20
expect "who answers" "$(who 80)" "srv1 "
wait_who 81 "srv1 srv2 srv3"
expect "the host's address" "$(host_note web.lab.test address)" "address: $LAB_SRV1_4"
load_start "$LAB_RUN/load1" "$(vip)"
load_start "$LAB_RUN/load2" "$(vip "$LAB_VIP4:81")"

step "an answer counts for its time to live"
first=$(asked web) begun=$(milliseconds)
wait_until 30 "four queries more" asked_times web $((first + 4))
took=$(($(milliseconds) - begun))
[ $took -ge $((3 * TTL * 1000)) ] || fail "four queries in $took ms, with a time to live of $TTL s"

step "another address takes over, and no request fails"
zone "web $LAB_SRV2_4" "all $LAB_SRV1_4 $LAB_SRV2_4 $LAB_SRV3_4"
wait_who 80 srv2
wait_status host web.lab.test up
log_has "names: ~ host web.lab.test in table one: address" || fail "no line about it"

step "of several addresses it keeps its own, in whatever order they come"
before=$(asked web)
zone "web $LAB_SRV1_4 $LAB_SRV2_4 $LAB_SRV3_4" "all $LAB_SRV1_4 $LAB_SRV2_4 $LAB_SRV3_4"
wait_until 15 "it is asked for again" asked_times web $((before + 2))
expect "who answers" "$(who 80)" "srv2 "

step "all of a name: one more, then two fewer; who stays keeps his id"
id=$(id_of "all.lab.test@$LAB_SRV3_4")
zone "web $LAB_SRV2_4" "all $LAB_SRV1_4 $LAB_SRV2_4 $LAB_SRV3_4 $LAB_SRV4_4"
wait_status table many "active (4 hosts up)" 15
zone "web $LAB_SRV2_4" "all $LAB_SRV3_4 $LAB_SRV4_4"
wait_status table many "active (2 hosts up)" 15
expect "the id" "$(id_of "all.lab.test@$LAB_SRV3_4")" "$id"
wait_who 81 "srv3 srv4"

step "what an operator has said outlives a change of addresses"
ctl host disable "many/$LAB_SRV3_4" >/dev/null || fail "host disable"
wait_who 81 srv4
zone "web $LAB_SRV2_4" "all $LAB_SRV4_4"
wait_status table many "active (1 hosts up)"
wait_until 15 "the address is gone" has_no_id "all.lab.test@$LAB_SRV3_4"
zone "web $LAB_SRV2_4" "all $LAB_SRV3_4 $LAB_SRV4_4"
wait_status host "all.lab.test@$LAB_SRV3_4" disabled 15
expect "who answers" "$(who 81)" "srv4 "
ctl host enable "many/$LAB_SRV3_4" >/dev/null || fail "host enable"
wait_who 81 "srv3 srv4"

step "addresses that no host can have are refused"
zone "web $LAB_SRV2_4" "all $LAB_SRV3_4 $LAB_SRV4_4 0.0.0.0 127.0.0.9 224.0.0.9"
wait_until 15 "they are counted" note_is "all.lab.test@$LAB_SRV4_4" name "3 addresses refused"
wait_who 81 "srv3 srv4"
log_has "name all.lab.test: 3 addresses of the answer refused, 0.0.0.0 among them" || fail "no line about them"
zone "web $LAB_SRV2_4" "all $LAB_SRV3_4 $LAB_SRV4_4"

step "an answer too long for a datagram comes by TCP"
zone "web $LAB_SRV2_4" "all $LAB_SRV3_4 $LAB_SRV4_4 $(seq -s ' ' -f '10.9.9.%.0f' 40)"
wait_until 15 "42 hosts are there" hosts_are "all.lab.test@" 42
wait_who 81 "srv3 srv4"
zone "web $LAB_SRV2_4" "all $LAB_SRV3_4 $LAB_SRV4_4"
wait_until 15 "2 hosts are there" hosts_are "all.lab.test@" 2

step "kill -9 of names: another goes on"
old=$(child_pid names) before=$(asked web)
kill -9 "$old"
wait_until 10 "names is there again" reborn names "$old"
wait_until 15 "and asks" asked_times web $((before + 2))

step "a name that is gone, then a server that is: the last answers are kept, and it is said once"
zone "other $LAB_SRV1_4"
wait_until 30 "it is shown" note_is web.lab.test name "no such name, the last answer is kept"
dns_stop
wait_until 30 "it is shown" note_is web.lab.test name "no name server would answer, the last answer is kept"
expect "the lines in the log" "$(grep -c 'name web.lab.test: no such name' "$LOG")" 1
expect "who answers" "$(who 80)" "srv2 "
wait_who 81 "srv3 srv4"
wait_requests "$LAB_RUN/load1" 10

step "kill -9 of the parent, and no name server: what the kernel has goes on until the names are known again"
kill -9 "$HCD_PID"
wait "$HCD_PID" 2>/dev/null
hcd_start
expect "its address" "$(host_note web.lab.test address)" "address: none"
wait_requests "$LAB_RUN/load1" 20
zone "web $LAB_SRV2_4" "all $LAB_SRV3_4 $LAB_SRV4_4"
dns_start
wait_status table one "active (1 hosts up)" 40
wait_status table many "active (2 hosts up)" 40

step "a reload brings a name in"
conf "host late.lab.test" "host $LAB_SRV4_4"
ctl reload >/dev/null || fail "reload"
wait_status host late.lab.test unknown
zone "web $LAB_SRV2_4" "all $LAB_SRV3_4 $LAB_SRV4_4" "late $LAB_SRV1_4"
wait_status host late.lab.test up 30
wait_requests "$LAB_RUN/load1" 10
wait_requests "$LAB_RUN/load2" 10
for n in 1 2; do
  load_stop "$LAB_RUN/load$n"
  expect "failed requests of $(load_count "$LAB_RUN/load$n")" "$(load_failures "$LAB_RUN/load$n")" 0
done

step "a name stands for all its hosts"
ctl host disable all.lab.test >/dev/null || fail "host disable of a name"
wait_status table many empty
ctl host enable all.lab.test >/dev/null || fail "host enable of a name"
wait_who 81 "srv3 srv4"

step "a reload takes all names away: names ends"
names=$(child_pid names)
sed -i "s/host web.lab.test/host $LAB_SRV1_4/; s/host late.lab.test/host $LAB_SRV2_4/; s/host all.lab.test.*/host $LAB_SRV2_4/" "$CONF"
ctl reload >/dev/null || fail "reload"
wait_until 10 "names ends" process_gone "$names"
wait_status table one "active (3 hosts up)"
hcd_stop
