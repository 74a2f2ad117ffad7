"""A client of hcd's control socket that keeps to nothing: hostile_client.py SOCKET WHAT. Prints how each ended."""
import socket
import struct
import sys

HELLO, SUBSCRIBE, ANSWER = 1, 3, 65
path, what = sys.argv[1:]


def connect():
    out = socket.socket(socket.AF_UNIX)
    out.connect(path)  # waits for its turn, which one with a time limit does not
    out.settimeout(30)
    return out


def frame(kind, payload=b"", length=None):
    return struct.pack("<IIII", kind, length or 16 + len(payload), 1, 0) + payload


def hello(lowest=9, highest=9):
    return frame(HELLO, struct.pack("<III", lowest, highest, 0))


def last_word(client):
    """The text of the last answer before the end, or what there was instead."""
    data = b""
    try:
        while chunk := client.recv(65536):
            data += chunk
    except ConnectionResetError:
        pass
    text = "closed"
    while len(data) >= 16:
        kind, length = struct.unpack("<II", data[:8])
        if kind == ANSWER:
            size = struct.unpack("<I", data[17:21])[0]
            text = data[21 : 21 + size].decode()
        data = data[length:]
    return text


def one(*parts):
    client = connect()
    for part in parts:
        client.sendall(part)
    return last_word(client)


if what == "malformed":
    print(one(b"\xff" * 64))
    print(one(hello(), frame(4, b"ab")))
    print(one(hello(), frame(99)))
    print(one(hello(), hello()))
elif what == "oversized":
    print(one(hello(), frame(4, length=1 << 20)))
elif what == "version":
    print(one(hello(1, 7)))
elif what == "half":
    print(one(hello(), frame(4, b"x" * 50)[:20]))
elif what == "crowd":
    crowd = [connect() for _ in range(1000)]
    for client in crowd[:500]:
        client.close()
    print("there", flush=True)
    sys.stdin.readline()
elif what == "slow":
    clients = [connect() for _ in range(20)]
    for client in clients:
        client.sendall(hello() + frame(SUBSCRIBE, struct.pack("<??BH??I", True, True, 32, 1000, False, True, 250)))
    print("there", flush=True)
    sys.stdin.readline()
