#!/bin/bash
# Measures `care serve` under load, with twenty campaigns: batches, single events, webhooks; and how soon it is ready.
#
#   Scripts/bench-service.sh [--scale S] [--json FILE] [--seconds N]
#
# Scale 1 is 1,000,000 customers with as many events of history. wrk sends on the same cores; what it takes the service
# does not have. Every event is answered after it is on disk with its decisions.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=1 json="" seconds=20
while [ $# -gt 0 ]; do
    case $1 in
        --scale) scale=$2 ;;
        --json) json=$2 ;;
        --seconds) seconds=$2 ;;
        *) echo "usage: Scripts/bench-service.sh [--scale S] [--json FILE] [--seconds N]" >&2; exit 64 ;;
    esac
    shift 2
done
Scripts/build.sh care bench-data engine-bench
[ -z "$json" ] || json=$(cd "$(dirname "$json")" && pwd)/$(basename "$json")
here=$PWD bin=$PWD/.build/release
work=$(mktemp -d)
service=""
trap '[ -z "$service" ] || kill "$service"; wait; rm -rf "$work"' EXIT
mkdir "$work/rules"
cd "$work"
count() { awk -v n="$1" -v scale="$scale" 'BEGIN { n = int(n * scale); print n < 1000 ? 1000 : n }'; }
"$bin/bench-data" . "$(count 1000000)" "$(count 1000000)" "$(count 200000)"
"$bin/engine-bench" --rules rules/bench.json
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export CARE_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
cat >care.json <<C
{ "timeZone": "UTC", "store": "care.sqlite", "recoveryRate": 1000000, "server": { "requestsPerSecond": 1000000 },
  "destinations": { "crm": { "type": "webhook", "url": "http://127.0.0.1:$port/", "secret": "env:CARE_SECRET",
    "allowPrivateAddresses": true, "concurrency": 64 } } }
C
until=$(head -n 1 firing.jsonl | sed -nE 's/.*"time":"([^"]*)".*/\1/p')
"$bin/care" import customers customers.csv --history-until "$until" >/dev/null
"$bin/care" import events events.jsonl --history-until "$until" >/dev/null
# What fell due since the data's day is caught up with first; what is decided is kept back.
"$bin/care" destinations disable crm >/dev/null
"$bin/care" tick >/dev/null
TOKEN=$("$bin/care" tokens create bench --scope ingest --scope read 2>/dev/null)
export TOKEN EVENTS=$work/firing.jsonl
serve() {
    local from
    from=$(date +%s%N)
    "$bin/care" serve --listen 127.0.0.1:0 >serve.log 2>&1 &
    service=$!
    url=""
    while ! { [ -n "$url" ] && curl -sf -o /dev/null "$url/ready"; }; do
        url=$(grep -o 'http://127.0.0.1:[0-9]*' serve.log | head -n 1) || true
        kill -0 $service
        sleep 0.02
    done
    ready=$((($(date +%s%N) - from) / 1000000))
}
stop() {
    kill -TERM "$service"
    wait "$service" || true
    service=""
}
serve
figures="ready $ready 1000"$'\n'
memory() { awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$service/status"; }
load() { SIZE=$1 wrk -t 1 -c "$2" -d "${seconds}s" -s "$here/Scripts/bench-service/events.lua" "$url" | sed -n 's/^FIGURES //p'; }
read -r _ rate median p99 bad <<<"$(load 100 16)"
figures+="batches $rate 20000 $median $p99 $bad $(memory)"$'\n'
read -r _ rate median p99 bad <<<"$(load 1 64)"
figures+="single $rate 4000 $median $p99 $bad $(memory)"$'\n'
stop
# One campaign whose webhook carries the event's instant back, on a store of its own.
mkdir -p ping/rules
cd ping
cp ../care.json care.json
echo '{ "campaigns": { "ping": { "trigger": { "event": "ping" }, "reentry": "always",
    "actions": [{ "send": "crm", "type": "care.ping", "data": { "at": "{{entry.at}}" } }] } } }' >rules/ping.json
TOKEN=$("$bin/care" tokens create bench --scope ingest 2>/dev/null)
serve
read -r _ sent arrived median p99 most <<<"$(/usr/bin/python3 "$here/Scripts/bench-service/webhooks.py" "$url" "$TOKEN" "$port" 1000 "$seconds")"
figures+="webhooks $sent $arrived $median $p99 $most"$'\n'
stop
printf '%s' "$figures" | awk '
    $1 == "ready" { printf "%-58s %10d ms   (aim %d)\n", "start to ready", $2, $3 }
    $1 == "batches" || $1 == "single" {
        printf "%-58s %10d /s   (aim %d); median %.1f ms, 99 of 100 %.1f ms; %d errors, %d MB resident\n",
            $1 == "batches" ? "events in batches of 100, 16 connections" : "single events, 64 connections", $2, $3, $4, $5, $6, $7 }
    $1 == "webhooks" { printf "%-58s %10.1f ms   (aim 100), median %.1f, most %.1f; %d of %d arrived\n",
        "from sending an event to its webhook, 99 of 100, 1,000 /s", $5, $4, $6, $3, $2 }'
[ -z "$json" ] || printf '%s' "$figures" | awk '
    BEGIN { print "[" }
    { if (NR > 1) print ","
      printf "  {\"name\": \"service %s\", \"value\": %s, \"unit\": \"%s\", \"target\": \"%s\"}", $1,
          $1 == "webhooks" ? $5 : $2, $1 == "webhooks" || $1 == "ready" ? "ms" : "/s", $1 == "webhooks" ? 100 : $3 }
    END { print "\n]" }' >"$json"
