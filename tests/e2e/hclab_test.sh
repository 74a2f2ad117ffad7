#!/bin/bash
# Two labs stand side by side with the same addresses; a killed `up` and a crowd of processes leave nothing behind.
set -u
cd "$(dirname "$0")/../.." || exit 1
hclab=tools/hclab/hclab.sh
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
a=hlta$$ b=hltb$$
work=$(mktemp -d)
trap '$hclab down -p $a; $hclab down -p $b; rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
expect() { [ "$2" = "$3" ] || fail "$1: expected \"$3\", got \"$2\""; }

# What a machine holds that a lab could leave behind. Only entries that a lab of ours could have made are compared: other
# labs may come and go meanwhile. /run/netns itself is made by ip(8), once.
machine() {
  echo "namespaces:"; find /run/netns -name 'hlt[ab]*' 2>/dev/null
  echo "links:"; ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/\1/'
  echo "mounts:"; grep -E '/hlt[ab]' /proc/self/mounts
  echo "files:"; find /run/hclab -path '*hlt[ab]*' 2>/dev/null
  echo "processes:"; grep -slE '/run/hclab/hlt[ab]' /proc/[0-9]*/cmdline
  true
}
machine >"$work/before"
clean() { machine >"$work/after"; diff "$work/before" "$work/after" || fail "$1 left something behind"; }

# Two at once, each answering for itself.
$hclab up -p $a >/dev/null || fail "up -p $a"
$hclab up -p $b -n 2 --https >/dev/null || fail "up -p $b"
$hclab up -p $a 2>"$work/err" && fail "a second up of a lab that is up succeeded"
grep -q "is up already" "$work/err" || fail "the refusal says: $(cat "$work/err")"
for lab in $a $b; do
  eval "$($hclab env -p "$lab")"
  for address in "$LAB_VIP4" "$LAB_VIP6" "$LAB_SRV1_4" "$LAB_SRV2_6"; do
    $hclab enter -p "$lab" client ping -q -c 1 -W 2 "$address" >/dev/null || fail "$lab: client cannot ping $address"
  done
  for n in $(seq "$LAB_SERVERS"); do
    four=LAB_SRV${n}_4 six=LAB_SRV${n}_6
    expect "$lab srv$n by IPv4" "$($hclab enter -p "$lab" client curl -sm 5 "http://${!four}/")" "srv$n"
    expect "$lab srv$n by IPv6" "$($hclab enter -p "$lab" client curl -sm 5 "http://[${!six}]/")" "srv$n"
  done
  sum=$($hclab enter -p "$lab" client curl -sm 5 "http://$LAB_SRV1_4/1m" | sha256sum)
  expect "$lab: a megabyte" "$sum" "$(sha256sum <"$LAB_RUN/www/1m")"
done
cmp -s /run/hclab/$a/www/1m /run/hclab/$b/www/1m && fail "both labs serve the same files"
expect "https" "$($hclab enter -p $b client curl -sm 5 --cacert /run/hclab/$b/cert.pem \
  --connect-to "www.example:443:10.1.1.100:443" https://www.example/)" "srv1"

# A server that stops, and one that is sick, tell so; the others go on.
$hclab server -p $a stop 1 || fail "server stop"
$hclab enter -p $a client curl -sm 2 http://10.1.1.100/ && fail "a stopped server answers"
$hclab server -p $a sick 2
expect "a sick server's /health" \
  "$($hclab enter -p $a client curl -sm 5 -o /dev/null -w '%{http_code}' http://10.1.1.101/health)" 503
$hclab server -p $a start 1
expect "a server started again" "$($hclab enter -p $a client curl -sm 5 http://10.1.1.100/)" srv1

# xdp-ready: whole checksums on the wire, and packets still pass.
$hclab xdp-ready -p $a || fail "xdp-ready"
expect "after xdp-ready" "$($hclab enter -p $a client curl -sm 5 http://10.1.1.100/)" srv1
ip -n $a-client link show eth0 | grep -qw xdp || fail "the client's interface has no XDP program"

# Taking one down while things run in it disturbs neither the machine nor the other lab.
$hclab enter -p $a srv2 sleep 1000 &
stray1=$!
$hclab enter -p $a director setsid bash -c 'trap "" TERM; while :; do sleep 1; done' &
stray2=$!
disown -a
$hclab down -p $a || fail "down"
$hclab down -p $a || fail "a second down"
kill -0 $stray1 2>/dev/null && fail "a process in srv2 outlived its lab"
kill -0 $stray2 2>/dev/null && fail "a process that ignores SIGTERM outlived its lab"
expect "the other lab" "$($hclab enter -p $b client curl -sm 5 http://10.1.1.101/)" srv2
$hclab down -p $b || fail "down -p $b"
clean "down"

# Killed in the middle, at several moments: the next up or down clears it.
for delay in 0.01 0.04 0.08 0.12 0.16 0.2; do
  $hclab up -p $a >/dev/null 2>&1 &
  builder=$!
  sleep "$delay"
  kill -9 $builder 2>/dev/null
  wait $builder 2>/dev/null
  if [ ! -e /run/hclab/$a/up ]; then
    # A command of the killed script may still have finished it.
    $hclab up -p $a >/dev/null || [ -e /run/hclab/$a/up ] || fail "up over the ruins of one killed after $delay s"
    expect "rebuilt after $delay s" "$($hclab enter -p $a client curl -sm 5 http://10.1.1.102/)" srv3
  fi
  $hclab down -p $a || fail "down after a kill at $delay s"
  clean "a kill after $delay s"
done
$hclab up -p $a >/dev/null 2>&1 &
builder=$!
sleep 0.1
kill -9 $builder 2>/dev/null
wait $builder 2>/dev/null
$hclab down -p $a || fail "down of a half-built lab"
clean "down of a half-built lab"

# Nonsense gets a sentence and status 2.
for words in "" "sideways" "up -p No" "up -n 0" "up -n 99" "up -m 12" "enter" "server start" "down extra"; do
  # shellcheck disable=SC2086
  $hclab $words >/dev/null 2>&1
  expect "hclab $words" $? 2
done
echo "two labs, $(grep -c . "$work/before") things on the machine before and after"
