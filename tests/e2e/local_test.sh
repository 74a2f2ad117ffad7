#!/bin/bash
# The talk's sorry server is the director itself, on its loopback address: its answers bear the public address, through
# tc and where XDP runs in front of it, over IPv4 and IPv6.
. "$(dirname "$0")/lib.sh"
lab_up
mkdir "$LAB_RUN/sorry"
echo sorry >"$LAB_RUN/sorry/index.html"
cp "$LAB_RUN/www/1m" "$LAB_RUN/sorry/1m"
"${ENTER[@]}" director python3 -m http.server -b 127.0.0.1 -d "$LAB_RUN/sorry" 8081 >/dev/null 2>&1 &
"${ENTER[@]}" director python3 -m http.server -b ::1 -d "$LAB_RUN/sorry" 8081 >/dev/null 2>&1 &

for mode in tc xdp; do
  TABLES='table sorry_server {
    real port 8081
    check http "/" code 200
    host 127.0.0.1
    host ::1
}' FASTPATH=$mode example_conf "backup table sorry_server" "virtual host $LAB_VIP6 port http"
  sed -i "s/    host \$webhost2/&\n    host $LAB_SRV1_6/" "$CONF"
  hcd_start
  wait_status table webhosts "active (3 hosts up)"
  wait_status table sorry_server "active (2 hosts up)"

  step "$mode: the sorry server takes over"
  ctl table disable webhosts >/dev/null || fail "table disable"
  wait_status service www "active (using backup table)"
  expect "who answers" "$(answers 5 "$(vip)" | sort -u)" sorry
  expect "who answers over IPv6" "$(answers 5 "$(vip "[$LAB_VIP6]")" | sort -u)" sorry
  client curl -sS -m 20 -o "$LAB_RUN/got" "$(vip '' /1m)" || fail "a transfer from the sorry server"
  expect "its digest" "$(sha256sum <"$LAB_RUN/got")" "$(sha256sum <"$LAB_RUN/www/1m")"
  [ "$(pf -s info | awk '$1 == "delivered" { print $2 }')" -gt 20 ] || fail "no packet was delivered"

  step "$mode: and hands back"
  ctl table enable webhosts >/dev/null || fail "table enable"
  wait_status service www active
  expect_match "who answers" "$(answers 20 "$(vip)" | sort -u | tr '\n' ' ')" "^srv1 srv2 $"
  hcd_stop
  hcd_unload
done
