#!/bin/bash
# `make run`: real purchases of 1997, made-up names and birthdays, the campaigns of rules/, one week of 1998.
#
# Six stages, one line each; what a tool prints is shown only where it fails. Works in .build/demo, made new each run.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
demo=$root/.build/demo
logs=$demo/logs
# New Year in the shop's zone: what lies before is history, the week after it is planned.
history_until=1998-01-01
plan_at=1998-01-01T00:00:00-05:00
tick_at=1998-01-01T12:00:00-05:00
explained="00004 first-purchase-anniversary"

stage=0
# stage NAME TEXT: prints the line of a stage that is done.
stage() {
    stage=$((stage + 1))
    printf '[%d/6] %-9s %s\n' $stage "$1" "$2"
}
# quietly LOG COMMAND...: runs a command; its output goes to the log and is shown only if it fails.
quietly() {
    local log=$logs/$1.log
    shift
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        echo "failed: $*" >&2
        exit 1
    fi
}

receiver=
finish() {
    if [ -n "$receiver" ]; then
        kill -TERM "$receiver" 2>/dev/null || true
        wait "$receiver" 2>/dev/null || true
    fi
}
trap finish EXIT

packages=$(Scripts/setup.sh)
rm -rf "$demo"
mkdir -p "$logs"
stage packages "${packages#packages   }"

started=$SECONDS
Scripts/build.sh care demo-data
stage build "release, $((SECONDS - started)) s"

# The demonstration's own care.json: the sample with a port that is free.
port=8421
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
sed "s/127\.0\.0\.1:8421/127.0.0.1:$port/g" care.json >"$demo/care.json"
ln -s "$root/rules" "$demo/rules"
ln -s "$root/.build/release/care" "$demo/care"
CARE_DEMO_SECRET=whsec_$(head -c 24 /dev/urandom | base64)
export CARE_DEMO_SECRET
cd "$demo"

quietly demo-data "$root/.build/release/demo-data" "$root/Demo/cdnow/CDNOW_sample.txt" data
import() { quietly "import-$1" ./care import "${@:2}" --history-until $history_until; }
import customers customers data/made-up-customers.csv
import tiers customers data/made-up-tier-changes.csv
import purchases events "$root/Demo/cdnow/CDNOW_sample.txt" --map "$root/Demo/cdnow/cdnow.map.json"
import service events data/made-up-events.jsonl
# number LOG LABEL: the number behind that label in a summary.
number() { sed -nE "/^ *$2 +[0-9]/ { s/^ *$2 +([0-9,]+).*/\1/p; q }" "$logs/$1.log"; }
stage import "$(number import-customers new) customers (made up) · $(number import-purchases new) real purchases to 1 Jan 1998"

quietly check ./care check rules
stage check "$(head -n 1 "$logs/check.log")"

quietly plan ./care plan --at $plan_at --days 7
stage plan "$(head -n 1 "$logs/plan.log")"
echo
tail -n +3 "$logs/plan.log" | sed 's/^/      /'
echo

./care receive --port $port --secret env:CARE_DEMO_SECRET >"$logs/receive.log" 2>&1 &
receiver=$!
for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
    sleep 0.05
done
quietly tick ./care tick --at $tick_at
decided=$(sed -nE 's/.*: ([0-9,]+) actions? decided.*/\1/p' "$logs/tick.log")
delivered=$(sed -nE 's/.*Delivered ([0-9,]+).*/\1/p' "$logs/tick.log")
verified=$(grep -c 'signature ok' "$logs/receive.log")
stage tick "$decided decided, $delivered delivered to http://127.0.0.1:$port, $verified signatures verified"

echo
echo "What came, as care receive printed it (all: .build/demo/logs/receive.log):"
# Reads to the end: a reader that stops early would end the writer before it, and with it this script.
awk '/signature ok/ { lines = 2 } lines > 0 && shown < 6 { print "  " $0; lines--; shown++ }' "$logs/receive.log"

# shellcheck disable=SC2086  # a customer and a campaign
quietly explain ./care explain $explained
echo
echo "One of them:  care explain $explained"
sed 's/^/  /' "$logs/explain.log"
echo
echo "Works. All of it is in .build/demo. Next:"
echo "  cd .build/demo && ./care plan --at 1998-01-02T00:00:00-05:00 --days 30"
echo "or edit rules/win-back.json and type: ./care check rules"
