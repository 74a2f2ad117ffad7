#!/bin/bash
# Postfix: plain, with STARTTLS and over TLS; one that turns clients or their EHLO away, one without TLS, hanging, gone.
PATH=$PATH:/usr/sbin
. "$(dirname "$0")/lib.sh"
need postfix
peer_up
check plain 25 smtp mx.example.org
check starttls 25 smtp starttls
check tls 465 smtp tls
check named 25 "smtp starttls ca \"$CERT\" name www.example"
check misnamed 25 "smtp starttls ca \"$CERT\" name mail.example"
install -d "$PEER/etc" "$PEER/queue"
install -d -o postfix "$PEER/data"
touch "$PEER/etc/aliases"
cat >"$PEER/etc/master.cf" <<CONF
smtp      inet  n - n - - smtpd
smtps     inet  n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_client_restrictions= -o smtpd_helo_restrictions=
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
cleanup   unix  n - n - 0 cleanup
anvil     unix  - - n - 1 anvil
CONF
listens() { peer sh -c "ss -Hltn 'sport = :465'" | grep -q .; }
smtp_start() { # smtp_start [LINE...]: of the configuration, besides
  cat >"$PEER/etc/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $PEER/queue
data_directory = $PEER/data
myhostname = mail.example.org
inet_interfaces = $LAB_SRV1_4
inet_protocols = ipv4
local_recipient_maps =
alias_maps =
smtpd_peername_lookup = no
smtpd_delay_reject = no
smtpd_tls_cert_file = $CERT
smtpd_tls_key_file = $KEY
$(printf '%s\n' "$@")
CONF
  peer postfix -c "$PEER/etc" check >>"$PEER/log" 2>&1 || fail "postfix check: $(tail -n 3 "$PEER/log")"
  "${ENTER[@]}" srv1 /usr/lib/postfix/sbin/master -c "$PEER/etc" -d >>"$PEER/log" 2>&1 &
  SMTPD=$!
  wait_until 20 "postfix listens: $(tail -n 3 "$PEER/log")" listens
}
smtp_stop() {
  kill "$SMTPD"
  wait_until 20 "postfix ends" process_gone "$SMTPD"
}
smtp_start 'smtpd_tls_security_level = may'
hcd_start

step "up, each in its way"
up plain starttls tls named
down misnamed 'tls connect error \(certificate is not for mail.example\)'
log_has "host $LAB_SRV1_4, check smtp use tls \([0-9]+ms,smtp ok\), state unknown -> up" || fail "no such line"

step "it turns clients away"
smtp_stop
down plain 'tcp connect failed \(ECONNREFUSED\)'
smtp_start 'smtpd_tls_security_level = may' 'smtpd_client_restrictions = reject'
down plain 'smtp failed \(554 5.7.1 .*Client host rejected: Access denied\)'
down starttls 'smtp failed \(554 5.7.1 .*Client host rejected: Access denied\)'
up tls

step "it does not offer TLS"
smtp_stop
smtp_start 'smtpd_tls_security_level = none'
up plain
down starttls 'smtp failed \(no STARTTLS\)'

step "it turns EHLO away"
smtp_stop
smtp_start 'smtpd_tls_security_level = may' 'smtpd_helo_restrictions = reject'
down plain 'smtp failed \(554 5.7.1 <mx.example.org>: Helo command rejected: Access denied\)'

step "it hangs"
smtp_stop
smtp_start 'smtpd_tls_security_level = may'
up plain starttls tls
mapfile -t all < <(ip netns pids "$LAB_SRV1")
freeze "${all[@]}"
down plain 'tcp read timeout'
down tls 'tls connect timeout'
thaw "${all[@]}"
up plain starttls tls
hcd_stop
