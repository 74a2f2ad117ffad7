# shellcheck shell=bash disable=SC2034
# What the end-to-end tests share. A test sources this file, calls lab_up, and then speaks in these words; its lab, and
# everything that runs in it, is gone when the test ends, however it ends. Nothing waits without a bound, and nothing
# sleeps for a time in which something is hoped to happen: wait_until looks until it has happened.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
readonly HCLAB=$PWD/tools/hclab/hclab.sh BIN=$PWD/${BIN:-bin}
readonly LAB=e2e$$
HCD_PID='' CONF='' SOCKET='' LOG=''

fail() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "$*"; exit 77; }
step() { echo "- $*"; }

# expect WHAT GOT WANTED
expect() { [ "$2" = "$3" ] || fail "$1: expected \"$3\", got \"$2\""; }
# expect_match WHAT GOT REGEX
expect_match() { grep -qE -- "$3" <<<"$2" || fail "$1: expected something like \"$3\", got \"$2\""; }

# wait_until SECONDS WHAT COMMAND...: the command is tried until it succeeds
wait_until() {
  local bound=$1 what=$2 end=$((${EPOCHREALTIME/./} + $1 * 1000000))
  shift 2
  until "$@"; do
    [ "${EPOCHREALTIME/./}" -lt $end ] || fail "not within $bound s: $what"
    sleep 0.05
  done
}
milliseconds() { echo $((${EPOCHREALTIME/./} / 1000)); }

# --- lab ------------------------------------------------------------------------------------------------------------

lab_up() { # lab_up [OPTIONS of hclab up]
  [ "$(id -u)" = 0 ] || skip "needs root"
  trap lab_end EXIT
  trap 'exit 1' INT TERM
  remove_stale_labs
  "$HCLAB" up -p $LAB "$@" >/dev/null || fail "the lab does not come up"
  eval "$("$HCLAB" env -p $LAB)"
  CONF=$LAB_RUN/hcd.conf SOCKET=$LAB_RUN/hcd.sock LOG=$LAB_RUN/hcd.log
  : >"$LOG"
}

remove_stale_labs() { # of tests that were killed with SIGKILL: their name is their process's number
  local dir pid
  for dir in /run/hclab/e2e*; do
    pid=${dir##*/e2e}
    [ ! -d "$dir" ] || [ -d "/proc/$pid" ] || "$HCLAB" down -p "e2e$pid"
  done
}

lab_end() {
  local status=$?
  if [ $status -ne 0 ] && [ -s "$LOG" ]; then
    echo "--- the daemon's log ends"
    tail -n 40 "$LOG"
  fi
  [ -z "$(jobs -p)" ] || jobs -p | xargs kill 2>/dev/null
  "$HCLAB" down -p $LAB || status=1
  exit $status
}

# enter NODE COMMAND... as an array: started with & in the background, $! is then the command itself, as it would not be
# of a function.
readonly ENTER=("$HCLAB" enter -p "$LAB")
on() { "${ENTER[@]}" "$@"; }
client() { on client "$@"; }
server() { "$HCLAB" server -p $LAB "$@" || fail "hclab server $*"; }

# --- daemon ---------------------------------------------------------------------------------------------------------

# The talk's example in the lab's addresses, with quick checks. Arguments are further lines for the service; FASTPATH, if
# set, names the way into the kernel, TABLES further tables. For anything else write $CONF yourself.
example_conf() {
  cat >"$CONF" <<CONF
interval 1
timeout 500
${FASTPATH:+fastpath $FASTPATH}
public_addr=$LAB_VIP4
webhost1=$LAB_SRV1_4
webhost2=$LAB_SRV2_4
table webhosts {
    real port http
    check http "/health" code 200
    host \$webhost1
    host \$webhost2
}
${TABLES-}
service www {
    virtual host \$public_addr port http interface $LAB_TRUNK
    table webhosts
$(printf '    %s\n' "$@")
}
CONF
}

hcd_start() { # in the director, in the foreground, logging to $LOG
  "${ENTER[@]}" director "$BIN/hcd" -d -f "$CONF" -s "$SOCKET" -p "$LAB_PINS" -S "$LAB_RUN/state" "$@" >>"$LOG" 2>&1 &
  HCD_PID=$!
  wait_until 30 "the daemon answers on its control socket" hcd_answers # the verifier takes a second of CPU time, of a busy machine
}
hcd_answers() {
  kill -0 "$HCD_PID" 2>/dev/null || fail "hcd ended: $(tail -n 5 "$LOG")"
  ctl show summary >/dev/null 2>&1
}

hcd_stop() { # with SIGTERM: must end with 0, soon
  kill "$HCD_PID"
  wait_until 10 "hcd ends after SIGTERM" process_gone "$HCD_PID"
  wait "$HCD_PID"
  expect "hcd's exit status after SIGTERM" $? 0
  HCD_PID=''
}

hcd_unload() { # what a stopped daemon leaves in the kernel: programs, maps and states
  on director "$BIN/hcd" -F -p "$LAB_PINS" || fail "hcd -F"
}

process_gone() { [ ! -d "/proc/$1" ] || grep -qs '^State:.Z' "/proc/$1/status"; }
ctl() { "$BIN/hcctl" -s "$SOCKET" "$@"; }
pf() { on director "$BIN/hcpfctl" -p "$LAB_PINS" "$@"; }

child_pid() { # child_pid ROLE: hce, pfe
  local pid
  for pid in $(cat "/proc/$HCD_PID/task/$HCD_PID/children" 2>/dev/null || pgrep -P "$HCD_PID"); do
    ! { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qx "$1" || { echo "$pid"; return; }
  done
  return 1
}
reborn() { local pid; pid=$(child_pid "$1") && [ "$pid" != "$2" ]; } # reborn ROLE OLD_PID

# status TYPE NAME: the last column of that row of `show summary`
status() { ctl show summary | awk -F'\t' -v type="$1" -v name="$2" '{ for (i = 1; i <= NF; i++) gsub(/^ +| +$/, "", $i) } $1 == type && $3 == name { print $NF; exit }'; }
status_is() { [ "$(status "$1" "$2")" = "$3" ]; }
wait_status() { wait_until "${4:-5}" "$1 $2 is $3 (it is $(status "$1" "$2"))" status_is "$1" "$2" "$3"; }
# logged_at REGEX: when the last such line was logged, in milliseconds as of `milliseconds`
logged_at() { date -d "$(date +%F) $(grep -E -- "$1" "$LOG" | tail -n 1 | cut -d ' ' -f 1)" +%s%3N; }
log_has() { grep -qE -- "$1" "$LOG"; }

# --- traffic --------------------------------------------------------------------------------------------------------

vip() { echo "http://${1:-$LAB_VIP4}${2:-/}"; }
get() { client curl -sS -m 3 "$@"; }       # one request; its output
answers() { local n; for n in $(seq "$1"); do get "${@:2}" || return; done; } # answers N URL: so many, one a line

# Requests one after another in the background, each recorded in FILE: milliseconds, curl's exit status, HTTP code, answer.
load_start() { # load_start FILE URL
  # shellcheck disable=SC2016
  "${ENTER[@]}" client bash -c 'while :; do
      begun=$((${EPOCHREALTIME/./} / 1000))
      answer=$(curl -s -m 3 -w " %{http_code}" "$1"); status=$?
      printf "%s\t%s\t%s\t%s\n" "$begun" "$status" "${answer##* }" "$(head -n 1 <<<"$answer")"
    done' load "$2" >"$1" 2>/dev/null &
  echo $! >"$1.pid"
  wait_until 5 "the first request is done" test -s "$1"
}
load_stop() { kill "$(cat "$1.pid")" 2>/dev/null; wait "$(cat "$1.pid")" 2>/dev/null; true; }
# load_failures FILE [FROM [TO]]: requests begun in that time that did not end with 200
load_failures() { awk -F'\t' -v from="${2:-0}" -v to="${3:-9e15}" '$1 >= from && $1 <= to && ($2 != 0 || $3 != 200)' "$1" | wc -l; }
load_count() { wc -l <"$1"; }
begun_since() { [ "$(awk -F'\t' -v from="$2" '$1 >= from' "$1" | wc -l)" -ge "$3" ]; }
# wait_requests FILE N [FROM]: N requests more, begun from now on or from that time on
wait_requests() { wait_until 20 "$2 more requests" begun_since "$1" "${3:-$(milliseconds)}" "$2"; }

# A megabyte over seconds, so that the connection is there while things happen; judged by its digest at the end.
transfer_start() { # transfer_start FILE URL [RATE]
  "${ENTER[@]}" client curl -s -m 60 -o "$1" "$2?rate=${3:-300k}" &
  echo $! >"$1.pid"
  wait_until 5 "the transfer begins" test -s "$1"
}
transfer_end() { # waits, and compares with what the servers hold
  wait "$(cat "$1.pid")"
  local status=$?
  expect "curl's exit status of transfer $(basename "$1")" $status 0
  expect "the digest of transfer $(basename "$1")" "$(sha256sum <"$1")" "$(sha256sum <"$LAB_RUN/www/1m")"
}

capture_start() { # capture_start FILE NODE INTERFACE FILTER...
  local file=$1 node=$2 interface=$3
  shift 3
  "${ENTER[@]}" "$node" tcpdump -Z root -U -i "$interface" -w "$file" "$@" 2>"$file.log" &
  echo $! >"$file.pid"
  wait_until 5 "tcpdump listens on $node" grep -qs 'listening on' "$file.log"
}
capture_stop() {
  kill "$(cat "$1.pid")" 2>/dev/null
  wait "$(cat "$1.pid")" 2>/dev/null
  true
}
packets() { tcpdump -nr "$@" 2>/dev/null | wc -l; } # packets FILE [FILTER...]: how many a capture holds
bad_checksums() { tcpdump -nvvr "$1" 2>/dev/null | grep -cE 'cksum 0x[0-9a-f]+ \(incorrect|bad cksum'; }
