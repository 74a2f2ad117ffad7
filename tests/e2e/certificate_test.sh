#!/bin/bash
# When a server's certificate ends: shown of every host that is checked over TLS, warned of in time and once, whatever
# becomes of the daemon's processes, and no reason to take a host down whose certificate nobody asked to be verified.
. "$(dirname "$0")/tls_lib.sh"
pki_up
serve_soon() { # a server whose certificate ends after so many days and an hour: ENDS is what is said of it
  local end
  end=$(date -u -d "+$1 days +1 hour" +%Y%m%d%H%M%SZ)
  issue "soon$1" ca www.example.org "$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)" "$end"
  serve 4431 "soon$1"
  SERVER=$! ENDS="certificate expires ${end:0:4}-${end:4:2}-${end:6:2} (in $1 days)"
}
shown() { ctl show hosts | grep -A 4 "	t$1 " | grep 'certificate' | sed 's/^[[:space:]]*//'; } # shown TABLE
shows() { [ "$(shown "$1")" = "$2" ]; }
wait_shown() { wait_until 15 "table t$1 shows \"$2\", not \"$(shown "$1")\"" shows "$1" "$2"; }
told() { grep -cF -- "$1" "$LOG"; }
checks_made() { ctl show hosts | grep -A 2 "	t1 " | sed -nE 's|.*total: [0-9]+/([0-9]+) checks.*|\1|p'; }
has_checks() { [ "$(checks_made)" -ge "$1" ]; }
more_checks() { wait_until 20 "more checks" has_checks $(($(checks_made) + $1)); }

authority ca
issue expired ca www.example.org 20200101000000Z 20200201000000Z
issue lasting ca www.example.org
serve_soon 5
serve 4432 expired
serve 4433 lasting
{
  printf 'interval 1\ntimeout 900\nlog updates\n'
  table 4431 tls
  table 4432 tls
  table 4432 tls expiry off
  table 4433 'send "x" expect "y" tls expiry 2d'
  table 4433 tcp
} >"$CONF"
hcd_start

step "it is shown, and warned of where it is near or over; the host is up all the same"
soon=$ENDS
wait_shown 1 "warning: $soon"
expired=$(ctl show hosts | grep -o 'certificate expired 2020-02-01 ([0-9]* days ago)' | head -n 1)
wait_shown 2 "warning: $expired"
wait_shown 3 "$expired"
expect_match "what lasts" "$(shown 4)" '^certificate expires .* \(in 9 days\)$'
expect "a check without TLS" "$(shown 5)" ""
for n in 1 2 3 5; do wait_status table t$n "active (1 hosts up)" 10; done
expect_match "what is told of its checks" "$(ctl show checks t1)" "^host t1/$LAB_SRV1_4: ${soon%% (*}"
warning="host t1/$LAB_SRV1_4, $soon"
wait_until 5 "the log warns" log_has "host t2/$LAB_SRV1_4, certificate expired 2020-02-01"

step "once, not with each check, nor with a reload, nor by a check engine that is born again"
more_checks 3
ctl reload >/dev/null || fail "reload"
pid=$(child_pid hce)
kill -KILL "$pid"
wait_until 10 "hce is born again" reborn hce "$pid"
more_checks 3
wait_shown 1 "warning: $soon"
expect "warnings of t1" "$(told "$warning")" 1
expect "warnings of t2" "$(told "host t2/$LAB_SRV1_4, certificate")" 1
expect "warnings of t3 and t4" "$(grep -cE "host t[345]/.*certificate" "$LOG")" 0

step "a decision engine that is born again knows it from the check engine"
pid=$(child_pid pfe)
kill -KILL "$pid"
wait_until 10 "pfe is born again" reborn pfe "$pid"
wait_until 10 "it answers" hcd_answers
wait_shown 1 "warning: $soon"

step "its successor is told of once"
kill "$SERVER"
wait_until 5 "the server ends" process_gone "$SERVER"
serve_soon 90
wait_shown 1 "$ENDS"
more_checks 3
expect "what is told of it" "$(told "host t1/$LAB_SRV1_4, another $ENDS")" 1
expect "what is told of others" "$(told "another certificate")" 1
hcd_stop
