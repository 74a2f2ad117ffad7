# shellcheck shell=bash disable=SC2034
# What the tests with real peers share: a lab whose first server is a network namespace for the peer, a configuration made
# of one table a check, and words for what hcd says of each. A peer is a private instance: its data stands in $PEER, its
# ports in the namespace, and it ends with the lab.
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"
number=0

peer_up() { # a lab, and an empty directory for the peer
  lab_up -n 1 --https
  server stop 1
  PEER=$LAB_RUN/peer CERT=$LAB_RUN/peer/cert.pem KEY=$LAB_RUN/peer/key.pem
  mkdir "$PEER"
  cp "$LAB_RUN/cert.pem" "$LAB_RUN/key.pem" "$PEER/"
  printf 'interval 1\ntimeout 900\nlog all\n' >"$CONF"
}

need() { # need PROGRAM...
  local program
  for program; do command -v "$program" >/dev/null || skip "needs $program (make check-peers installs it)"; done
}

peer() { on srv1 "$@"; } # run a command beside the peer
as() { local user=$1; shift; peer setpriv --reuid "$user" --regid "$user" --init-groups "$@"; }

# check NAME PORT WORDS...: a table of that name with that check, and a service that uses it, as every table needs one
check() {
  local name=$1 port=$2
  shift 2
  number=$((number + 1))
  cat >>"$CONF" <<CONF
table $name {
    real port $port
    check $*
    host $LAB_SRV1_4
}
service s$number {
    virtual host $LAB_VIP4 port $((7000 + number))
    table $name
}
CONF
}

# why NAME: the state of the table's host, and if it is down the reason: "up", "down: redis failed (NOAUTH ...)"
why() {
  ctl show hosts | awk -F'\t' -v table="$1" '
    { kind = $1; gsub(/ /, "", kind); name = $3; gsub(/^ +| +$/, "", name) }
    kind == "table" { here = name == table }
    here && kind == "host" { word = $NF }
    here && /error: / { sub(/.*error: /, ""); word = word ": " $0 }
    END { print word }'
}
is_so() { WHY=$(why "$1"); grep -qE -- "^$2$" <<<"$WHY"; }
look_for() { # look_for NAME REGEX: as wait_until, but tells what it was instead
  local end=$((${EPOCHREALTIME/./} + 30000000))
  until is_so "$1" "$2"; do
    [ "${EPOCHREALTIME/./}" -lt $end ] || fail "table $1 is \"$WHY\", not \"$2\""
    sleep 0.1
  done
}
up() { local name; for name; do look_for "$name" up; done; }
down() { look_for "$1" "down: $2"; } # down NAME REASON_REGEX

# freeze PID / thaw PID: a server that accepts and says no more, as one that hangs does
freeze() { kill -STOP "$@"; }
thaw() { kill -CONT "$@"; }
