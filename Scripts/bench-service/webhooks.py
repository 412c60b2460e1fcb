"""How long from sending an event to the arrival of its webhook: RATE events a second for SECONDS, single requests.

    webhooks.py URL TOKEN PORT RATE SECONDS

Listens for webhooks on 127.0.0.1:PORT, whose data carries the event's property "at" back; prints the median, the 99th
percentile and the greatest of the times in milliseconds, and how many arrived.
"""

import asyncio
import json
import re
import sys
import time
from urllib.parse import urlparse

url, token, port, rate, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
place = urlparse(url)
took = []
pattern = re.compile(rb'"at":"(\d+)"')


async def receive(reader, writer):
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        length = int(re.search(rb"content-length: (\d+)", head, re.I).group(1))
        body = await reader.readexactly(length)
        took.append((time.monotonic_ns() - int(pattern.search(body).group(1))) / 1e6)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")


async def send(queue):
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    while (number := await queue.get()) is not None:
        body = json.dumps({
            "customer": f"c{number % 50000}", "type": "ping", "id": f"p{time.monotonic_ns()}-{number}",
            "properties": {"at": str(time.monotonic_ns())}}).encode()
        writer.write(
            b"POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer "
            + token.encode() + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head, re.I).group(1))
        await reader.readexactly(length)
        assert b" 200 " in head[:16], head
    writer.close()


async def main():
    server = await asyncio.start_server(receive, "127.0.0.1", port)
    queue = asyncio.Queue()
    senders = [asyncio.create_task(send(queue)) for _ in range(32)]
    start = time.monotonic()
    total = int(rate * seconds)
    for number in range(total):
        due = start + number / rate
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        queue.put_nowait(number)
    for _ in senders:
        queue.put_nowait(None)
    await asyncio.gather(*senders)
    for _ in range(100):
        if len(took) >= total:
            break
        await asyncio.sleep(0.05)
    took.sort()
    print("WEBHOOKS", total, len(took), *(f"{took[int(len(took) * part)]:.1f}" for part in (0.5, 0.99, 0.99999)))
    server.close()


asyncio.run(main())
