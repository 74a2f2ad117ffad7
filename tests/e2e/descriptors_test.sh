#!/bin/bash
# A daemon that is allowed few descriptors for many hosts, and then has none left: hosts are checked in turn, or unknown with
# the reason. A host that answers is never taken for down, and one that does not still is.
. "$(dirname "$0")/lib.sh"
lab_up
readonly HOSTS=300 FILES=128
mkfifo "$LAB_RUN/say" && exec 7<>"$LAB_RUN/say"
"${ENTER[@]}" director python3 tests/e2e/slow_server.py 6100 1.2 <"$LAB_RUN/say" >"$LAB_RUN/slow" 2>&1 &
wait_until 20 "the slow server listens" grep -q ready "$LAB_RUN/slow"
{
  printf 'interval 4\ntimeout 3900\nlog all\ntable many {\n    real port 6100\n    check http "/" code 200\n'
  for n in $(seq $HOSTS); do echo "    host 127.2.$((n / 250)).$((n % 250 + 1))"; done
  printf '}\ntable dead {\n    real port 6100\n    check http "/" code 200\n    host %s\n}\n' "$LAB_SRV1_4"
  for name in many dead; do
    printf 'service %s {\n    virtual host %s port %d\n    table %s\n}\n' $name "$LAB_VIP4" $((number = ${number:-7000} + 1)) $name
  done
} >"$CONF"
ulimit -n $FILES
hcd_start
hce=$(child_pid hce)
expect "hce's limit of descriptors" "$(awk '/^Max open files/ { print $4, $5 }' "/proc/$hce/limits")" "$FILES $FILES"

step "each of $HOSTS hosts has its turn"
been_up() { grep -oE 'host 127[0-9.]+, check http code .*state unknown -> up' "$LOG" | cut -d , -f 1 | sort -u | wc -l; }
all_were_up() { [ "$(been_up)" = $HOSTS ]; }
wait_until 60 "every host was up" all_were_up
wait_status host "$LAB_SRV1_4" down 20

step "those that wait too long are unknown, and then up again"
lacks() { ctl show hosts | grep -qE "$1"; }
wait_until 30 "some host waits for its turn" lacks 'no resources \(queue\)'
echo 0 >&7
many_up() { status_is table many "active ($HOSTS hosts up)"; }
wait_until 60 "all hosts are up" many_up

step "no descriptor is left at all"
limit_to() { # as the child itself could: root may lack the capability
  setpriv --reuid _hcd-hce --regid _hcd-hce --clear-groups prlimit --pid "$hce" --nofile="$1:$FILES" || fail "prlimit"
}
open=$(find "/proc/$hce/fd" -mindepth 1 | wc -l)
[ "$open" -lt $FILES ] || fail "hce has $open descriptors"
limit_to 4
echo 1.2 >&7 # so that checks overlap, and those that were kept do not do
wait_until 30 "some host cannot be checked" lacks 'no resources \(EMFILE\)'
limit_to $FILES
echo 0 >&7
wait_until 60 "all hosts are up again" many_up

step "none was ever down but the one that is"
expect "the hosts that were down" "$(grep -oE 'host [^,]+, .*-> down' "$LOG" | cut -d ' ' -f 2 | sort -u)" "$LAB_SRV1_4,"
expect "hce" "$(child_pid hce)" "$hce"
hcd_stop
