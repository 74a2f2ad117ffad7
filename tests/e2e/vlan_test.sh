#!/bin/bash
# Frames with a VLAN's tag, where the director has no interface of that VLAN: translated as others are. The tag stays on the
# link that it came by, and is gone where routing chooses another; a tag within a tag is nobody's. This kernel has no VLAN
# interfaces, so frames are made and read as they are on the wire.
. "$(dirname "$0")/lib.sh"
lab_up
"$HCLAB" xdp-ready -p $LAB || fail "hclab xdp-ready"
on client ip address add 192.0.2.3/24 dev eth0 # a host on the client's own link
ROUTER=$(on director ip -o link show dev "$LAB_TRUNK" | sed -nE 's#.*link/ether ([0-9a-f:]+).*#\1#p')

# frame TAGS FROM:PORT TO:PORT FLAGS: a TCP segment with those VLANs in its tags, from the client's link to the director
frame() {
  client python3 - "$@" "$ROUTER" <<'PY'
import socket, struct, sys
tags, source, target, flags = sys.argv[1:5]
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("eth0", 0))
def split(end): host, port = end.rsplit(":", 1); return socket.inet_aton(host), int(port)
def folded(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
(src, sport), (dst, dport) = split(source), split(target)
flags = {"S": 2, "SA": 18, "A": 16}[flags]
def tcp(check): return struct.pack("!HHIIBBHHH", sport, dport, 1, 2 if flags & 16 else 0, 0x50, flags, 65535, check, 0)
def ip(check): return struct.pack("!BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, check) + src + dst
segment = tcp(folded(src + dst + struct.pack("!HH", 6, 20) + tcp(0)))
ether = bytes.fromhex(sys.argv[5].replace(":", "")) + raw.getsockname()[4]
for tag in tags.split(): ether += struct.pack("!HH", 0x8100, int(tag))
raw.send(ether + b"\x08\x00" + ip(folded(ip(0))) + segment + bytes(6))
PY
}
arrives() { [ "$(packets "$@")" -gt 0 ]; }
passed() { pf -s info | awk '$1 == "passed" { print $2 }'; }
more_passed() { [ "$(passed)" -gt "$1" ]; }

for mode in tc xdp; do
  cat >"$CONF" <<CONF
interval 1
timeout 500
fastpath $mode
table near {
    real port 8080
    check icmp
    host 192.0.2.3
}
table far {
    real port 8080
    check icmp
    host $LAB_SRV1_4
}
service near {
    virtual host $LAB_VIP4 port 81
    table near
}
service far {
    virtual host $LAB_VIP4 port 82
    table far
}
CONF
  hcd_start
  wait_status table near "active (1 hosts up)"
  wait_status table far "active (1 hosts up)"
  ours=$LAB_RUN/client.$mode theirs=$LAB_RUN/server.$mode
  capture_start "$ours" client eth0
  capture_start "$theirs" srv1 eth0

  step "$mode: on one link the tag is kept, both ways"
  frame 7 "$LAB_CLIENT4:4001" "$LAB_VIP4:81" S
  wait_until 5 "the frame goes to the host, tagged" arrives "$ours" vlan 7 and "dst host 192.0.2.3 and tcp dst port 8080 and src host $LAB_CLIENT4"
  frame 7 192.0.2.3:8080 "$LAB_CLIENT4:4001" SA
  wait_until 5 "the answer goes to the client, tagged" arrives "$ours" vlan 7 and "src host $LAB_VIP4 and tcp src port 81 and dst host $LAB_CLIENT4"

  step "$mode: by another link it leaves without"
  frame 7 "$LAB_CLIENT4:4002" "$LAB_VIP4:82" S
  wait_until 5 "the frame goes to the host" arrives "$theirs" "dst host $LAB_SRV1_4 and tcp dst port 8080 and src host $LAB_CLIENT4"
  expect "tagged frames at the server" "$(packets "$theirs" vlan)" 0

  step "$mode: a tag within a tag passes, counted"
  before=$(passed)
  frame "7 8" "$LAB_CLIENT4:4003" "$LAB_VIP4:82" S
  wait_until 5 "it is counted" more_passed "$before"
  frame 7 "$LAB_CLIENT4:4004" "$LAB_VIP4:82" S
  wait_until 5 "the frame behind it arrives" arrives "$theirs" "tcp src port 4004"
  expect "frames at the server that were in two VLANs" "$(packets "$theirs" "tcp src port 4003")" 0
  capture_stop "$ours"
  capture_stop "$theirs"
  expect "wrong checksums at the client" "$(bad_checksums "$ours")" 0
  expect "wrong checksums at the server" "$(bad_checksums "$theirs")" 0
  hcd_stop
  hcd_unload
done
