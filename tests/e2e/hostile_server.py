#!/usr/bin/env python3
"""A server of bad manners, for tests: hostile_server.py ADDRESS PORT=MANNER[:banner]...

Without `banner` it lets the client speak first. It prints "ready" when all ports listen, and ends with its input.
"""
import os
import socket
import struct
import sys
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\nServer: hostile\r\nContent-Length: 6\r\n\r\n"
BODY = b"hello\n"


def reset(peer):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def tarpit(peer):
    time.sleep(30)


def amid(peer):
    peer.sendall(HEAD[:40])
    time.sleep(0.05)
    reset(peer)


def drip(peer):
    for byte in HEAD + BODY * 1000:
        peer.sendall(bytes([byte]))
        time.sleep(0.05)


def pieces(peer):
    for byte in HEAD + BODY:
        peer.sendall(bytes([byte]))
        time.sleep(0.001)
    time.sleep(1)


def endless(peer):
    """Neither the header nor the body of this answer ends."""
    peer.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        peer.sendall(b"X-More: " + b"x" * 4000 + b"\r\n")


def gigabytes(peer):
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8000000000\r\n\r\n")
    while True:
        peer.sendall(b"y" * 65536)


def garbage(peer):
    peer.sendall(os.urandom(4096).replace(b"\n", b"\x00"))
    time.sleep(0.2)


def wrong(peer):
    peer.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
    time.sleep(0.2)


def silent_end(peer):
    peer.sendall(HEAD[:20])


MANNERS = {f.__name__: f for f in (reset, tarpit, amid, drip, pieces, endless, gigabytes, garbage, wrong, silent_end)}


def meet(peer, manner, banner):
    try:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not banner and manner is not reset:
            peer.settimeout(5)
            peer.recv(4096)
        manner(peer)
        peer.close()
    except OSError:
        peer.close()


def serve(listener, manner, banner):
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=meet, args=(peer, manner, banner), daemon=True).start()


def main():
    for argument in sys.argv[2:]:
        port, _, manner = argument.partition("=")
        manner, _, banner = manner.partition(":")
        listener = socket.create_server((sys.argv[1], int(port)), backlog=64)
        threading.Thread(target=serve, args=(listener, MANNERS[manner], banner == "banner"), daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


main()
