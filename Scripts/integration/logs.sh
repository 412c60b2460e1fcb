#!/bin/bash
# The log of care serve says what happens and nothing about anybody: deliveries about customers with the worst values
# fail in every way, and none of the values is in it.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

mkdir -p "$work/shop/rules"
cd "$work/shop"
start_receiver "$work/receiver" 500 400 503 200
cat >care.json <<J
{
  "timeZone": "Europe/Paris",
  "destinations": {
    "fails": { "type": "webhook", "url": "http://127.0.0.1:$port/fails", "secret": "env:CARE_DEMO_SECRET", "allowPrivateAddresses": true },
    "closed": { "type": "webhook", "url": "http://127.0.0.1:9/closed", "secret": "env:CARE_DEMO_SECRET", "allowPrivateAddresses": true },
    "refused": { "type": "webhook", "url": "http://127.0.0.1:$port/refused", "secret": "env:CARE_DEMO_SECRET" }
  }
}
J
cat >rules/all.json <<'J'
{
  "attributes": { "name": { "type": "string", "pii": true }, "email": { "type": "string", "pii": true }, "note": { "type": "string" } },
  "campaigns": {
    "all": {
      "trigger": { "event": "go" },
      "actions": [
        { "name": "a", "send": "fails", "type": "t", "data": { "name": "{{name}}", "note": "{{note}}" } },
        { "name": "b", "send": "closed", "to": { "var": "email" }, "type": "t", "data": { "name": "{{name}}" } },
        { "name": "c", "send": "refused", "type": "t", "data": { "name": "{{name}}" } }
      ]
    }
  }
}
J
"$python" - <<'P'
import json, datetime
values = [
    "naughty-quote\"'`", "naughty-newline\nlevel=error event=forged", "naughty-escape\x1b[31m", "naughty-nul\u0000x",
    "naughty-中文-مرحبا", "naughty-{{name}}", "naughty-%s%n%x", "naughty-<script>alert(1)</script>",
    "naughty-" + "x" * 5000, "naughty@example.com", "naughty-$(id)", "naughty-'; DROP TABLE customers;--",
]
now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
with open("customers.jsonl", "w") as customers, open("events.jsonl", "w") as events:
    for number, value in enumerate(values):
        print(json.dumps({"customer": f"c{number}", "name": value, "email": value, "note": value}), file=customers)
        print(json.dumps({"customer": f"c{number}", "type": "go", "time": now, "id": f"e{number}", "note": value}), file=events)
P
"$CARE" import customers customers.jsonl >out || fail "$(cat out)"
"$CARE" import events events.jsonl --fire >out || fail "$(cat out)"
grep -q '36 act' out || fail "not decided: $(cat out)"
for format in text json; do
    "$CARE" serve --listen 127.0.0.1:0 --format $format >serve-$format.log 2>&1 &
    service=$!
    # The second service has only what is due again by then, if anything; it is ready when it says so.
    count=12
    [ $format = text ] || count=0
    tried() { [ "$(grep -c attempt_failed serve-$format.log)" -ge $count ] && grep -q 127.0.0.1: serve-$format.log; }
    children+=($service)
    until_so "failed attempts in the log" tried
    unset 'children[-1]'
    kill -TERM $service
    wait $service || fail "care serve ended badly: $(cat serve-$format.log)"
    [ "$(grep -c attempt_failed serve-$format.log)" -ge 1 ] || [ $format = json ] \
        || fail "nothing failed: $(cat serve-$format.log)"
done
cat serve-text.log serve-json.log >both.log
grep -q attempt_failed both.log || fail "no failure in the log"
! grep -aq naughty both.log || fail "a customer's value is in the log: $(grep -a naughty both.log | head -n 1)"
! grep -aq forged both.log || fail "a line was forged: $(grep -a forged both.log)"
! grep -aqF "$CARE_DEMO_SECRET" both.log || fail "a secret is in the log"
"$python" - <<'P'
import json
for line in open("serve-json.log"):
    entry = json.loads(line)
    assert {"time", "level", "event"} <= entry.keys(), line
    assert entry["level"] in ("debug", "info", "warning", "error"), line
P
echo "36 deliveries failed in three ways; of 12 naughty values none is in the log"
