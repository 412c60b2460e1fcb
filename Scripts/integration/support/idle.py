"""Holds connections to a service that say nothing, and asks it meanwhile.

    idle.py URL TOKEN PROCESS CONNECTIONS

Every third connection sends half a head, every third half a body, the others nothing. Fails when the service does not
take an event while all are there, or its memory grows by more than 120 KB for each.
"""

import json
import socket
import sys
import time
from urllib.parse import urlparse

url, token, process, count = urlparse(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
place = (url.hostname, url.port)


def resident():
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def take(number):
    """How long one event took, in milliseconds; it must be stored."""
    began = time.monotonic()
    body = json.dumps({"customer": "c1", "type": "Seen", "id": f"e{number}"}).encode()
    with socket.create_connection(place) as connection:
        connection.sendall(
            f"POST /v1/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = b""
        while part := connection.recv(4096):
            answer += part
    assert b" 200 " in answer[:20] and b'"stored"' in answer, answer
    return (time.monotonic() - began) * 1000


for number in range(20):
    take(number)
before = resident()
half = f"POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Length: 100\r\n\r\n[".encode()
beginnings = [b"", b"GET /health HTTP/1.1\r\nHost: a\r\nX-", half]
began = time.monotonic()
held = []
for number in range(count):
    connection = socket.create_connection(place)
    connection.sendall(beginnings[number % 3])
    held.append(connection)
opened = time.monotonic() - began
took = sorted(take(1000 + number) for number in range(100))
after = resident()


def ended(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


still = sum(not ended(connection) for connection in held)
growth = (after - before) / count
print(f"{count} idle connections in {opened:.1f} s, {still} of them there at the end; "
      f"an event meanwhile takes {took[50]:.1f} ms, at most {took[-1]:.1f}; "
      f"{before // 1024} MB resident before, {after // 1024} MB with them, {growth:.1f} KB each")
# Those that the service cut off in time need not be there.
assert still == count or opened > 25, still
assert growth < 120, growth
