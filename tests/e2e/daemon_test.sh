#!/bin/bash
# The life of a daemon in the background: its start and what that tells, signals, the two control sockets, and the three
# ways to end: packets go on after a stop, a successor adopts, and unloading leaves nothing.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf

# In the background hcd is no child of ours: the lab's end finds it in its namespace.
start() { on director timeout 20 "$BIN/hcd" -f "$CONF" -s "$SOCKET" -p "$LAB_PINS" -S "$LAB_RUN/state"; }
parent_pid() { # the one whose arguments name this lab's socket
  local pid
  for pid in $(ip netns pids $LAB-director); do
    ! { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qx -- "$SOCKET" || { echo "$pid"; return; }
  done
  return 1
}
in_turn() { expect "$1" "$(answers 6 "$(vip)" | sort | uniq -c | tr -s ' \n' ' ')" " 3 srv1 3 srv2 "; }

step "the start: status 0 once the rules are in force"
start || fail "hcd does not start: status $?"
wait_status table webhosts "active (2 hosts up)"
in_turn "the answers"
pid=$(parent_pid) || fail "no parent process"
for role in hce pfe; do
  # shellcheck disable=SC2034 # child_pid looks there
  HCD_PID=$pid
  child=$(child_pid $role) || fail "no process $role"
  expect "$role's user" "$(stat -c %U "/proc/$child")" "_hcd-$role"
  expect "$role's capabilities" "$(awk '/^Cap(Eff|Prm|Bnd)/ { print $2 }' "/proc/$child/status" | sort -u)" 0000000000000000
  expect "$role's seccomp and no_new_privs" "$(awk '/^(Seccomp|NoNewPrivs):/ { printf "%s ", $2 }' "/proc/$child/status")" "1 2 "
  expect "what $role sees of the file system" "$(find "/proc/$child/root/" -mindepth 1 | wc -l)" 0
done

step "SIGHUP: a good file is taken, a bad one changes nothing"
sed -i "s/    host \$webhost2/&\n    host $LAB_SRV3_4/" "$CONF"
kill -HUP "$pid"
wait_status table webhosts "active (3 hosts up)"
good=$(cat "$CONF")
echo 'nonsense here' >>"$CONF"
ctl reload >"$LAB_RUN/out" 2>&1
expect "the exit status of a refused reload" $? 1
expect_match "what is wrong" "$(cat "$LAB_RUN/out")" "hcd.conf:[0-9]+:1: 'nonsense'"
expect "the table" "$(status table webhosts)" "active (3 hosts up)"
echo "$good" >"$CONF"

step "anyone may look, only the group may touch"
chmod 755 "$LAB_RUN"
expect_match "the control socket" "$(stat -c '%a %U %G' "$SOCKET")" "^660 root hcd$"
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/hcctl" -s "$1" "${@:2}" >"$LAB_RUN/out" 2>&1; }
nobody "$SOCKET" show summary
expect "nobody, on the control socket" $? 4
nobody "${SOCKET%.sock}-ro.sock" show summary
expect "nobody looks" $? 0
nobody "${SOCKET%.sock}-ro.sock" host disable "$LAB_SRV1_4"
expect "nobody touches" $? 4
expect "the host" "$(status host "$LAB_SRV1_4")" up

step "a stop: the daemon ends, packets go on, and a successor adopts"
ctl host disable "$LAB_SRV3_4" >/dev/null || fail "host disable"
ctl stop >/dev/null || fail "stop"
wait_until 10 "the daemon ends" process_gone "$pid"
in_turn "the answers without a daemon"
ctl show summary >/dev/null 2>&1
expect "hcctl without a daemon" $? 3
transfer_start "$LAB_RUN/slow" "$(vip '' /1m)" 400k
start || fail "hcd does not start again: status $?"
transfer_end "$LAB_RUN/slow"
wait_status table webhosts "active (2 hosts up)"
expect "the host that was disabled" "$(status host "$LAB_SRV3_4")" disabled

step "a stop that unloads leaves nothing in the kernel"
pid=$(parent_pid)
ctl stop unload >/dev/null || fail "stop unload"
wait_until 10 "the daemon ends" process_gone "$pid"
pf -s info >"$LAB_RUN/out" 2>&1
expect "hcpfctl's exit status" $? 1
expect_match "hcpfctl" "$(cat "$LAB_RUN/out")" "no hcd rules are loaded"
get "$(vip)" >/dev/null 2>&1 && fail "the public address still answers"
expect "what is left of programs" "$(on director bpftool net show | grep -c hcd_)" 0
