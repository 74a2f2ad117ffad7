#!/usr/bin/env python3
"""A server of bad manners, for tests: hostile_server.py ADDRESS PORT=MANNER[:PROTOCOL]...

PROTOCOL is what a polite server of that port would speak, by default http. It prints "ready" when all ports listen, and
ends with its input.
"""
import os
import socket
import struct
import sys
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\nServer: hostile\r\nContent-Length: 6\r\n\r\n"
BODY = b"hello\n"


def mysql_packet(sequence, payload):
    return struct.pack("<I", len(payload))[:3] + bytes([sequence]) + payload


MYSQL_GREETING = mysql_packet(0, b"\x0a5.5.5-hostile\0\7\0\0\0scramble\0\xfe\xff\x2d\2\0\xff\x81\x15" + bytes(6) +
                              b"\x1d\0\0\0moresecrets1\0mysql_native_password\0")


def postgres_message(kind, body):
    return kind + struct.pack(">I", len(body) + 4) + body


def ldap_answer(number, operation):
    return b"\x30\x0c\2\1" + bytes([number, operation]) + b"\7\x0a\1\0\4\0\4\0"


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def fields(*pairs):
    return b"".join(b"\0" + bytes([len(word)]) + word if i % 2 == 0 else bytes([len(word)]) + word
                    for i, word in enumerate(pairs))


GRPC = (frame(4, 0, 0, b"") + frame(1, 4, 1, fields(b":status", b"200", b"content-type", b"application/grpc")) +
        frame(0, 0, 1, b"\0\0\0\0\2\x08\1") + frame(1, 5, 1, fields(b"grpc-status", b"0")))


def dns_answer(query):
    """The query's id and question, and one A record for its name."""
    message = query[2:] if query[:2] == struct.pack(">H", len(query) - 2) else query
    answer = (message[:2] + b"\x84\0\0\1\0\1\0\0\0\0" + message[12:] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" +
              bytes([192, 0, 2, 80]))
    return answer if message is query else struct.pack(">H", len(answer)) + answer


# What a polite server says unasked, then to each thing that it hears; and what has no end.
PROTOCOLS = {
    "http": ([b"", HEAD + BODY], b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 4000 + b"\r\n"),
    "banner": ([HEAD + BODY], b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 4000 + b"\r\n"),
    "redis": ([b"", b"+PONG\r\n"], b"+", b"P" * 4000),
    "smtp": ([b"220 hostile\r\n", b"250 hostile\r\n"], b"", b"220-more\r\n"),
    "smtp-tls": ([b"220 hostile\r\n", b"250-hostile\r\n250 STARTTLS\r\n", b"220 go\r\n"], b"", b"220-more\r\n"),
    "mysql": ([MYSQL_GREETING, mysql_packet(2, b"\0\0\0\2\0\0\0")], b"\xff\xff\xff\0", b"x" * 4000),
    "mysql-tls": ([MYSQL_GREETING, b""], b"\xff\xff\xff\0", b"x" * 4000),
    "postgres": ([b"", postgres_message(b"R", bytes(4)) + postgres_message(b"Z", b"I")], postgres_message(b"R", bytes(4)),
                 postgres_message(b"S", b"name\0" + b"x" * 1000 + b"\0")),
    "postgres-tls": ([b"", b"S"], b"", b"x" * 4000),
    "ldap": ([b"", ldap_answer(1, 0x61)], b"\x30\x84\x7f\xff\xff\xff", b"x" * 4000),
    "ldap-tls": ([b"", ldap_answer(2, 0x78)], b"\x30\x84\x7f\xff\xff\xff", b"x" * 4000),
    "dns": ([b"", dns_answer], b"\xff\xff", b"x" * 4000),
    "grpc": ([b"", GRPC], frame(4, 0, 0, b""), frame(8, 0, 0, b"\0\0\0\1") * 300),
}


def abort(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def converse(peer, turns, send):
    for number, said in enumerate(turns):
        heard = peer.recv(4096) if number > 0 else b""
        if number > 0 and not heard:
            return
        send(peer, said(heard) if callable(said) else said)


def byte_by_byte(seconds):
    def send(peer, said):
        for byte in said:
            peer.sendall(bytes([byte]))
            time.sleep(seconds)
    return send


def listen_first(peer, protocol):
    if not protocol[0][0]:
        peer.recv(4096)


def half(peer, protocol):
    """The first half of the first thing that is said."""
    first = next(i for i, said in enumerate(protocol[0]) if said)
    converse(peer, protocol[0][:first + 1], lambda whom, said: whom.sendall(said[:len(said) // 2]))


def tarpit(peer, protocol):
    time.sleep(30)


def reset(peer, protocol):
    abort(peer)


def amid(peer, protocol):
    half(peer, protocol)
    time.sleep(0.05)
    abort(peer)


def drip(peer, protocol):
    converse(peer, protocol[0], byte_by_byte(0.2))


def pieces(peer, protocol):
    converse(peer, protocol[0], byte_by_byte(0.001))
    time.sleep(1)


def endless(peer, protocol):
    """What is begun here never ends."""
    listen_first(peer, protocol)
    peer.sendall(protocol[1])
    while True:
        peer.sendall(protocol[2])


def gigabytes(peer, protocol):
    listen_first(peer, protocol)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8000000000\r\n\r\n")
    while True:
        peer.sendall(b"y" * 65536)


def garbage(peer, protocol):
    listen_first(peer, protocol)
    peer.sendall(os.urandom(4096).replace(b"\n", b"\x00"))
    time.sleep(0.2)


def wrong(peer, protocol):
    peer.recv(4096)
    peer.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    time.sleep(0.2)


def silent_end(peer, protocol):
    half(peer, protocol)


def cut(peer, protocol):
    """Agrees to all that is asked for, and resets the connection."""
    converse(peer, protocol[0], socket.socket.sendall)
    time.sleep(0.05)
    abort(peer)


def leave(peer, protocol):
    converse(peer, protocol[0], socket.socket.sendall)


def babble(peer, protocol):
    """Agrees to TLS, and speaks something else."""
    converse(peer, protocol[0], socket.socket.sendall)
    time.sleep(0.1)
    peer.sendall(b"This is no TLS.\r\n")
    time.sleep(0.2)


MANNERS = {f.__name__: f for f in (reset, tarpit, amid, drip, pieces, endless, gigabytes, garbage, wrong, silent_end, cut,
                                   leave, babble)}


def meet(peer, manner, protocol):
    try:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.settimeout(5)
        manner(peer, protocol)
        peer.close()
    except OSError:
        peer.close()


def serve(listener, manner, protocol):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=meet, args=(peer, manner, protocol), daemon=True).start()


def serve_datagrams(listener, manner):
    """DNS over UDP: garbage, an answer to another query, or none."""
    while True:
        query, peer = listener.recvfrom(4096)
        if manner is garbage:
            listener.sendto(os.urandom(512), peer)
        elif manner is wrong:
            listener.sendto(bytes([query[0] ^ 1]) + dns_answer(query)[1:], peer)
        elif manner is amid:
            listener.sendto(dns_answer(query)[:-10], peer)


def listen(address, port, manner, protocol):
    if protocol == "dns-udp":
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind((address, port))
        return threading.Thread(target=serve_datagrams, args=(listener, MANNERS[manner]), daemon=True)
    listener = socket.create_server((address, port), backlog=64)
    return threading.Thread(target=serve, args=(listener, MANNERS[manner], PROTOCOLS[protocol]), daemon=True)


def main():
    for argument in sys.argv[2:]:
        port, _, manner = argument.partition("=")
        manner, _, protocol = manner.partition(":")
        listen(sys.argv[1], int(port), manner, protocol or "http").start()
    print("ready", flush=True)
    sys.stdin.read()


main()
