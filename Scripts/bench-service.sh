#!/bin/bash
# Measures `care serve` under load, with twenty campaigns: batches, single events as fast as they are taken and at a
# steady rate, webhooks; and how soon it is ready.
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
# shellcheck source=/dev/null
. "$here/Scripts/bench-service/shop.sh"
trap '[ -z "$service" ] || kill "$service"; wait; rm -rf "$work"' EXIT
make_shop "$scale"
serve
figures="ready $ready 1000"$'\n'
load() { SIZE=$1 wrk -t 1 -c "$2" -d "${seconds}s" -s "$here/Scripts/bench-service/events.lua" "$url" | sed -n 's/^FIGURES //p'; }
read -r _ rate median p99 bad <<<"$(load 100 16)"
figures+="batches $rate 20000 $median $p99 $bad $(memory)"$'\n'
read -r _ rate median p99 bad <<<"$(load 1 64)"
figures+="single $rate 4000 $median $p99 $bad $(memory)"$'\n'
read -r _ rate median p99 _ bad <<<"$(steady 4000 "$seconds" 1 64)"
figures+="steady $p99 50 $median $rate $bad $(memory)"$'\n'
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
    $1 == "steady" { printf "%-58s %10.1f ms   (aim %d), median %.1f; %d /s, %d errors, %d MB resident\n",
        "a single event at a steady 4,000 /s, 99 of 100", $2, $3, $4, $5, $6, $7 }
    $1 == "webhooks" { printf "%-58s %10.1f ms   (aim 100), median %.1f, most %.1f; %d of %d arrived\n",
        "from sending an event to its webhook, 99 of 100, 1,000 /s", $5, $4, $6, $3, $2 }'
[ -z "$json" ] || printf '%s' "$figures" | awk '
    BEGIN { print "[" }
    { if (NR > 1) print ","
      printf "  {\"name\": \"service %s\", \"value\": %s, \"unit\": \"%s\", \"target\": \"%s\"}", $1,
          $1 == "webhooks" ? $5 : $2, $1 == "webhooks" || $1 == "ready" || $1 == "steady" ? "ms" : "/s", $1 == "webhooks" ? 100 : $3 }
    END { print "\n]" }' >"$json"
