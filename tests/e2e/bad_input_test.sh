#!/bin/bash
# What is wrong gets its own sentence, and what runs goes on.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf
good=$(cat "$CONF")

# refused WHAT REGEX [OPTIONS]: hcd refuses $LAB_RUN/bad.conf with status 1 and that sentence
refused() {
  local what=$1 sentence=$2
  shift 2
  timeout 10 "$HCLAB" enter -p $LAB director "$BIN/hcd" -d -f "$LAB_RUN/bad.conf" -s "$LAB_RUN/bad.sock" -p "$LAB_PINS" "$@" >"$LAB_RUN/out" 2>&1
  expect "$what: the exit status" $? 1
  expect_match "$what: the sentence" "$(cat "$LAB_RUN/out")" "$sentence"
}

step "configurations that cannot be"
sed "s/interface $LAB_TRUNK/interface nowhere0/" <<<"$good" >"$LAB_RUN/bad.conf"
refused "an unknown interface" "interface nowhere0"
sed "s/host \$webhost2/host \$webhost1/" <<<"$good" >"$LAB_RUN/bad.conf"
refused "an address given twice" "bad\.conf:[0-9]+:[0-9]+: .*(given twice|twice)"
sed "s/check http/check telepathy/" <<<"$good" >"$LAB_RUN/bad.conf"
refused "an unknown check" "bad\.conf:[0-9]+:[0-9]+: .*telepathy" -n
printf 'table a {\n  real port http\n  check sideways\n  host 10.1.1.300\n' >"$LAB_RUN/bad.conf"
refused "several errors in one run" "bad\.conf:3:[0-9]+: " -n
rm -f "$LAB_RUN/bad.conf"
refused "no configuration file" "bad\.conf.*[Nn]o such file"
head -c 4096 /dev/urandom >"$LAB_RUN/bad.conf"
refused "random bytes" "bad\.conf:[0-9]+:[0-9]+: " -n

step "a missing privilege"
cp "$CONF" "$LAB_RUN/plain.conf"
chmod 755 "$LAB_RUN"
client setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/hcd" -d -f "$LAB_RUN/plain.conf" -s "$LAB_RUN/bad.sock" -p "$LAB_PINS" >"$LAB_RUN/out" 2>&1
expect "without root: the exit status" $? 1
expect_match "without root: the sentence" "$(cat "$LAB_RUN/out")" "root|privilege|permi|capabilit"
setpriv --reuid=65534 --regid=65534 --clear-groups "$BIN/hcd" -n -f "$LAB_RUN/plain.conf" >"$LAB_RUN/out" 2>&1
expect "-n needs no root: the exit status" $? 0
expect_match "-n" "$(cat "$LAB_RUN/out")" "configuration OK"

step "a running daemon: nonsense on its control socket"
hcd_start
wait_status table webhosts "active (2 hosts up)"
load_start "$LAB_RUN/load" "$(vip)"
nonsense() { # nonsense WHAT PYTHON-BYTES: what the daemon answers, as printable text
  python3 - "$SOCKET" "$2" <<'PY'
import socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM); s.settimeout(5); s.connect(sys.argv[1])
got = b""
try:
    s.sendall(eval(sys.argv[2], {"struct": struct}))
    s.shutdown(socket.SHUT_WR)
    while (part := s.recv(65536)): got += part
except (ConnectionResetError, BrokenPipeError): pass
print("".join(chr(b) if 32 <= b < 127 else "." for b in got))
PY
  ctl show summary >/dev/null || fail "the daemon does not answer after $1"
}
nonsense "a frame shorter than its header" 'struct.pack("<IIII", 1, 3, 0, 0)' >"$LAB_RUN/out"
expect_match "a frame shorter than its header: the log or the answer" "$(cat "$LAB_RUN/out" "$LOG")" "frame of 3 bytes|length|shorter"
nonsense "a frame of 4 GB" 'struct.pack("<IIII", 1, 0xffffffff, 0, 0)' >"$LAB_RUN/out"
expect_match "a frame of 4 GB: the log or the answer" "$(cat "$LAB_RUN/out" "$LOG")" "frame of 4294967295 bytes|length|more than"
nonsense "an unknown type" 'struct.pack("<IIII", 77, 16, 1, 0)' >/dev/null
nonsense "a message cut short" 'struct.pack("<IIII", 1, 64, 1, 0) + b"x" * 8' >/dev/null
nonsense "a payload of the wrong length" 'struct.pack("<IIII", 1, 17, 1, 0) + b"x"' >/dev/null
nonsense "half a megabyte of noise" 'b"\xa5" * 500000' >/dev/null
crowd=$(python3 - "$SOCKET" <<'PY'
import socket, sys
crowd = []
for _ in range(500):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM); s.settimeout(1)
    try: s.connect(sys.argv[1])
    except OSError: break
    crowd.append(s)
print(len(crowd))
PY
)
[ "$crowd" -gt 100 ] || fail "only $crowd clients could connect at once"
ctl show summary >/dev/null || fail "the daemon does not answer after a crowd of $crowd clients"

step "a second daemon on the same pins or socket is refused, and the first goes on"
cp "$CONF" "$LAB_RUN/bad.conf"
timeout 10 "$HCLAB" enter -p $LAB director "$BIN/hcd" -d -f "$CONF" -s "$SOCKET" -p "$LAB_PINS" >"$LAB_RUN/out" 2>&1
expect "a second daemon: the exit status" $? 1
expect_match "a second daemon: the sentence" "$(cat "$LAB_RUN/out")" "running|another|in use"
wait_requests "$LAB_RUN/load" 10
load_stop "$LAB_RUN/load"
expect "failed requests meanwhile" "$(load_failures "$LAB_RUN/load")" 0
expect "the service" "$(status service www)" active
hcd_stop
