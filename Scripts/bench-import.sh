#!/bin/bash
# Measures `care import` on files, with twenty campaigns: customers, history, events that fire.
#
#   Scripts/bench-import.sh [--scale S] [--json FILE] [--folder DIR] [--runs N] [--only WORK]
#
# Scale 1 is 1,000,000 customers, as many events of history over 120 days, and 200,000 events of the hour after it that
# fire, one decision for five of them. Each run begins with a copy of a store that was filled before. A named folder
# keeps the files and those stores, so that the next call only measures; otherwise all of it goes away. WORK is
# customers, history or firing.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=1 json="" folder="" runs=3 only=""
while [ $# -gt 0 ]; do
    case $1 in
        --scale) scale=$2 ;;
        --json) json=$2 ;;
        --folder) folder=$2 ;;
        --runs) runs=$2 ;;
        --only) only=$2 ;;
        *) echo "usage: Scripts/bench-import.sh [--scale S] [--json FILE] [--folder DIR] [--runs N] [--only WORK]" >&2; exit 64 ;;
    esac
    shift 2
done
Scripts/build.sh care bench-data engine-bench
work=$folder
if [ -z "$work" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work/rules"
work=$(cd "$work" && pwd)
[ -z "$json" ] || json=$(cd "$(dirname "$json")" && pwd)/$(basename "$json")
bin=$PWD/.build/release
cd "$work"

count() { awk -v n="$1" -v scale="$scale" 'BEGIN { n = int(n * scale); print n < 100 ? 100 : n }'; }
customers=$(count 1000000) history=$(count 1000000) firing=$(count 200000)
[ -f firing.jsonl ] || "$bin/bench-data" . "$customers" "$history" "$firing"
until=$(head -n 1 firing.jsonl | sed -nE 's/.*"time":"([^"]*)".*/\1/p')
"$bin/engine-bench" --rules rules/bench.json
cat >care.json <<C
{ "timeZone": "UTC", "store": "care.sqlite", "destinations": { "crm": { "type": "webhook", "url": "https://crm.invalid/", "secret": "env:NONE" } } }
C

# begin FILLED: the store is a copy of FILLED, or there is none.
begin() {
    rm -f care.sqlite care.sqlite-*
    [ "$1" = none ] || cp "$1" care.sqlite
    sync -f .
}
figures=""
# measure NAME ROWS AIM FILLED COMMAND...: runs COMMAND from FILLED on, as often as was asked.
measure() {
    local name=$1 rows=$2 aim=$3 filled=$4 times="" run
    local TIMEFORMAT='%R %U %S'
    shift 4
    for ((run = 0; run < runs; run++)); do
        begin "$filled"
        { time "$@" >out 2>&1; } 2>time || { cat out; exit 1; }
        times+="$(cat time) $(sed -nE 's/^Decided ([0-9,]+) actions.*/\1/p' out | tr -d ,)"$'\n'
    done
    figures+=$(printf '%s' "$times" | sort -n | awk -v name="$name" -v rows="$rows" -v aim="$aim" '
        { wall[NR] = $1; cpu[NR] = $2 + $3; decided = $4 }
        END {
            middle = wall[int(NR / 2) + 1]; least = cpu[1]
            for (i = 2; i <= NR; i++) if (cpu[i] < least) least = cpu[i]
            printf "%s\t%d\t%.0f\t%.0f\t%.1f\t%s\t%s\n", name, rows, rows / middle, rows / wall[1], least / rows * 1e6,
                decided == "" ? "" : sprintf("%.3f", decided / rows), aim
        }')$'\n'
}

importing() { "$bin/care" import "$@" --history-until "$until"; }
# filled FILE FROM COMMAND...: makes the store FILE unless it is there.
filled() {
    local file=$1
    [ -f "$file" ] && return
    begin "$2"
    shift 2
    "$@" >out 2>&1 || { cat out; exit 1; }
    mv care.sqlite "$file"
}
wants() { [ -z "$only" ] || [ "$only" = "$1" ]; }
filled customers.sqlite none importing customers customers.csv
filled history.sqlite customers.sqlite importing events events.jsonl
! wants customers || measure "customers from a CSV file" "$customers" "" none importing customers customers.csv
! wants history || measure "history from a file" "$history" 60000 customers.sqlite importing events events.jsonl
! wants firing || measure "events that fire, each at its own time" "$firing" 20000 history.sqlite \
    "$bin/care" import events firing.jsonl --fire --at rows
rm -f care.sqlite care.sqlite-*

echo "$customers customers, 20 campaigns, $runs runs each, $(nproc) cores"
printf '%-40s %10s %12s %12s %9s %10s %9s\n' work rows "median/s" "best/s" "µs CPU" "rows/event" "aim/s"
printf '%s' "$figures" | awk -F '\t' '{ printf "%-40s %10d %12d %12d %9.1f %10s %9s\n", $1, $2, $3, $4, $5, $6, $7 }'
[ -z "$json" ] || printf '%s' "$figures" | awk -F '\t' '
    BEGIN { print "[" }
    {
        printf "%s  {\"name\": \"%s\", \"value\": %d, \"best\": %d, \"cpuMicroseconds\": %s, \"unit\": \"/s\", \"target\": \"%s\"}", (NR > 1 ? ",\n" : ""), $1, $3, $4, $5, $7
    }
    END { print "\n]" }' >"$json"
