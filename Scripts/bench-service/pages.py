"""How long a running service takes to answer what people look things up by: pages of the console, searches of the ledger.

    pages.py URL RUNS          with TOKEN, a token of scope read, and PASSWORD, that of the user bench

Every address is asked for RUNS times over one connection that is kept, compressed as browsers ask for it. Prints a line
for each, parted by tabs: what it is, the aim, the middle, the greatest and the first of the times to the first byte of
the answer, in milliseconds; the bytes of the answer; how many decisions or happenings it shows. Ends with 1 when an
answer is no 200, or has rows where it should have none, or none where it should have some.
"""

import gzip
import http.client
import json
import os
import re
import sys
import time
from datetime import datetime, timedelta, timezone
from statistics import median
from urllib.parse import urlencode, urlparse

place, runs = urlparse(sys.argv[1]).netloc, int(sys.argv[2])
connection = http.client.HTTPConnection(place, timeout=60)


def ask(path, headers):
    """The milliseconds to the first byte of the answer, its bytes on the way, and its text."""
    started = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", **headers})
    answer = connection.getresponse()
    took = (time.perf_counter() - started) * 1000
    body = answer.read()
    if answer.status != 200:
        sys.exit(f"{path}: {answer.status} {body[:400]!r}")
    text = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
    return took, len(body), text.decode()


def sign_in():
    form = urlencode({"name": "bench", "password": os.environ["PASSWORD"]})
    connection.request("POST", "/sign-in", form, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    cookie = answer.headers.get("Set-Cookie")
    if answer.status not in (302, 303) or not cookie:
        sys.exit(f"the sign-in was refused: {answer.status}")
    return {"Cookie": cookie.split(";")[0]}


def measure(name, aim, path, headers, rows_of, is_empty=False):
    took = []
    for _ in range(runs):
        milliseconds, size, text = ask(path, headers)
        took.append(milliseconds)
    rows = rows_of(text)
    if (rows == 0) != is_empty:
        sys.exit(f"{name}: {rows} rows")
    print(name, aim, f"{median(took):.2f}", f"{max(took):.2f}", f"{took[0]:.2f}", size, rows, sep="\t", flush=True)
    return text


def items(text):
    return len(json.loads(text)["items"])


def table_rows(text):
    return sum(len(re.findall(r"<tr\b", body)) for body in re.findall(r"<tbody.*?</tbody>", text, re.S))


token = {"Authorization": "Bearer " + os.environ["TOKEN"]}
session = sign_in()

# A month in the middle of the year that the ledger holds, and one before it.
today = datetime.now(timezone.utc)
month = (today - timedelta(days=150), today - timedelta(days=120))
before = (today - timedelta(days=900), today - timedelta(days=870))


def span(days, form):
    return {"from": days[0].strftime(form), "until": days[1].strftime(form)}


instant, date = "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"
searches = [
    ("the newest", lambda form: {}),
    ("by campaign", lambda form: {"campaign": "big-order"}),
    ("by outcome", lambda form: {"outcome": "suppress"}),
    ("by customer", lambda form: {"customer": "77"}),
    ("by a customer with 400 decisions", lambda form: {"customer": "1"}),
    ("by reason", lambda form: {"reason": "evaluation_error"}),
    ("by campaign, outcome and a month",
     lambda form: {"campaign": "big-order", "outcome": "act", **span(month, form)}),
    ("by outcome and a month", lambda form: {"outcome": "act", **span(month, form)}),
    ("nothing is found", lambda form: {"campaign": "big-order", "outcome": "act", **span(before, form)}),
]

measure("console: a customer with 10,000 events", 20, "/console/customers/1", session,
        lambda text: text.count("/console/deliveries/dlv_"))
for name, query in searches:
    parameters = query(instant)
    text = measure("ledger, " + name, 100, "/v1/ledger?" + urlencode(parameters), token, items,
                   name == "nothing is found")
    cursor = json.loads(text)["next"]
    if cursor and name in ("by campaign", "by outcome"):
        measure(f"ledger, {name}, the second page", 100,
                "/v1/ledger?" + urlencode({**parameters, "cursor": cursor}), token, items)
for name, query in searches:
    parameters = query(date)
    text = measure("console: ledger, " + name, 100, "/console/ledger?" + urlencode(parameters), session, table_rows,
                   name == "nothing is found")
    link = re.search(r"before=([0-9.]+)", text)
    if link and name in ("by campaign", "by outcome"):
        measure(f"console: ledger, {name}, the second page", 100,
                "/console/ledger?" + urlencode({**parameters, "before": link[1]}), session, table_rows)
