#!/bin/bash
# Path MTU discovery through the director: a link that is too narrow somewhere on the way, on the client's side and on the
# server's, in both families. Nobody's own link is narrow, so all rests on the ICMP error of a router there, which quotes
# a packet as the director translated it: untranslated it would mean nothing to the packet's sender, and the transfer would
# stand still after its handshake.
. "$(dirname "$0")/lib.sh"
lab_up --router
readonly INNER4=10.1.9.9 INNER6=2001:db8:9::9

# A server behind srv2, which is its router here. The lab knows the name, and takes it down with the rest.
inner_up() {
  local inner=$LAB-srv4
  ip netns add "$inner"
  ip link add inner netns "$LAB_SRV2" type veth peer name eth0 netns "$inner"
  on srv2 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  on srv4 sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv4.conf.all.rp_filter=0
  ip -n "$LAB_SRV2" -batch - <<BATCH
link set inner up
address add 10.1.9.1/24 dev inner
address add 2001:db8:9::1/64 dev inner nodad
BATCH
  ip -n "$inner" -batch - <<BATCH
link set lo up
link set eth0 up
address add $INNER4/24 dev eth0
address add $INNER6/64 dev eth0 nodad
route add default via 10.1.9.1
route add default via 2001:db8:9::1
BATCH
  ip -n "$LAB_DIRECTOR" -batch - <<BATCH
route add 10.1.9.0/24 via $LAB_SRV2_4 dev srv2
route add 2001:db8:9::/64 via $LAB_SRV2_6 dev srv2
BATCH
}

# Answers /health, sends a megabyte, and takes what it is sent and answers with its digest.
serve() {
  "${ENTER[@]}" srv4 python3 - "$LAB_RUN/www/1m" 2>/dev/null <<'PY' &
import hashlib, http.server, socket, sys
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(open(sys.argv[1], "rb").read() if self.path == "/1m" else b"inner\n")
    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(hashlib.sha256(body).hexdigest().encode())
    def log_message(self, *args): pass
Server(("::", 80), Handler).serve_forever()
PY
}

inner_up
serve
for mode in tc xdp; do
  [ $mode = tc ] || "$HCLAB" xdp-ready -p $LAB || fail "hclab xdp-ready"
  cat >"$CONF" <<CONF
interval 1
timeout 500
fastpath $mode
table web {
    real port http
    check tcp
    host $INNER4
    host $INNER6
}
service www {
    virtual host $LAB_VIP4 port http interface $LAB_TRUNK
    virtual host $LAB_VIP6 port http interface $LAB_TRUNK
    table web
}
CONF
  hcd_start
  wait_status table web "active (2 hosts up)"
  counted() { pf -s info | awk -v name="$1" '$1 == name { print $2 }'; }
  translated() { counted icmp-error; }
  # narrow NODE INTERFACE MTU TO...: the link's MTU is what it was; only what is sent towards TO must be small
  narrow() {
    local node=$1 interface=$2 mtu=$3 to
    for to in "${@:4}"; do on "$node" ip route replace "$to" dev "$interface" mtu lock "$mtu" || fail "ip route"; done
  }
  forget() { for node in client srv4; do on $node ip route flush cache; on $node ip -6 route flush cache; done; }

  for address in "$LAB_VIP4" "[$LAB_VIP6]"; do
    step "$mode: a download from $address, narrow on the client's side"
    forget
    narrow router client 1300 $LAB_CLIENT4 $LAB_CLIENT6
    before=$(translated)
    client curl -sS -m 20 -o "$LAB_RUN/got" "$(vip "$address" /1m)"
    expect "curl's exit status" $? 0
    expect "the digest" "$(sha256sum <"$LAB_RUN/got")" "$(sha256sum <"$LAB_RUN/www/1m")"
    [ "$(translated)" -gt "$before" ] || fail "no ICMP error was translated: $before before, $(translated) now"
    on router ip route del $LAB_CLIENT4 dev client
    on router ip -6 route del $LAB_CLIENT6 dev client

    step "$mode: an upload to $address, narrow on the server's side"
    forget
    narrow srv2 inner 1300 $INNER4 $INNER6
    before=$(translated)
    got=$(client curl -sS -m 20 -T "$LAB_RUN/www/1m" "$(vip "$address" /up)")
    expect "curl's exit status" $? 0
    expect "the digest" "$got" "$(sha256sum <"$LAB_RUN/www/1m" | cut -d ' ' -f 1)"
    [ "$(translated)" -gt "$before" ] || fail "no ICMP error was translated: $before before, $(translated) now"
    on srv2 ip route del $INNER4 dev inner
    on srv2 ip -6 route del $INNER6 dev inner
  done

  # narrow_here TO: what the director itself sends towards TO must be small
  narrow_here() {
    local way
    way=$(on director ip -o route get "$1" | grep -oE '(via [^ ]+ )?dev [^ ]+')
    # shellcheck disable=SC2086
    on director ip route replace "$1" $way mtu lock 1300 || fail "ip route"
  }
  for address in "$LAB_VIP4 $LAB_CLIENT4 $INNER4" "[$LAB_VIP6] $LAB_CLIENT6 $INNER6"; do
    read -r vip client inner <<<"$address"
    step "$mode: down and up by $vip, narrow on both sides of the director, which says so itself"
    forget
    narrow_here "$client"
    narrow_here "$inner"
    before=$(counted error-sent)
    client curl -sS -m 20 -o "$LAB_RUN/got" "$(vip "$vip" /1m)"
    expect "the digest" "$(sha256sum <"$LAB_RUN/got")" "$(sha256sum <"$LAB_RUN/www/1m")"
    forget # else the server's own, smaller MSS is all that it takes
    between=$(counted error-sent)
    got=$(client curl -sS -m 20 -T "$LAB_RUN/www/1m" "$(vip "$vip" /up)")
    expect "the digest" "$got" "$(sha256sum <"$LAB_RUN/www/1m" | cut -d ' ' -f 1)"
    [ "$before" -lt "$between" ] || fail "the server was not told: $before errors before, $between then"
    [ "$between" -lt "$(counted error-sent)" ] || fail "the client was not told: $between errors, as before"
    on director ip route del "$client"
    on director ip route del "$inner"
  done

  step "$mode: a client whose packet's time is exceeded hears of it"
  for address in "$LAB_VIP4" "$LAB_VIP6"; do
    client python3 - "$address" <<'PY' || fail "no time exceeded for $address"
import errno, socket, sys
six = ":" in sys.argv[1]
s = socket.socket(socket.AF_INET6 if six else socket.AF_INET)
s.settimeout(5)
# one hop for the router, and none for the director
s.setsockopt(*((socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS) if six else (socket.IPPROTO_IP, socket.IP_TTL)), 2)
s.setsockopt(*((socket.IPPROTO_IPV6, 25) if six else (socket.IPPROTO_IP, 11)), 1)  # RECVERR
try:
    s.connect((sys.argv[1], 80))
except OSError as error:
    sys.exit(error.errno != errno.EHOSTUNREACH)
sys.exit(1)
PY
  done
  hcd_stop
  hcd_unload
done
