#!/usr/bin/python3
"""gRPC's health service for tests: grpc_server.py ADDRESS PLAIN_PORT TLS_PORT CERTIFICATE KEY OTHER_PORT

It takes a line a command from its input: `SERVICE STATUS` (a number; "" is the whole server), `remove SERVICE`,
`slow SECONDS`. OTHER_PORT has a server without the service. It prints "ready" when all listen, and ends with its input.
"""
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import grpc

statuses = {"": 1}
delay = 0.0


def service_of(request):
    """The string in field 1 of a HealthCheckRequest; its length takes one byte."""
    return request[2:2 + request[1]].decode() if request else ""


def check(request, context):
    time.sleep(delay)
    name = service_of(request)
    if name not in statuses:
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service " + name)
    return bytes([8, statuses[name]])


def serve(address, with_health, credentials=None):
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    if with_health:
        health = {"Check": grpc.unary_unary_rpc_method_handler(check)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("grpc.health.v1.Health", health),))
    bound = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    if not bound:
        sys.exit("cannot listen on " + address)
    server.start()
    return server


def main():
    global delay
    host, plain, tls, certificate, key, other = sys.argv[1:]
    with open(key, "rb") as k, open(certificate, "rb") as c:
        credentials = grpc.ssl_server_credentials([(k.read(), c.read())])
    servers = [serve(f"{host}:{plain}", True), serve(f"{host}:{tls}", True, credentials), serve(f"{host}:{other}", False)]
    print("ready", flush=True)
    for line in sys.stdin:
        word, _, value = line.strip().rpartition(" ")
        if word == "slow":
            delay = float(value)
        elif word == "remove":
            statuses.pop(value, None)
        else:
            statuses[word] = int(value)
        print("taken", flush=True)
    for server in servers:
        server.stop(None)


main()
