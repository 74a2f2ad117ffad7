#!/bin/bash
# What `make install` puts where, that it works there, and that `make uninstall` leaves nothing.
set -eu
cd "$(dirname "$0")/../.."
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
act() { DESTDIR=$root PREFIX=/usr tools/dist/install.sh "$1" hcd hcctl hctop hoststated:hcd hoststatectl:hcctl hclab:tools/hclab/hclab.sh; }

act install
[ -x "$root/usr/sbin/hcd" ] || fail "hcd is not in sbin"
[ -x "$root/usr/bin/hcctl" ] || fail "hcctl is not in bin"
[ -x "$root/usr/bin/hctop" ] || fail "hctop is not in bin"
[ -x "$root/usr/sbin/hclab" ] || fail "hclab is not in sbin"
[ "$(readlink "$root/usr/sbin/hoststated")" = hcd ] || fail "hoststated is no link to hcd"
[ "$(readlink "$root/usr/bin/hoststatectl")" = hcctl ] || fail "hoststatectl is no link to hcctl"
zcat "$root/usr/share/man/man8/hcd.8.gz" | grep -q '^\.Dt HCD 8' || fail "hcd's manual page is not there"
zcat "$root/usr/share/man/man1/hctop.1.gz" | grep -q '^\.Dt HCTOP 1' || fail "hctop's manual page is not there"
zcat "$root/usr/share/man/man8/hoststated.8.gz" | grep -q '^\.Dt HCD 8' || fail "hoststated's page does not lead to hcd's"
zcat "$root/usr/share/man/man5/hoststated.conf.5.gz" | grep -q '^\.Dt HCD.CONF 5' || fail "nor hoststated.conf's"
for shell in bash-completion/completions/hcctl bash-completion/completions/relayctl zsh/vendor-completions/_hcctl; do
  grep -q '^/host/drain' "$root/usr/share/$shell" || fail "what completes hcctl's words is not in $shell"
done

printf 'table t {\n host 192.0.2.1\n real port 80\n check tcp\n}\nservice s {\n virtual host 192.0.2.9 port 80\n table t\n}\n' >"$root/etc/hcd/hcd.conf"
said=$("$root/usr/sbin/hoststated" -n -f "$root/etc/hcd/hcd.conf" 2>&1)
[ "$said" = 'configuration OK' ] || fail "the installed program says: $said"

act install # over itself
act uninstall
left=$(find "$root/usr" ! -type d)
[ -z "$left" ] || fail "uninstall left $left"
[ -e "$root/etc/hcd/hcd.conf" ] || fail "uninstall took the configuration away"
