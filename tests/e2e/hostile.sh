# shellcheck shell=bash disable=SC2034
# What the tests with servers of bad manners share: such a server on the second host, with a port for each manner; a healthy
# host that is checked beside it all the time; and words for the tables that must come up and for those that must not, each
# with its reason.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
number=0 passing=0
declare -A WANTED
readonly HALF_OPEN=6002 # a port where nothing comes back

hostile_up() { # hostile_up PORT=MANNER[:PROTOCOL]...: the lab, the server, and a configuration to be added to
  lab_up
  mkfifo "$LAB_RUN/hold" && exec 7<>"$LAB_RUN/hold"
  "${ENTER[@]}" srv2 python3 tests/e2e/hostile_server.py "$LAB_SRV2_4" "$@" <"$LAB_RUN/hold" >"$LAB_RUN/hostile" &
  wait_until 20 "the hostile server listens" grep -q ready "$LAB_RUN/hostile"
  on srv2 nft "table inet half { chain in { type filter hook input priority 0; meta l4proto { tcp, udp } th dport $HALF_OPEN drop; }; }" ||
    fail "nft"
  on srv2 sysctl -qw net.ipv4.icmp_ratelimit=0 # else of closed ports only one a second is told
  cat >"$CONF" <<CONF
interval 1
timeout 600
log all
table healthy {
    real port 80
    interval 200ms
    timeout 150
    check http "/health" code 200
    host $LAB_SRV1_4
}
service healthy {
    virtual host $LAB_VIP4 port 6999
    table healthy
}
CONF
}

table() { # table INTERVAL TIMEOUT PORT CHECK...: of a hostile host, and a service that uses it
  number=$((number + 1))
  cat >>"$CONF" <<CONF
table t$number {
    real port $3
    interval $1
    timeout $2
    check ${*:4}
    host $LAB_SRV2_4
}
service s$number {
    virtual host $LAB_VIP4 port $((7000 + number))
    table t$number
}
CONF
}
good() { # good PORT CHECK...: one that must come up, and has time enough
  table 2 1900 "$@"
  passing=$number
}
bad() { # bad REASON PORT CHECK...: one that must go down with that reason; after the good ones
  table 1 600 "${@:2}"
  WANTED[t$number]=$1
}

says() { ctl show hosts | grep -A 3 "	$1 " | grep -qE "error: $2"; } # says TABLE REGEX
said() { ctl show hosts | grep -A 3 "	$1 " | tail -n 1; }
wrong() { # those that do not say what they should
  local name
  for name in "${!WANTED[@]}"; do says "$name" "${WANTED[$name]}" || echo "$name says$(said "$name"), not ${WANTED[$name]}"; done
}
none_wrong() { WRONG=$(wrong) && [ -z "$WRONG" ]; }
look_all() { # once in some seconds each says what it should
  local _
  for _ in $(seq 10); do none_wrong && return; sleep 1; done
  fail "$WRONG"
}
all_pass() {
  local n
  for n in $(seq "$passing"); do status_is table "t$n" "active (1 hosts up)" || return; done
}

meet_hostile() { # starts the daemon, and sees that all is as it should
  hcd_start
  step "what passes, in one-byte pieces too"
  wait_until 20 "all that should pass does" all_pass
  wait_status table healthy "active (1 hosts up)" 10

  step "each bad manner has its reason"
  look_all

  step "six seconds of it: the healthy host is never down, nor late, and memory is bounded"
  local before hce checks
  before=$(grep -c "host $LAB_SRV1_4, check http code" "$LOG")
  hce=$(child_pid hce)
  sleep 6
  checks=$(($(grep -c "host $LAB_SRV1_4, check http code" "$LOG") - before))
  [ "$checks" -ge 24 ] || fail "$checks checks in 6 s of one each 200 ms"
  ! log_has "host $LAB_SRV1_4, .*-> down" || fail "the healthy host was down"
  expect "hce" "$(child_pid hce)" "$hce"
  [ "$(awk '/^VmHWM/ { print $2 }' "/proc/$hce/status")" -lt 65536 ] || fail "hce took too much memory"
  all_pass || fail "what passed does no more"
  look_all
}
