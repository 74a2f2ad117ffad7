#!/bin/bash
# Fragments arrive at the host, and its answers' at the client, in whatever order they come: datagrams of UDP far larger than
# the links, sent piece by piece in order, reversed and shuffled, in both families. The host answers with what it got, in
# fragments of its kernel's own; each end's kernel puts together what it gets, and would not take a wrong checksum.
. "$(dirname "$0")/lib.sh"
lab_up

# What is sent to port 5353 comes back reversed.
answer_back() {
  "${ENTER[@]}" srv1 python3 - 2>/dev/null <<'PY' &
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", 5353))
while True:
    data, who = s.recvfrom(65535)
    s.sendto(data[::-1], who)
PY
}

cat >"$LAB_RUN/pf.conf" <<CONF
table <names4> persist { $LAB_SRV1_4 }
table <names6> persist { $LAB_SRV1_6 }
pass in quick on $LAB_TRUNK inet proto udp from any to $LAB_VIP4 port 53 rdr-to <names4> port 5353
pass in quick on $LAB_TRUNK inet6 proto udp from any to $LAB_VIP6 port 53 rdr-to <names6> port 5353
CONF

# ask ADDRESS BYTES ORDER: a datagram in fragments of our own making; succeeds when the answer is right
ask() {
  client python3 - "$1" "$2" "$3" "$LAB_CLIENT4" "$LAB_CLIENT6" <<'PY'
import random, socket, struct, sys
vip, size, order = sys.argv[1], int(sys.argv[2]), sys.argv[3]
six = ":" in vip
me = sys.argv[5 if six else 4]
family = socket.AF_INET6 if six else socket.AF_INET
answers = socket.socket(family, socket.SOCK_DGRAM)
answers.bind((me, 0))
answers.settimeout(5)
port = answers.getsockname()[1]
random.seed(size)
body = bytes(random.randrange(256) for _ in range(size))
ends = socket.inet_pton(family, me) + socket.inet_pton(family, vip)

def folded(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return total
def udp():
    head = struct.pack("!HHHH", port, 53, 8 + size, 0)
    pseudo = ends + (struct.pack("!II", 8 + size, 17) if six else struct.pack("!HH", 17, 8 + size))
    check = ~folded(pseudo + head + body) & 0xffff
    return head[:6] + struct.pack("!H", check or 0xffff) + body

whole, most, pieces, ident = udp(), 1440, [], random.SystemRandom().randrange(1, 1 << 16)
for at in range(0, len(whole), most):
    part, more = whole[at:at + most], at + most < len(whole)
    if six:
        pieces.append(struct.pack("!IHBB", 0x60000000, 8 + len(part), 44, 64) + ends
                      + struct.pack("!BBHI", 17, 0, at | more, ident) + part)
    else:
        pieces.append(struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(part), ident, (0x2000 if more else 0) | at // 8, 64, 17, 0)
                      + ends + part)
if order == "reversed": pieces.reverse()
if order == "shuffled": random.shuffle(pieces)
raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
for piece in pieces: raw.sendto(piece, (vip, 0, 0, 0) if six else (vip, 0))
data, who = answers.recvfrom(65535)
sys.exit(not (data == body[::-1] and who[:2] == (vip, 53)))
PY
}
counted() { pf -s info | awk -v name="$1" '$1 == name { print $2 }'; }

answer_back
pf -a names -f "$LAB_RUN/pf.conf" >"$LOG" 2>&1 || fail "hcpfctl -f: $(cat "$LOG")"
pf -e >>"$LOG" 2>&1 || fail "hcpfctl -e: $(cat "$LOG")"
step "the host answers"
hears() { ask "$LAB_VIP4" 100 "in order"; }
wait_until 10 "an answer" hears
capture_start "$LAB_RUN/client.pcap" client eth0 udp or ip6
for address in "$LAB_VIP4" "$LAB_VIP6"; do
  for order in "in order" reversed shuffled; do
    for size in 4000 30000; do
      step "$size bytes to $address, $order"
      before=$(counted stashed)
      ask "$address" $size "$order" || fail "no answer, or a wrong one: $(pf -s info)"
      case $order in
        "in order") expect "fragments that waited for their first" "$(counted stashed)" "$before" ;;
        reversed) [ "$(counted stashed)" -gt "$before" ] || fail "none had to wait for its first" ;;
      esac
    done
  done
done
capture_stop "$LAB_RUN/client.pcap"
strangers=$(packets "$LAB_RUN/client.pcap" "host $LAB_SRV1_4 or host $LAB_SRV1_6")
expect "packets at the client that show the host's own address" "$strangers" 0
expect "fragments for which there was no room" "$(counted fragment-limit)" 0
