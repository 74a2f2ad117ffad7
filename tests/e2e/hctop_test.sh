#!/bin/bash
# An operator at hctop, on a terminal of tmux: finds the host that fails and reads why, takes another out of use and sees its
# traffic leave, undoes that, drains; two operators meet; a reader may not change; the daemon is lost and comes back.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf
export LC_ALL=C.UTF-8 TZ=UTC
TMUX_SOCKET=$LAB_RUN/tmux
screen() { tmux -S "$TMUX_SOCKET" "$@"; }
screens_end() { local status=$?; screen kill-server 2>/dev/null; (exit $status); lab_end; }
trap screens_end EXIT

# dashboard NAME WIDTHxHEIGHT [OPTIONS of hctop]; KIND, if set, is the terminal's
dashboard() {
  local name=$1 size=$2
  shift 2
  screen -u -f /dev/null new-session -d -s "$name" -x "${size%x*}" -y "${size#*x}" \
    "TERM=${KIND:-screen-256color} '$BIN/hctop' $* 2>'$LAB_RUN/$name.error'; echo ended with \$?; sleep 60" || fail "tmux does not start"
  screen set-option -g status off
}
look() { screen capture-pane -p -t "$1"; }
press() { screen send-keys -t "$1" "${@:2}"; }
seen() { look "$1" | grep -qE -- "$2"; }
unseen() { ! seen "$1" "$2"; }
# wait_seen NAME REGEX, wait_gone NAME REGEX: on that screen, within a time for a busy machine
wait_seen() { wait_until 15 "the screen $1 shows \"$2\"; it shows: $(look "$1")" seen "$1" "$2"; }
wait_gone() { wait_until 15 "the screen $1 shows \"$2\" no more; it shows: $(look "$1")" unseen "$1" "$2"; }
# choose NAME HOST: the cursor to a host, by a search
choose() {
  press "$1" g / "$2" Enter
  wait_gone "$1" "search:"
}

step "it may be started before the daemon, says so, and finds it"
dashboard one 140x34 -s "$SOCKET"
wait_seen one "NO DAEMON - no socket"
hcd_start
wait_status table webhosts "active (2 hosts up)"
wait_seen one "hosts 2/2 .*"
wait_seen one "LIVE 1s  rw"
wait_seen one "▾ www +on +UP"
wait_seen one "$LAB_SRV1_4 +on +UP +100.0"

step "the host that fails is found, and why"
server sick 2
wait_seen one "$LAB_SRV2_4 +on +DOWN"
wait_seen one "http code mismatch \(50[0-9]\), down since"
press one Z
wait_seen one "problems alone"
wait_gone one "$LAB_SRV1_4 +on"
press one Escape
wait_seen one "$LAB_SRV1_4 +on"
choose one "$LAB_SRV2_4"
press one Enter
wait_seen one "error +http code mismatch"
wait_seen one "UP -> DOWN +http code mismatch"
press one Escape
wait_gone one "last checks"
server well 2
wait_status table webhosts "active (2 hosts up)"
wait_seen one "$LAB_SRV2_4 +on +UP"

step "anything but yes changes nothing"
choose one "$LAB_SRV1_4"
press one d
wait_seen one "Disable host $LAB_SRV1_4 of webhosts"
wait_seen one "\[y\]es +\[N\]o"
press one Enter
wait_seen one "nothing was changed"
expect "the host" "$(status host "$LAB_SRV1_4")" up

step "a host is disabled with a reason: its traffic leaves it"
press one d
wait_seen one "1/2 up afterwards"
press one r
wait_seen one "reason:"
press one "new kernel" Enter
wait_seen one "reason: new kernel"
press one y
wait_seen one "disabled; u undoes it"
wait_seen one "$LAB_SRV1_4 +off +OFF"
expect "who answers" "$(answers 6 "$(vip)" | sort -u)" srv2
wait_seen one "admin .*disabled by root .*new kernel"
log_has "disabled by root .*hctop.*new kernel" || fail "the log does not say who disabled it, with what and why"

step "undone"
press one u
wait_seen one "undone: host $LAB_SRV1_4 of webhosts enabled"
wait_status host "$LAB_SRV1_4" up
expect "who answers" "$(answers 20 "$(vip)" | sort -u | tr '\n' ' ')" "srv1 srv2 "

step "drained, and let go"
choose one "$LAB_SRV2_4"
press one D
wait_seen one "Drain host $LAB_SRV2_4"
press one y
wait_seen one "$LAB_SRV2_4 +drn +UP"
expect "who answers" "$(answers 6 "$(vip)" | sort -u)" srv1
press one D
wait_seen one "\[y\]es"
press one y
wait_seen one "$LAB_SRV2_4 +on +UP"

step "what takes a service down wants its name typed"
press one g
press one d
wait_seen one "Disable service www"
press one y
wait_seen one "type www to go on"
press one wrong Enter
wait_seen one "that is not its name"
expect "the service" "$(status service www)" active

step "two operators: who saw an older state is refused"
choose one "$LAB_SRV2_4"
press one d
wait_seen one "Disable host $LAB_SRV2_4"
ctl --reason "my turn" host drain "$LAB_SRV2_4" >/dev/null || fail "the other operator may not"
press one y
wait_seen one "conflict: "
expect "the host" "$(status host "$LAB_SRV2_4")" "up (drained)"
ctl host undrain "$LAB_SRV2_4" >/dev/null

step "the mouse, once it is asked for: a click goes there, a second opens, the wheel scrolls"
# shellcheck disable=SC2046 # a word a byte
bytes() { screen send-keys -t "$1" -H $(printf '%b' "$2" | od -An -tx1); } # bytes NAME BYTES, as printf has them
line_of() { look "$1" | grep -nE -- "$2" | head -n 1 | cut -d : -f 1; }
click() { bytes "$1" "\\e[<0;10;${2}M\\e[<0;10;${2}m"; } # click NAME LINE
KIND=xterm-256color dashboard mouse 140x34 -s "$SOCKET"
wait_seen mouse "$LAB_SRV2_4 +on +UP"
press mouse m
wait_seen mouse "mouse on"
click mouse "$(line_of mouse "$LAB_SRV2_4 +on")"
press mouse y
wait_seen mouse "copied: webhosts/$LAB_SRV2_4"
click mouse "$(line_of mouse "$LAB_SRV1_4 +on")"
click mouse "$(line_of mouse "$LAB_SRV1_4 +on")"
wait_seen mouse "last checks"
press mouse l
wait_seen mouse "EVENTS"
newest=$(look mouse | grep -m 1 -E '^[0-9:]{8} ')
bytes mouse '\e[<65;10;10M'
wait_gone mouse "^$newest"
press mouse m
wait_seen mouse "mouse off"

step "a name is copied into the terminal's clipboard"
screen set-option -s set-clipboard on
choose one "$LAB_SRV1_4"
press one y
copied() { [ "$(screen show-buffer 2>/dev/null)" = "webhosts/$LAB_SRV1_4" ]; }
wait_until 10 "the clipboard has the host" copied

step "suspended, the shell goes on; back in the foreground it is as before; where no shell waits it does not stop"
screen -u -f /dev/null new-session -d -s shell -x 100 -y 30 "PS1='prompt> ' bash --norc -i" || fail "no shell"
wait_seen shell "prompt>"
press shell "TERM=screen-256color '$BIN/hctop' -s '$SOCKET'" Enter
wait_seen shell "LIVE 1s  rw"
press shell C-z
wait_seen shell "Stopped"
press shell "echo \$((40 + 2))" Enter
wait_seen shell "^42$"
press shell fg Enter
wait_seen shell "LIVE 1s  rw"
wait_seen shell "$LAB_SRV1_4 +on +UP"
press shell q
wait_gone shell "LIVE 1s"
press shell "echo ended with \$?" Enter
wait_seen shell "ended with 0"
press one C-z
press one '?'
wait_seen one "HELP"
press one Escape
wait_gone one "HELP"

step "any command of hcctl"
press one : "show tables" Enter
wait_seen one "hcctl show tables"
wait_seen one "webhosts .*active \(2 hosts up\)"
press one Escape
wait_gone one "hcctl show tables"

step "on the read-only socket, and with -R, nothing is changed"
dashboard reader 80x24 -s "${SOCKET%.sock}-ro.sock"
wait_seen reader "LIVE 1s  ro"
press reader j j d
wait_seen reader "read-only: nothing can be changed"
press reader : "host disable $LAB_SRV1_4" Enter
wait_seen reader "read-only: show is all"
dashboard careful 80x24 -R -s "$SOCKET"
wait_seen careful "LIVE 1s  ro"
press careful j j D
wait_seen careful "read-only"
expect "the host" "$(status host "$LAB_SRV1_4")" up

step "with NO_COLOR there is not one colour"
coloured() { screen capture-pane -e -p -t "$1" | grep -qE $'\e\\[([0-9;]*;)?(3[0-8]|9[0-7])(;[0-9;]*)?m'; }
dashboard bright 80x24 -s "$SOCKET"
wait_seen bright "LIVE"
wait_until 5 "there are colours without" coloured bright
KIND="screen-256color NO_COLOR=1" dashboard plain 80x24 -s "$SOCKET"
wait_seen plain "LIVE"
wait_seen plain "webhosts"
! coloured plain || fail "there are colours"

step "too small a terminal: it says so, and recovers"
screen resize-window -t reader -x 30 -y 6
wait_seen reader "have 30x6, need 40x8"
screen resize-window -t reader -x 40 -y 8
wait_seen reader "LIVE 1s  ro"
screen resize-window -t reader -x 160 -y 50
wait_seen reader "conn/s .*bits/s"

step "the daemon is lost: its last frame stays, with its age, and nothing is changed; it comes back"
kill -9 "$HCD_PID"
wait "$HCD_PID" 2>/dev/null
wait_seen one "STALE [0-9]+s - "
wait_seen one "$LAB_SRV1_4 +on +UP"
press one d
wait_seen one "the daemon is not there: nothing can be changed"
hcd_start
wait_seen one "LIVE 1s  rw"
wait_seen one "hosts 2/2"

step "a batch, a recording, and a frame of it that is the same each time"
"$BIN/hctop" -s "$SOCKET" -b -n 1 -W 80 >"$LAB_RUN/batch" || fail "hctop -b ends with $?"
grep -q "$LAB_SRV1_4 *on  *UP" "$LAB_RUN/batch" || fail "the batch does not show the host: $(cat "$LAB_RUN/batch")"
"$BIN/hctop" -s "$LAB_RUN/nobody.sock" -b -n 1 >/dev/null 2>&1
expect "the exit status without a daemon" $? 3
dashboard recorder 80x24 -s "$SOCKET" --record "$LAB_RUN/recording"
wait_seen recorder "hosts? 2/2"
server sick 1
wait_seen recorder "$LAB_SRV1_4 +on +DOWN"
press recorder q
wait_seen recorder "ended with 0"
for n in 1 2; do "$BIN/hctop" --frame 100x30 --replay "$LAB_RUN/recording" >"$LAB_RUN/frame$n" || fail "no frame"; done
cmp "$LAB_RUN/frame1" "$LAB_RUN/frame2" || fail "two frames of one recording differ"
grep -q "$LAB_SRV1_4 *on  *DOWN" "$LAB_RUN/frame1" || fail "the frame does not show what was recorded: $(cat "$LAB_RUN/frame1")"
for name in one reader careful recorder; do expect "what $name said on standard error" "$(cat "$LAB_RUN/$name.error")" ""; done
hcd_stop
