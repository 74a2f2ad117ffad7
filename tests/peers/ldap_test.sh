#!/bin/bash
# OpenLDAP's slapd: plain, with StartTLS and over TLS; one that lets nobody bind anonymously, one without TLS, hanging, gone.
. "$(dirname "$0")/lib.sh"
need slapd
peer_up
check plain 389 ldap
check starttls 389 ldap starttls
check tls 636 ldap tls
check named 389 "ldap starttls ca \"$CERT\" name www.example"
check misnamed 636 "ldap tls ca \"$CERT\""
mkdir "$PEER/db"
slapd_start() { # slapd_start URLS; further lines of configuration from the standard input
  {
    echo 'include /etc/ldap/schema/core.schema'
    echo "pidfile $PEER/pid"
    cat
    echo 'moduleload back_mdb'
    printf 'database mdb\nsuffix "dc=example"\ndirectory %s/db\n' "$PEER"
  } >"$PEER/slapd.conf"
  "${ENTER[@]}" srv1 slapd -d 0 -f "$PEER/slapd.conf" -h "$1" >>"$PEER/log" 2>&1 &
  SLAPD=$!
  wait_until 20 "slapd listens" listens
}
listens() { peer sh -c "ss -Hltn 'sport = :389'" | grep -q .; }
slapd_stop() {
  kill "$SLAPD"
  wait_until 20 "slapd ends" process_gone "$SLAPD"
}
both="ldap://$LAB_SRV1_4 ldaps://$LAB_SRV1_4"
secure() { printf 'TLSCertificateFile %s\nTLSCertificateKeyFile %s\nTLSCACertificateFile %s\n' "$CERT" "$KEY" "$CERT"; }
slapd_start "$both" < <(secure)
hcd_start

step "up, each in its way"
up plain starttls tls named
down misnamed "tls connect error \\(certificate is not for $LAB_SRV1_4\\)"
log_has "host $LAB_SRV1_4, check ldap use tls \([0-9]+ms,ldap ok\), state unknown -> up" || fail "no such line"

step "nobody may bind anonymously"
slapd_stop
down plain 'tcp connect failed \(ECONNREFUSED\)'
slapd_start "$both" < <(secure; echo 'disallow bind_anon')
down plain 'ldap failed \(48 anonymous bind disallowed\)'
down starttls 'ldap failed \(48 anonymous bind disallowed\)'
down tls 'ldap failed \(48 anonymous bind disallowed\)'

step "it has no TLS"
slapd_stop
slapd_start "ldap://$LAB_SRV1_4" </dev/null
up plain
down starttls 'ldap failed \(2 unsupported extended operation\)'
down tls 'tcp connect failed \(ECONNREFUSED\)'

step "it hangs"
slapd_stop
slapd_start "$both" < <(secure)
up plain starttls tls
freeze "$SLAPD"
down plain 'tcp read timeout'
down tls 'tls connect timeout'
thaw "$SLAPD"
up plain starttls tls
hcd_stop
