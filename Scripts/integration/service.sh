#!/bin/bash
# A running service as its callers meet it: curl, Segment's and CloudEvents' own libraries, scopes, reloads, a restart.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

mkdir -p "$work/shop/rules" "$work/inbox"
start_receiver "$work/inbox" 204
cd "$work/shop"
export CARE_SECRET=$CARE_DEMO_SECRET
cat >care.json <<C
{ "timeZone": "Europe/Berlin", "store": "care.sqlite", "server": { "listen": "127.0.0.1:0", "watchRules": true },
  "destinations": { "crm": { "type": "webhook", "url": "http://127.0.0.1:$port/", "secret": "env:CARE_SECRET",
    "allowPrivateAddresses": true, "retry": ["PT1S"] } } }
C
rules() {
    cat <<C
{ "attributes": { "plan": { "type": "string" } },
  "campaigns": {
    "welcome": { "description": "$1", "trigger": { "event": "Signed Up" }, "reentry": "always",
      "actions": [{ "send": "crm", "type": "care.welcome", "data": { "customer": "{{customer.id}}" } }] },
    "call": { "trigger": { "api": {} }, "actions": [{ "send": "crm", "type": "care.call", "data": {} }] } } }
C
}
rules first >rules/shop.json

token() { "$CARE" tokens create "$1" --scope "$1" 2>/dev/null; }
ingest=$(token ingest)
read=$(token read)
operate=$(token operate)
admin=$(token admin)

# serve: starts it and sets $url.
serve() {
    : >serve.log
    "$CARE" serve --format json >serve.log 2>&1 &
    service=$!
    children+=("$service")
    for _ in $(seq 1200); do
        url=$(grep -o '"url":"http://127.0.0.1:[0-9]*"' serve.log | head -n 1 | cut -d '"' -f 4) || true
        if [ -n "$url" ] && curl -sf -o /dev/null "$url/ready"; then return; fi
        kill -0 "$service" 2>/dev/null || fail "care serve ended: $(cat serve.log)"
        sleep 0.05
    done
    fail "care serve did not get ready: $(cat serve.log)"
}
# ask TOKEN METHOD PATH [BODY]: the status in $status, the body in the file answer.
ask() {
    local data=()
    [ $# -lt 4 ] || data=(-H 'Content-Type: application/json' --data-binary "$4")
    status=$(curl -s -o answer -w '%{http_code}' -X "$2" -H "Authorization: Bearer $1" "${data[@]}" "$url$3")
}
field() { "$python" -c 'import json, sys; v = json.load(open("answer"))
for k in sys.argv[1].split("."): v = v[int(k)] if isinstance(v, list) else v[k]
print(v)' "$1"; }
# arrived COUNT: waits until so many webhooks came.
arrived() {
    for _ in $(seq 1200); do
        [ "$(lines "$work/inbox/received.jsonl")" -lt "$1" ] || break
        sleep 0.05
    done
    expect "webhooks arrived" "$(lines "$work/inbox/received.jsonl")" "$1"
}
serve

# One event, twice: one webhook.
event='{"customer":"c1","type":"Signed Up","id":"e1","source":"/shop"}'
ask "$ingest" POST /v1/events "$event"
expect "an event" "$status $(field result)" "200 stored"
ask "$ingest" POST /v1/events "$event"
expect "the same event" "$(field result)" duplicate
arrived 1

# Segment's library, unchanged but for its host, plain and packed: the newest, those before, which send otherwise (the key
# in the body only, or in the head only), and the one of the older name.
segment() {
    PYTHONPATH=$1 "$python" - "$url" "$ingest" "$2" <<'P'
import sys
try:
    import segment.analytics as analytics
except ModuleNotFoundError:
    import analytics
url, key, name = sys.argv[1:]
def fail(error, items): raise SystemExit(f"segment: {error}")
for packed in (False, True):
    client = analytics.Client(key, host=url, sync_mode=True, max_retries=0, gzip=packed, on_error=fail)
    client.identify("seg " + name, {"plan": "pro", "packed": packed})
    client.track("seg " + name, "Signed Up", {"packed": packed}, message_id=f"{name} {packed}")
    client.track("seg " + name, "Signed Up", {"packed": packed}, message_id=f"{name} {packed}")
client = analytics.Client(key, host=url, on_error=fail)
for number in range(250):
    client.track(f"many{number % 50}", "Seen", {"number": number})
client.flush()
client.join()
print(f"ok: {name} sends, {analytics.VERSION}")
P
}
segment "" newest
arrived 3
ask "$read" GET '/v1/customers/seg%20newest'
expect "Segment's traits" "$(field attributes.plan)" pro
ask "$read" GET '/v1/rejects'
expect "Segment's rejects" "$(field total)" 0
ask "$read" GET '/v1/customers/many7/timeline'
expect "Segment's batch" "$(field items.4.type)" Seen
came=3
for beside in "$root"/.build-venv/beside/*analytics-python==*; do
    segment "$beside" "$(basename "$beside")"
    came=$((came + 2))
    arrived $came
done
[ $came = 11 ] || fail "not all of Segment's libraries are installed beside"
ask "$read" GET '/v1/rejects'
expect "the rejects of all of Segment's libraries" "$(field total)" 0

# The CloudEvents library: structured and binary.
"$python" - "$url" "$ingest" <<'P'
import json, sys, urllib.request
from datetime import datetime, timezone
from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
url, key = sys.argv[1:]
event = CloudEvent(attributes={"id": "ce1", "source": "/crm", "type": "Signed Up", "specversion": "1.0", "subject": "Zoë",
    "datacontenttype": "application/json", "time": datetime.now(timezone.utc)}, data={"from": "crm"})
results = []
for message in (to_structured(event, JSONFormat()), to_binary(event, JSONFormat())):
    headers = {**message.headers, "Authorization": f"Bearer {key}"}
    with urllib.request.urlopen(urllib.request.Request(url + "/v1/events", message.body, headers)) as answer:
        results.append(json.load(answer)["result"])
assert results == ["stored", "duplicate"], results
P
echo "ok: CloudEvents' library: structured, and the same in binary"
arrived $((came + 1))

# Customer.io's shape; a call of a campaign.
status=$(curl -s -o answer -w '%{http_code}' -u "site:$ingest" -X PUT -H 'Content-Type: application/json' \
    -d '{"plan":"basic"}' "$url/api/v1/customers/cio%2F1")
expect "Customer.io's identify" "$status $(cat answer)" "200 {}"
ask "$ingest" POST /v1/campaigns/call/calls '{"customer":"c1"}'
expect "a call" "$(field result)" stored
arrived $((came + 2))

# What each scope may do.
printf '%-28s %8s %8s %8s %8s\n' '' ingest read operate admin >scopes
try() {
    local row=() token
    for token in "$ingest" "$read" "$operate" "$admin"; do
        ask "$token" "$1" "$2" "${3-}"
        case $status in 403) row+=(no) ;; 401 | 5*) fail "$1 $2: $status" ;; *) row+=(yes) ;; esac
    done
    printf '%-28s %8s %8s %8s %8s\n' "$1 $2" "${row[@]}" >>scopes
}
try POST /v1/events '[]'
try GET /v1/customers
try GET /v1/deliveries
try POST /v1/rules/reload
try POST '/v1/deliveries/redrive?destination=crm'
try GET /v1/audit
cat scopes
expect "the table of scopes" "$(awk '{print $(NF-3)$(NF-2)$(NF-1)$NF}' scopes | tail -n +2 | tr '\n' ' ')" \
    "yesnonoyes noyesyesyes noyesyesyes nonoyesyes nonoyesyes nononoyes "

# A plan, an explanation, a diff: what the commands print.
ask "$read" GET '/v1/plan?days=1'
expect "a plan" "$status $(field customers)" "200 $("$CARE" plan --days 1 --format json | "$python" -c 'import json,sys; print(json.load(sys.stdin)["customers"])')"
ask "$read" GET '/v1/explain?customer=c1&campaign=welcome'
expect "an explanation" "$(field ledger.0.outcome)" act
ask "$read" POST /v1/diff "{\"files\":{\"a.json\":$(rules other | sed 's/"welcome"/"hello"/')}}"
expect "a diff" "$status" 200

# Rules: bad ones are refused with their place and the good ones stay; files that change are taken up.
ask "$operate" POST /v1/rules/reload
expect "a reload of the same" "$(field changed)" False
echo '{ "campaigns": { "welcome": {} } }' >rules/shop.json
ask "$operate" POST /v1/rules/reload
expect "a reload of bad rules" "$status $(field code) $(field diagnostics.0.file):$(field diagnostics.0.line)" \
    "422 findings rules/shop.json:1"
rules second >rules/shop.json
for _ in $(seq 1200); do
    ask "$read" GET /v1/rules
    [ "$(field epoch)" = 1 ] || break
    sleep 0.1
done
expect "the epoch after a file has changed" "$(field epoch)" 2

# Cursor, ETag, gzip, metrics.
expect "gzip" "$(curl -s --compressed -H "Authorization: Bearer $read" -o /dev/null -w '%{header_json}' "$url/openapi.json" |
    "$python" -c 'import json,sys; print(json.load(sys.stdin)["content-encoding"][0])')" gzip
ask "$read" GET /metrics
expect "metrics" "$(grep -c '^care_facts_stored_total ' answer)" 1

# Revoked while it runs.
"$CARE" tokens revoke ingest >/dev/null
ask "$ingest" POST /v1/events '[]'
expect "a revoked token" "$status" 401

# It ends as asked, and goes on where it was.
kill -TERM "$service"
code=0
wait "$service" || code=$?
expect "exit of care serve" "$code" 0
serve
ask "$read" GET '/v1/customers/c1/timeline'
expect "after a restart" "$(field items.0.kind)" decision
# Killed in the middle of a stream of events: what was answered is there.
again=$("$CARE" tokens create again --scope ingest 2>/dev/null)
"$python" - "$url" "$again" >answered 2>/dev/null <<'P' &
import json, sys, urllib.request
url, key = sys.argv[1:]
for number in range(100000):
    body = json.dumps([{"customer": f"k{number}-{n}", "type": "Seen", "id": "1"} for n in range(10)]).encode()
    request = urllib.request.Request(url + "/v1/events", body, {"Content-Type": "application/json", "Authorization": "Bearer " + key})
    with urllib.request.urlopen(request) as answer:
        if json.load(answer)["stored"] == 10:
            print(number, flush=True)
P
sender=$!
for _ in $(seq 1200); do
    [ "$(lines answered)" -lt 20 ] || break
    sleep 0.05
done
kill -KILL "$service"
wait "$service" 2>/dev/null || true
wait "$sender" 2>/dev/null || true
serve
last=$(tail -n 1 answered)
for number in 0 "$last"; do
    ask "$read" GET "/v1/customers/k$number-9"
    expect "customer k$number-9 after a kill" "$status" 200
done
echo "the service takes in, decides, answers and survives"
