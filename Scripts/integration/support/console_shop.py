"""Makes a shop for the console: rules from examples/, made-up customers and events around the present day.

    console_shop.py make FOLDER EXAMPLES PORT CUSTOMERS DAYS HOURS
    console_shop.py receive FOLDER

`make` writes care.json, rules/, customers.csv and history.jsonl into FOLDER, and for the last DAYS a file of events for
each stretch of HOURS, recent/INSTANT.jsonl, named by its end; everything made up is told by a seed. `receive` takes webhooks on a free loopback port, which it writes to FOLDER/port; /helpdesk is refused with 422
until FOLDER/mended is there, all else is answered 200.
"""

import csv
import json
import pathlib
import random
import shutil
import signal
import sys
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SHANGHAI = timezone(timedelta(hours=8))
TIERS = ["bronze", "silver", "gold", "platinum"]


def make(folder, examples, port, customers, days, hours):
    folder = pathlib.Path(folder)
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    now = datetime.now(SHANGHAI).replace(microsecond=0)
    for path in sorted(pathlib.Path(examples).glob("*.json")):
        if path.name == "care.json" or path.name.endswith(".tests.json"):
            continue
        rules = json.loads(path.read_text(encoding="utf-8"))
        offer = rules.get("campaigns", {}).get("vip-monthly-offer")
        if offer:
            # Due soon, whatever the day of the month is, and only when somebody has approved it.
            offer["trigger"]["schedule"]["cron"] = f"0 10 {(now + timedelta(days=2)).day} * *"
            offer["approval"] = True
        (folder / "rules" / path.name).write_text(json.dumps(rules, ensure_ascii=False, indent=2), encoding="utf-8")
    names = {"crm": 50, "mail": 10, "sms": 5, "helpdesk": 20, "escalations": None, "tasks": 200}
    destinations = {}
    for name, rate in names.items():
        destinations[name] = {
            "type": "webhook", "url": f"http://127.0.0.1:{port}/{name}", "secret": "env:CARE_DEMO_SECRET",
            "allowPrivateAddresses": True,
        }
        if rate:
            destinations[name]["rate"] = rate
    # What it refuses is a dead letter soon.
    destinations["helpdesk"]["retry"] = ["PT0.1S"]
    environment = {
        "timeZone": "Asia/Shanghai", "store": "care.sqlite", "rules": "rules", "destinations": destinations,
    }
    (folder / "care.json").write_text(json.dumps(environment, indent=2), encoding="utf-8")
    people(folder, now, customers, days, hours)


def people(folder, now, customers, days, hours):
    draw = random.Random(20_260_915)
    since = now - timedelta(days=days)
    history, recent = [], []

    def event(customer, kind, time, **properties):
        line = {
            "customer": customer, "type": kind, "id": f"{kind}-{len(history) + len(recent)}",
            "time": time.isoformat(), "properties": properties,
        }
        (recent if time >= since else history).append(line)

    with open(folder / "customers.csv", "w", newline="", encoding="utf-8") as file:
        columns = [
            "customer", "tier", "birthday", "email", "mobile", "timeZone", "language", "emailConsent", "smsConsent",
            "country", "ownerId", "pointsExpireOn", "pointsExpiring", "renewsOn", "registeredOn", "accessoryInStock",
        ]
        rows = csv.DictWriter(file, columns)
        rows.writeheader()
        for number in range(customers):
            customer = f"c-{20_000 + number * 7}"
            abroad = draw.random() < 0.2
            born = now + timedelta(days=draw.randrange(-30, 30) if draw.random() < 0.3 else draw.randrange(365))
            rows.writerow({
                "customer": customer,
                "tier": draw.choices(TIERS, [40, 30, 20, 10])[0],
                "birthday": f"{draw.randrange(1955, 2004)}-{born.month:02}-{min(born.day, 28):02}",
                "email": f"{customer}@example.com" if draw.random() < 0.95 else "",
                "mobile": f"+86138{draw.randrange(10**8):08}",
                "timeZone": "America/New_York" if abroad else "Asia/Shanghai",
                "language": "en" if abroad else "zh-CN",
                "emailConsent": draw.choices(["granted", "denied", ""], [70, 20, 10])[0],
                "smsConsent": draw.choices(["granted", "denied"], [50, 50])[0],
                "country": "US" if abroad else "CN",
                "ownerId": draw.choice(["zhao.min", "li.na", "unassigned"]),
                "pointsExpireOn": (now + timedelta(days=draw.randrange(2, 60))).date() if draw.random() < 0.5 else "",
                "pointsExpiring": draw.randrange(20, 900) if draw.random() < 0.5 else "",
                "renewsOn": (now + timedelta(days=draw.randrange(1, 90))).date() if draw.random() < 0.3 else "",
                "registeredOn": (now - timedelta(days=draw.randrange(200, 900))).date(),
                "accessoryInStock": draw.choice(["true", "false"]),
            })
            for _ in range(draw.randrange(1, 6)):
                time = now - timedelta(days=draw.random() * 190, minutes=1)
                sku = draw.choice(["camera-x", "lens-50", "filter-nd8", "bag-s"])
                event(customer, "purchase", time, amount=draw.randrange(20, 2_000), sku=sku, category="camera")
            if draw.random() < 0.3:
                event(customer, "followup.done", now - timedelta(days=draw.randrange(10, 150), minutes=2), by="li.na")
    ids = [f"c-{20_000 + number * 7}" for number in range(customers)]
    # However few customers there are, some complain.
    for number in range(3):
        event(ids[number], "complaint.opened", since + timedelta(hours=1 + number), ticketId=f"T-{number + 1}")
    for day in range(days):
        for _ in range(max(2, customers // 60)):
            customer = draw.choice(ids)
            time = since + timedelta(days=day, minutes=draw.randrange(30, 1_400))
            if time >= now:
                continue
            kind = draw.random()
            if kind < 0.35:
                ticket = f"T-{draw.randrange(8_000, 9_999)}"
                event(customer, "complaint.opened", time, ticketId=ticket)
                if draw.random() < 0.6 and time + timedelta(hours=30) < now:
                    event(customer, "complaint.resolved", time + timedelta(hours=30), ticketId=ticket)
            elif kind < 0.7:
                event(customer, "survey.nps", time, score=draw.choice([2, 5, 6, 8, 9, 10, 10]))
            else:
                event(customer, "ticket.closed", time, ticketId=f"K-{draw.randrange(10_000)}")
    def write(name, lines):
        with open(folder / name, "w", encoding="utf-8") as file:
            for line in sorted(lines, key=lambda line: line["time"]):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    write("history.jsonl", history)
    (folder / "recent").mkdir()
    start = since
    while start < now:
        end = min(start + timedelta(hours=hours), now)
        part = [line for line in recent if start <= datetime.fromisoformat(line["time"]) < end]
        write(f"recent/{end.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}.jsonl", part)
        start = end


def receive(folder):
    folder = pathlib.Path(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            refuses = self.path == "/helpdesk" and not (folder / "mended").exists()
            self.send_response(422 if refuses else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    (folder / "port.new").write_text(str(server.server_address[1]))
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3], *(int(text) for text in sys.argv[4:8]))
else:
    receive(sys.argv[2])
