#!/bin/bash
# A flood of SYNs from nowhere against a small state table: with `syn guard` what is established goes on, and new clients come
# in as if there were none, whatever becomes of a new state where the table is full. And what becomes of them without, as told,
# for the lab is too quick to suffer much.
. "$(dirname "$0")/lib.sh"
lab_up
"$HCLAB" xdp-ready -p $LAB || fail "hclab xdp-ready"
FLOOD=${FLOOD_RATE:-5000} # SYNs a second
# Answers to those who sent nothing go to the client, whom they do not concern.
on director ip route add 198.18.0.0/15 via "$LAB_CLIENT4" || fail "the route to nowhere"
mac=$(on director ip -o link show "$LAB_TRUNK" | sed "s,.*link/ether \([^ ]*\) .*,\1,")

conf() { # conf FASTPATH LINES...
  FASTPATH=$1 example_conf
  printf '%s\n' "${@:2}" >>"$CONF"
}
start() {
  hcd_start
  wait_status table webhosts "active (2 hosts up)"
}
end() {
  hcd_stop
  hcd_unload
}
flood_start() { # flood_start SECONDS
  "${ENTER[@]}" client python3 tests/e2e/syn_flood.py eth0 "$mac" "$LAB_VIP4" 80 "$FLOOD" "$1" >"$LAB_RUN/sent" &
  flood_pid=$!
}
flood_end() { wait "$flood_pid" || fail "the flood ended with $?"; }
counter() { pf -v -s info | awk -v name="$1" 'index($0, "  " name " ") == 1 { print $(NF - 1); exit }'; } # its rate stands behind it
over() { [ "$(counter "$1")" -gt "$2" ]; } # over NAME NUMBER

for mode in tc xdp; do
  step "$mode: guarded, what is established goes on and new clients come in"
  conf $mode "states limit 512" "states when full refuse" "syn guard 200 per second"
  start
  transfer_start "$LAB_RUN/long" "$(vip '' /1m)" 120k
  load_start "$LAB_RUN/load" "$(vip)"
  wait_requests "$LAB_RUN/load" 5
  expect "$mode: SYNs without a state before the flood" "$(counter "syncookies sent")" 0
  capture_start "$LAB_RUN/answers.$mode" client eth0 -c 1000 src host "$LAB_VIP4" and dst net 198.18.0.0/15
  from=$(milliseconds)
  flood_start 8
  wait_until 5 "the daemon tells of the flood" log_has 'a flood of SYNs'
  wait_until 10 "most SYNs have no state" over "syncookies sent" 10000
  wait_until 5 "clients come in without" over "syncookies validated" 3
  wait_requests "$LAB_RUN/load" 50 "$from"
  flood_end
  load_stop "$LAB_RUN/load"
  transfer_end "$LAB_RUN/long"
  expect "$mode: failed requests of $(load_count "$LAB_RUN/load") beside $(cat "$LAB_RUN/sent") SYNs" "$(load_failures "$LAB_RUN/load")" 0
  expect "$mode: floods" "$(counter "synfloods detected")" 1
  capture_stop "$LAB_RUN/answers.$mode"
  expect "$mode: answers to those who sent nothing" "$(packets "$LAB_RUN/answers.$mode")" 1000
  expect "$mode: wrong checksums among them" "$(bad_checksums "$LAB_RUN/answers.$mode")" 0
  wait_until 30 "the daemon tells of its end" log_has 'the flood of SYNs is over: [0-9]{5,} went on without a state, [0-9]+ of them'
  end
  : >"$LOG"
done

step "more connections than there are states go on by hash"
conf tc "states limit 64" "states when full hash"
start
pids=()
for n in $(seq 60); do
  "${ENTER[@]}" client curl -s -m 60 -o "$LAB_RUN/got.$n" "$(vip '' "/1m?rate=250k")" &
  pids+=($!)
done
wait_until 10 "some have no state" over stateless 500
wait_until 5 "the daemon says that the table is full" log_has 'the state table is full: new flows go on by hash'
for n in $(seq 60); do
  wait "${pids[n - 1]}"
  expect "curl's exit status of transfer $n" $? 0
  expect "the digest of transfer $n" "$(sha256sum <"$LAB_RUN/got.$n")" "$(sha256sum <"$LAB_RUN/www/1m")"
done
expect "dropped for want of room" "$(counter memory)" 0
end

for when in evict refuse; do
  conf tc "states limit 512" "states when full $when"
  start
  flood_start 4
  wait_until 5 "the flood is there" over inserts 200
  failed=0
  for _ in $(seq 20); do client curl -s -m 0.3 -o /dev/null "$(vip)" || failed=$((failed + 1)); done
  flood_end
  step "without a guard, states when full $when: $failed of 20 requests fail"
  end
done
