#!/bin/bash
# What a check asks of a server's certificate, against openssl's server: good, expired, of another name, self-signed, of
# an unknown CA, and the protocol and the name by which it is asked. Each failure says what is wrong.
. "$(dirname "$0")/tls_lib.sh"
pki_up
echo "what is served" >"$DIR/www/file"
says() { ctl show hosts | grep -A 3 "	t$1 " | grep -qF "error: $2"; } # says TABLE WORDS

authority ca
authority another
issue good ca www.example.org
issue other ca other.example.org
issue expired ca www.example.org 20200101000000Z 20200201000000Z
issue unknown another www.example.org
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=self" \
  -addext "subjectAltName=DNS:www.example.org" -keyout "$DIR/self.key" -out "$DIR/self.pem" 2>/dev/null
cat "$DIR/another.pem" "$DIR/ca.pem" >"$DIR/both.pem"
serve 4431 good -alpn h2,http/1.1
serve 4432 expired
serve 4433 other -servername www.example.org -cert2 "$DIR/good.pem" -key2 "$DIR/good.key"
serve 4434 unknown
serve 4435 self
serve 4436 good -www
serve 4437 good -WWW

ca="ca \"$DIR/ca.pem\""
{
  printf 'interval 1\ntimeout 900\nlog all\n'
  table 4431 "tls verify $ca name www.example.org"
  table 4431 "tls $ca sni www.example.org alpn h2"
  table 4433 "tls $ca sni www.example.org" # by its name the server picks this certificate
  table 4433 "tls $ca name other.example.org"
  table 4434 "tls ca \"$DIR/both.pem\" name www.example.org"
  table 4435 "tls ca \"$DIR/self.pem\" name www.example.org"
  table 4436 "https \"/\" method GET host \"www.example.org\" code 200 verify $ca"
  hello='send "GET / HTTP/1.0\r\n\r\n" expect "HTTP/1.0 200*" tls'
  digest="https \"/file\" digest \"$(sha256sum "$DIR/www/file" | cut -d ' ' -f 1)\""
  table 4436 "$hello $ca name www.example.org"
  table 4437 "$digest $ca name www.example.org"
  table 4432 tls # does not ask
  table 4435 "tls alpn http/1.1 sni any.example.org" # such a server ignores what it does not know
} >"$CONF"
passing=$((number - 1))
{
  table 4432 "tls $ca name www.example.org"
  table 4433 "tls $ca name www.example.org"
  table 4434 "tls $ca name www.example.org"
  table 4435 "tls $ca name www.example.org"
  table 4431 "tls $ca"
  table 4431 "tls alpn imap"
  table 4432 "https \"/\" host \"www.example.org\" code 200 verify $ca"
  table 4436 "$hello $ca name www.example.com"
  table 4437 "$digest verify ca \"$DIR/another.pem\" name www.example.org"
  table 4432 "redis tls $ca name www.example.org"
  table 4433 "ldap tls $ca name www.example.org"
} >>"$CONF"
hcd_start

step "what passes"
for n in $(seq $passing); do wait_status table "t$n" "active (1 hosts up)" 10; done

step "what does not, and why"
down() { wait_until 10 "table $1 says: $2; it says $(ctl show hosts | grep -A 3 "	t$1 " | tail -n 1)" says "$1" "$2"; }
down $((passing + 1)) "tls connect error (ALPN: the server does not agree to http/1.1)"
down $((passing + 2)) "tls connect error (certificate has expired)"
down $((passing + 3)) "tls connect error (certificate is not for www.example.org)"
down $((passing + 4)) "tls connect error (certificate is of an unknown CA)"
down $((passing + 5)) "tls connect error (certificate is self-signed)"
down $((passing + 6)) "tls connect error (certificate is not for $LAB_SRV1_4)"
down $((passing + 7)) "tls connect error ("
down $((passing + 8)) "tls connect error (certificate has expired)"
down $((passing + 9)) "tls connect error (certificate is not for www.example.com)"
down $((passing + 10)) "tls connect error (certificate is of an unknown CA)"
down $((passing + 11)) "tls connect error (certificate has expired)"
down $((passing + 12)) "tls connect error (certificate is not for www.example.org)"
for n in $(seq $passing); do expect "table t$n all the while" "$(status table "t$n")" "active (1 hosts up)"; done

step "a file of certificates that holds none is refused where it stands, and changes nothing"
echo nothing >"$DIR/nothing.pem"
sed "s|$DIR/ca.pem|$DIR/nothing.pem|" "$CONF" >"$CONF.bad"
"$BIN/hcd" -n -f "$CONF.bad" >"$LAB_RUN/said" 2>&1 && fail "it is taken"
expect_match "what is said of it" "$(cat "$LAB_RUN/said")" "hcd.conf.bad:6:25: file \"$DIR/nothing.pem\" holds no certificate"

step "what the file holds now counts after a reload, though its name is the same"
cp "$DIR/another.pem" "$DIR/ca.pem"
ctl reload >"$LAB_RUN/said" || fail "reload: $(cat "$LAB_RUN/said")"
expect_match "what has changed" "$(cat "$LAB_RUN/said")" "~ ca $DIR/ca.pem"
down 1 "tls connect error (certificate is of an unknown CA)"
wait_status table t$((passing + 4)) "active (1 hosts up)" 10

step "a check engine that is born again verifies by what was read, not by what the file has become"
rm "$DIR/ca.pem"
pid=$(child_pid hce)
kill -KILL "$pid"
wait_until 10 "hce is born again" reborn hce "$pid"
down 1 "tls connect error (certificate is of an unknown CA)"
wait_status table t$((passing + 4)) "active (1 hosts up)" 10
hcd_stop
