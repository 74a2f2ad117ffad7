#!/usr/bin/env python3
"""An HTTP server that takes its time, for tests: slow_server.py PORT SECONDS

It listens on every address and answers any request with 200 so much later. A line of its input is another number of
seconds from then on. It prints "ready" when it listens, and ends with its input.
"""
import asyncio
import sys

seconds = float(sys.argv[2])


async def serve(reader, writer):
    try:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(seconds)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass  # it did not want to wait
    writer.close()


async def main():
    global seconds
    await asyncio.start_server(serve, port=int(sys.argv[1]), backlog=1024)
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        seconds = float(line)


asyncio.run(main())
