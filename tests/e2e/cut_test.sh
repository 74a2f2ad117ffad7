#!/bin/bash
# Sessions that end before their time: of a host that goes down where the service says `on down reset`, of what an operator
# disables with `cut`; and that those of everybody else go on, a drained host's and a disabled one's too.
. "$(dirname "$0")/lib.sh"
lab_up
example_conf 'sticky-address' 'on down reset'
hcd_start
wait_status table webhosts "active (2 hosts up)"

# slow_start FILE: a transfer of a minute, which has begun
slow_start() { transfer_start "$1" "$(vip "$LAB_VIP4" /1m)" 20k; }
# ends_with FILE STATUS: it ends within seconds, and so
ends_with() {
  wait_until 10 "curl of $(basename "$1") ends" process_gone "$(cat "$1.pid")"
  wait "$(cat "$1.pid")"
  local status=$?
  expect "curl's exit status of $(basename "$1")" $status "$2"
}
goes_on() { kill -0 "$(cat "$1.pid")" 2>/dev/null || fail "$2"; }
serving() { get "$(vip)" | grep -oE 'srv[12]'; }

step "a drained host and a disabled one keep their connections"
first=$(serving)
eval "address=\$LAB_${first^^}_4"
slow_start "$LAB_RUN/one"
ctl host drain "$address" >/dev/null || fail drain
ctl host disable "$address" >/dev/null || fail disable
ctl host enable "$address" >/dev/null && ctl host undrain "$address" >/dev/null || fail undrain
wait_status table webhosts "active (2 hosts up)"
goes_on "$LAB_RUN/one" "the transfer was broken"

step "one that goes down has its clients reset, and they begin anew elsewhere"
server sick "${first#srv}"
wait_status table webhosts "active (1 hosts up)"
ends_with "$LAB_RUN/one" 56
expect_match "the log" "$(cat "$LOG")" 'on down reset: [1-9][0-9]* sessions? cut$'
second=$(serving)
expect "who answers now" "$([ "$second" != "$first" ] && echo another)" another
server well "${first#srv}"
wait_status table webhosts "active (2 hosts up)"

step "disabled with cut: clients are reset, and the log says how many"
eval "address=\$LAB_${second^^}_4"
slow_start "$LAB_RUN/two"
ctl host disable "$address" cut >/dev/null || fail "host disable cut"
ends_with "$LAB_RUN/two" 56
expect_match "the log" "$(grep -E 'admin: host .*cut' "$LOG")" 'admin: host .*: [1-9][0-9]* sessions? cut$'
expect_match "what the packet path counted" "$(pf -s info -v)" 'reset +[1-9]'

step "a second time, where it was kept first"
ctl host enable "$address" >/dev/null
wait_status table webhosts "active (2 hosts up)"
ctl host disable "$([ "$second" = srv1 ] && echo "$LAB_SRV2_4" || echo "$LAB_SRV1_4")" >/dev/null
slow_start "$LAB_RUN/three"
ctl host disable "$address" >/dev/null
goes_on "$LAB_RUN/three" "keep did not keep"
ctl host disable "$address" cut >/dev/null
ends_with "$LAB_RUN/three" 56

step "a service's sessions end with it"
ctl host enable "$LAB_SRV1_4" >/dev/null
ctl host enable "$LAB_SRV2_4" >/dev/null
wait_status table webhosts "active (2 hosts up)"
slow_start "$LAB_RUN/four"
ctl service disable www cut >/dev/null || fail "service disable www cut"
ends_with "$LAB_RUN/four" 56
hcd_stop
