#!/bin/bash
# Lets `care serve` run under a steady load, and watches its memory.
#
#   Scripts/soak-service.sh [--scale S] [--minutes M] [--rate R] [--memory FILE]
#
# An hour of 10,000 events a second in batches of 100 at scale 1, 1,000,000 customers, unless said; that is half of what
# it is to take, 36 million events, and some 20 GB of store. Every 10 seconds the resident memory is written down, with
# the store's size, into FILE (else into the temporary folder, and away with it). CARE_BIN names a folder of release
# programs that are there already. Ends with 1 when requests failed, or memory grew.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=1 minutes=60 rate=10000 samples=""
while [ $# -gt 0 ]; do
    case $1 in
        --scale) scale=$2 ;;
        --minutes) minutes=$2 ;;
        --rate) rate=$2 ;;
        --memory) samples=$(cd "$(dirname "$2")" && pwd)/$(basename "$2") ;;
        *) echo "usage: Scripts/soak-service.sh [--scale S] [--minutes M] [--rate R] [--memory FILE]" >&2; exit 64 ;;
    esac
    shift 2
done
here=$PWD bin=${CARE_BIN:-$PWD/.build/release}
[ -n "${CARE_BIN:-}" ] || Scripts/build.sh care bench-data engine-bench
work=$(mktemp -d)
# shellcheck source=/dev/null
. "$here/Scripts/bench-service/shop.sh"
watcher=""
trap '[ -z "$watcher" ] || kill "$watcher"; [ -z "$service" ] || kill "$service"; wait; rm -rf "$work"' EXIT
make_shop "$scale"
serve
samples=${samples:-$work/memory.txt}
echo "seconds resident_kb store_mb log_mb" >"$samples"
(
    began=$(date +%s)
    while kill -0 "$service" 2>/dev/null; do
        echo "$(($(date +%s) - began)) $(awk '/VmRSS/ { print $2 }' "/proc/$service/status")" \
            "$(($(stat -c %s care.sqlite) / 1048576)) $(($(stat -c %s care.sqlite-wal) / 1048576))" >>"$samples"
        sleep 10
    done
) 2>/dev/null &
watcher=$!
read -r sent reached median p99 most bad <<<"$(steady "$rate" "$((minutes * 60))" 100 16)"
kill "$watcher"
watcher=""
stored=$(curl -s -H "Authorization: Bearer $TOKEN" "$url/metrics" | awk '/^care_facts_stored_total/ { print $2 }')
stop
echo "sent     $sent events in $minutes minutes, $reached /s; a batch: median $median ms, 99 of 100 $p99 ms, at most $most ms; $bad failed"
echo "stored   $stored"
# The first tenth is for filling caches; then the middles of what is left, in two halves.
awk -v bad="$bad" '
    NR > 1 { time[NR] = $1; kb[NR] = $2; last = NR; store = $3; if ($4 > log_mb) log_mb = $4; if ($2 > peak) peak = $2 }
    END {
        for (n = 2; n <= last; n++) {
            if (time[n] < time[last] / 10) continue
            if (time[n] < time[last] * 0.55) { first += kb[n]; firsts++ } else { second += kb[n]; seconds++ }
        }
        if (!firsts || !seconds) { print "too short to tell"; exit 1 }
        first = first / firsts / 1024; second = second / seconds / 1024
        printf "memory   %.0f MB at the beginning, %.0f MB on average in the first half, %.0f MB in the second, %.0f MB at the end, %.0f MB at most (aim 150)\n",
            kb[2] / 1024, first, second, kb[last] / 1024, peak / 1024
        printf "store    %d MB, its log at most %d MB\n", store, log_mb
        if (bad > 0 || second > first * 1.1 + 5) exit 1
    }' "$samples"
