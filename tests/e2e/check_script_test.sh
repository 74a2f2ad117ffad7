#!/bin/bash
# The check by script, with real programs: those that say up and down, and those that hang, leave children behind, flood,
# crash, vanish or are too many. None outlives its check, and what could not be run is unknown, never down.
# shellcheck disable=SC2016 # the scripts' own text
. "$(dirname "$0")/lib.sh"
lab_up
DIR=$LAB_RUN/scripts OUT=$LAB_RUN/out
mkdir "$DIR"
mkdir -m 777 "$OUT" "$OUT/running"
number=0

script() { # script NAME TEXT...: a line each
  { printf '#!/bin/bash\ncd %s || exit 0\n' "$OUT"; printf '%s\n' "${@:2}"; } >"$DIR/$1"
  chmod 755 "$DIR/$1"
}
table() { # table NAME SCRIPT HOSTS: hosts 10.101.0.1 ... in the first, 10.102.0.1 ... in the second
  local n
  number=$((number + 1))
  printf 'table %s {\n    real port 80\n    check script "%s/%s"\n' "$1" "$DIR" "$2"
  for n in $(seq "$3"); do printf '    host 10.%d.0.%d\n' $((100 + number)) "$n"; done
  printf '}\nservice s%d {\n    virtual host %s port %d\n    table %s\n}\n' $number "$LAB_VIP4" $((7000 + number)) "$1"
}
configure() { # configure INTERVAL TIMEOUT LIMIT, then tables from standard input
  { printf 'interval %s\ntimeout %s\nscript limit %s\nlog all\n' "$@" && cat; } >"$CONF"
}
says() { ctl show hosts | grep -A 2 -F "	$1 " | grep -qE "error: $2"; } # says HOST REASON
saying() { ctl show hosts | grep -cF "error: $1"; }                   # how many hosts
lines_in() { [ "$(wc -l <"$OUT/$1")" -ge "$2" ]; }
all_gone() { # all_gone FILE: of the processes whose ids are its lines none lives
  local pid
  while read -r pid; do process_gone "$pid" || return; done <"$OUT/$1"
}
since() { tail -n +"$mark" "$LOG"; } # the log from there on
went_down() { since | grep -qE "host 10\.101\.[0-9.]+, .* -> down"; }

step "a script that is missing, or that nobody may execute, is refused where it stands"
script plain 'exit 1'
chmod 644 "$DIR/plain"
for bad in missing plain; do
  table t $bad 1 >"$CONF"
  "$BIN/hcd" -n -f "$CONF" >"$LAB_RUN/said" 2>&1 && fail "$bad is taken"
  expect_match "what is said of it" "$(cat "$LAB_RUN/said")" "hcd.conf:3:18: script \"$DIR/$bad\" (is not executable|cannot be run)"
done

script good 'exit 1'
script bad 'exit 0'
script hangs 'echo $$ >>hangs; exec sleep 600'
script forks '(echo $BASHPID >>forks; exec sleep 600) & wait'
script leaves '(echo $BASHPID >>leaves; exec sleep 600) &' 'while [ ! -s leaves ]; do :; done; exit 3'
script escapes '(setsid bash -c "(echo \$BASHPID >>escapes; exec setsid sleep 600) &") &' \
  'while [ ! -s escapes ]; do :; done; exit 3'
script floods 'head -c 300000000 /dev/zero; head -c 300000000 /dev/zero >&2; exit 1'
script fills 'exec head -c 300000000 /dev/zero >filled'
script crashes 'kill -SEGV $$'
script tells '[ -e told ] || { id -un; id -Gn; echo "$@"; env; grep NoNewPrivs /proc/self/status; } >told' \
  'ls /proc/self/fd >fds; exit 1'
script vanishes 'exit 1'
script turns 'me=running/$$; : >$me; ls running | wc -l >>most; sleep 0.25; rm $me; exit 1'
script slow 'sleep 0.6; exit 1'
number=0
for name in good bad hangs forks leaves floods fills crashes tells vanishes escapes; do table $name $name 1; done |
  configure 2 1000 12
hcd_start
expect_match "the daemon's warning" "$(cat "$LOG")" "warning: a script says that its host is up by an exit status above 0"

step "what each says, or does instead"
for name in good leaves floods tells vanishes escapes; do wait_status table $name "active (1 hosts up)" 15; done
wait_until 10 "exit 0 is down" says 10.102.0.1 "script failed \(exit status 0\)"
wait_until 10 "one that hangs is down" says 10.103.0.1 "script failed \(timeout\)"
wait_until 10 "one whose child hangs is down" says 10.104.0.1 "script failed \(timeout\)"
wait_until 10 "one that writes without end is ended" says 10.107.0.1 "script failed \(killed by signal 25\)"
wait_until 10 "a crash is down" says 10.108.0.1 "script failed \(killed by signal 11\)"
[ "$(stat -c %s "$OUT/filled")" -le 16777216 ] || fail "a file grew above its bound"

step "who it is, and what it has"
told=$(cat "$OUT/told")
expect "its user, group and argument" "$(head -n 3 <<<"$told" | tr '\n' ' ')" "_hcd-script _hcd-script 10.109.0.1 "
for line in HCD_HOST=10.109.0.1 HCD_ADDRESS=10.109.0.1 HCD_PORT=80 HCD_TABLE=tells LANG=C HOME=/ 'NoNewPrivs:.1'; do
  expect_match "what it has" "$told" "^$line$"
done
expect "variables that are neither given nor the shell's own" \
  "$(grep -E '^[A-Za-z_]+=' <<<"$told" | grep -vE '^(HCD_(HOST|ADDRESS|PORT|TABLE)|LANG|HOME|PATH|PWD|OLDPWD|SHLVL|_)=')" ""
expect "descriptors" "$(tr '\n' ' ' <"$OUT/fds")" "0 1 2 3 " # 3 is the directory that ls reads

step "nothing outlives its check"
for name in hangs forks leaves escapes; do
  [ -s "$OUT/$name" ] || fail "$name was not run"
  cp "$OUT/$name" "$OUT/$name.now"
  wait_until 5 "the processes of $name are gone" all_gone $name.now
done

step "a script that is gone says nothing of its host"
rm "$DIR/vanishes"
wait_until 10 "it is unknown" says 10.110.0.1 "no resources \(ENOENT\)"
expect "the host" "$(status host 10.110.0.1)" unknown

step "more than the limit: never more at once, and all get their turn"
number=0
table many turns 24 | configure 5 2000 4
mark=$(wc -l <"$LOG")
ctl reload >/dev/null || fail "reload"
wait_status table many "active (24 hosts up)" 20
wait_until 15 "two rounds" lines_in most 48
most=$(sort -n "$OUT/most" | tail -n 1)
[ "$most" -le 4 ] || fail "$most at once"
[ "$most" -gt 1 ] || fail "one after the other"
! went_down || fail "a host that queued went down"

step "far more than there is time for: unknown, not down"
number=0
table crowd slow 20 | configure 2 1500 1
mark=$(wc -l <"$LOG")
ctl reload >/dev/null || fail "reload"
had_no_turn() { [ "$(saying "no resources (script limit)")" -ge 10 ]; }
have_had() { since | grep -q "script ok"; }
wait_until 15 "those that had no turn say so" had_no_turn
wait_until 15 "some have theirs" have_had
expect_match "one of them" "$(ctl show hosts | grep -B 2 -F "script limit")" "unknown$"
! went_down || fail "a host that only queued went down"

step "scripts end with the daemon"
number=0
table stay hangs 3 | configure 60 50000 3
: >"$OUT/hangs"
ctl reload >/dev/null || fail "reload"
wait_until 10 "they run" lines_in hangs 3
hcd_stop
wait_until 5 "they are gone" all_gone hangs
