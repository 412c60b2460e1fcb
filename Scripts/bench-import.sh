#!/bin/bash
# Measures `care import` on files, with twenty campaigns: customers, history, events that fire.
#
#   Scripts/bench-import.sh [SCALE]   1 is 1,000,000 customers, as many events of history over 120 days, and 200,000
#                                     events of the hour after it that fire
set -euo pipefail
cd "$(dirname "$0")/.."
scale=${1:-1}
Scripts/build.sh care bench-data engine-bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count() { awk -v n="$1" -v scale="$scale" 'BEGIN { n = int(n * scale); print n < 100 ? 100 : n }'; }
customers=$(count 1000000) history=$(count 1000000) firing=$(count 200000)
.build/release/bench-data "$work" "$customers" "$history" "$firing"
until=$(head -n 1 "$work/firing.jsonl" | sed -nE 's/.*"time":"([^"]*)".*/\1/p')
mkdir "$work/rules"
.build/release/engine-bench --rules "$work/rules/bench.json"
cat >"$work/care.json" <<C
{ "timeZone": "UTC", "store": "care.sqlite", "destinations": { "crm": { "type": "webhook", "url": "https://crm.invalid/", "secret": "env:NONE" } } }
C
care=$PWD/.build/release/care
cd "$work"
# measure NAME ROWS COMMAND...: rows a second of wall time.
measure() {
    local name=$1 rows=$2 start end
    shift 2
    start=$(date +%s%N)
    "$@" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
    end=$(date +%s%N)
    awk -v name="$name" -v rows="$rows" -v ns=$((end - start)) \
        'BEGIN { printf "%-44s %10d rows  %6.1f s  %8.0f /s\n", name, rows, ns / 1e9, rows * 1e9 / ns }'
}
measure "customers" "$customers" "$care" import customers customers.csv --history-until "$until"
measure "history" "$history" "$care" import events events.jsonl --history-until "$until"
measure "events that fire, each at its own time" "$firing" "$care" import events firing.jsonl --fire --at rows
grep -E "Decided" "$work/out" || true
