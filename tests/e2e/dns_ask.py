"""Asks a DNS server for the address of who.test, so many times, and prints an answer a line.

dns_ask.py SERVER COUNT [tcp] [same]: over UDP from a new socket for each question, or all from the same one.
A connected socket takes answers from the address that was asked alone. Exit status 1: no answer within 3 s."""
import socket
import struct
import sys


def question(number):
    name = b"".join(bytes([len(part)]) + part for part in (b"who", b"test"))
    return struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + name + b"\0" + struct.pack(">2H", 1, 1)


def address(answer, asked):
    number, flags, _, answers = struct.unpack(">4H", answer[:8])
    if number != struct.unpack(">H", asked[:2])[0] or flags & 0x800F != 0x8000 or answers != 1:
        sys.exit("no answer to the question: " + answer.hex())
    return socket.inet_ntoa(answer[-4:])


def ask(sock, asked, stream):
    if stream:
        asked = struct.pack(">H", len(asked)) + asked
    sock.sendall(asked)
    answer = sock.recv(4096)
    while stream and (len(answer) < 2 or len(answer) < 2 + struct.unpack(">H", answer[:2])[0]):
        answer += sock.recv(4096)
    skip = 2 if stream else 0
    return address(answer[skip:], asked[skip:])


def main(server, count, *words):
    stream = "tcp" in words
    sock = None
    for number in range(int(count)):
        if sock is None or "same" not in words:
            family = socket.AF_INET6 if ":" in server else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
            sock.settimeout(3)
            sock.connect((server, 53))
        try:
            print(ask(sock, question(number), stream), flush=True)
        except OSError as error:
            sys.exit(f"question {number}: {error}")


main(*sys.argv[1:])
