#!/bin/bash
# A service of UDP: three DNS servers behind one address, over IPv4 and IPv6, and over TCP beside it.
. "$(dirname "$0")/lib.sh"
lab_up
dns_start() { # dns_start N: answers who.test with 10.9.9.N
  local four="LAB_SRV$1_4" six="LAB_SRV$1_6"
  "${ENTER[@]}" "srv$1" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --pid-file= \
    --bind-interfaces --listen-address="${!four}" --listen-address="${!six}" --host-record="who.test,10.9.9.$1" \
    >"$LAB_RUN/dns$1.log" 2>&1 &
  eval "DNS$1=$!"
}
ask() { client python3 tests/e2e/dns_ask.py "$@"; }
asked() { ask "$@" >/dev/null 2>&1; }
counts() { sort | uniq -c | awk '{ printf "%s%s x %d", (NR > 1 ? ", " : ""), $2, $1 }'; }
for n in 1 2 3; do dns_start $n; done

{
  printf 'interval 1\ntimeout 500\ntable resolvers {\n    real port domain\n    check dns who.test\n'
  for n in 1 2 3; do
    four="LAB_SRV${n}_4" six="LAB_SRV${n}_6"
    printf '    host %s\n    host %s\n' "${!four}" "${!six}"
  done
  printf '}\nservice dns {\n    table resolvers\n'
  printf '    virtual host %s udp port domain interface %s\n' "$LAB_VIP4" "$LAB_TRUNK" "$LAB_VIP6" "$LAB_TRUNK"
  printf '    virtual host %s tcp port domain\n}\n' "$LAB_VIP4"
} >"$CONF"
hcd_start
wait_status table resolvers "active (6 hosts up)" 10

step "questions from new ports go to the servers in turn, and each is answered from the address that was asked"
for vip in "$LAB_VIP4" "$LAB_VIP6"; do
  got=$(ask "$vip" 30) || fail "no answer from $vip: $got"
  expect "the answers of $vip" "$(counts <<<"$got")" "10.9.9.1 x 10, 10.9.9.2 x 10, 10.9.9.3 x 10"
done
got=$(ask "$LAB_VIP4" 6 tcp) || fail "no answer over TCP: $got"
expect "the answers over TCP" "$(counts <<<"$got")" "10.9.9.1 x 2, 10.9.9.2 x 2, 10.9.9.3 x 2"

step "questions from one port stay with one server, and their state says so"
got=$(ask "$LAB_VIP4" 20 same) || fail "no answer: $got"
expect "the answers" "$(uniq -c <<<"$got" | wc -l) $(wc -l <<<"$got")" "1 20"
expect_match "the states" "$(pf -s states)" "^all udp $LAB_SRV1_4:53 \($LAB_VIP4:53\) <- .* SINGLE:MULTIPLE$"
expect_match "the states" "$(pf -s states)" "^all udp 10.1.1.10[0-2]:53 \($LAB_VIP4:53\) <- .* MULTIPLE:MULTIPLE$"
expect_match "the rule" "$(pf -a hcd/dns -s rules)" \
  "^pass in quick on $LAB_TRUNK inet6 proto udp from any to $LAB_VIP6 port = 53 label \"hcd:dns\" rdr-to <dns6> port 53 round-robin$"

step "a server that does not answer any more is asked no more"
kill "$DNS2"
wait_status table resolvers "active (4 hosts up)" 10
got=$(ask "$LAB_VIP4" 20) || fail "a question was not answered: $got"
expect "the answers" "$(counts <<<"$got")" "10.9.9.1 x 10, 10.9.9.3 x 10"

step "what is not served is not touched"
! asked "$LAB_VIP6" 1 tcp || fail "TCP is answered at $LAB_VIP6"
hcd_stop
