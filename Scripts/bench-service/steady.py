"""Sends events at a steady rate, whether answers come or not, and says how long each took from when it was due.

    steady.py URL TOKEN EVENTS RATE SECONDS SIZE CONNECTIONS

EVENTS is a file of events, one a line, taken in turns, each with an id of its own; SIZE of them go in one request. What
finds no free connection waits, and its wait counts: a service that falls behind shows it. Prints the number of events
sent, the median, the 99th percentile and the greatest of the times in milliseconds, and how many requests failed.
"""

import asyncio
import collections
import gc
import re
import sys
import time
from array import array
from urllib.parse import urlparse

place, token = urlparse(sys.argv[1]), sys.argv[2]
rate, seconds, size, connections = float(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]), int(sys.argv[7])
with open(sys.argv[3], "rb") as file:
    lines = [re.sub(rb'"(?:time|id)":"[^"]*",', b"", line.strip())[1:] for line in file]
head = (f"POST /v1/events HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: ").encode()
start = b"%d" % time.time()
took = array("f")
idle, waiting = collections.deque(), collections.deque()
state = {"sent": 0, "bad": 0, "open": 0}


def request():
    parts = []
    for number in range(state["sent"], state["sent"] + size):
        parts.append(b'{"id":"%s-%d",%s' % (start, number, lines[number % len(lines)]))
    state["sent"] += size
    body = parts[0] if size == 1 else b"[" + b",".join(parts) + b"]"
    return b"%s%d\r\n\r\n%s" % (head, len(body), body)


class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.due, self.answer = transport, None, b""
        self.next()

    def next(self):
        if waiting:
            self.send(waiting.popleft())
        else:
            idle.append(self)

    def send(self, due):
        self.due = due
        self.transport.write(request())

    def data_received(self, data):
        self.answer += data
        end = self.answer.find(b"\r\n\r\n")
        if end < 0:
            return
        length = int(re.search(rb"content-length: *(\d+)", self.answer[:end], re.I).group(1))
        if len(self.answer) < end + 4 + length:
            return
        if not self.answer.startswith(b"HTTP/1.1 200"):
            state["bad"] += 1
        took.append((time.monotonic() - self.due) * 1000)
        self.due, self.answer = None, b""
        state["open"] -= 1
        self.next()

    def connection_lost(self, error):
        if self in idle:
            idle.remove(self)
        if self.due is not None:
            state["bad"] += 1
            state["open"] -= 1


async def main():
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(Connection, place.hostname, place.port)
    gc.disable()
    begin = time.monotonic()
    total, number = int(rate * seconds / size), 0
    while number < total:
        now = time.monotonic()
        while number < total and (due := begin + number * size / rate) <= now:
            state["open"] += 1
            if idle:
                idle.popleft().send(due)
            else:
                waiting.append(due)
            number += 1
        await asyncio.sleep(0.001)
    while state["open"] > 0:
        await asyncio.sleep(0.01)
    lasted = time.monotonic() - begin
    times = sorted(took)
    print("STEADY", state["sent"], f"{state['sent'] / lasted:.0f}",
          *(f"{times[min(len(times) - 1, int(len(times) * part))]:.2f}" for part in (0.5, 0.99, 1)), state["bad"])


asyncio.run(main())
