#!/bin/bash
# The commands as a person at a shell meets them: exit codes, pipes, a store in use, a service that is asked to end.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

mkdir -p "$work/shop"
cd "$work/shop"
export CARE_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw

# ends CODE COMMAND...: runs it, its output in out and err.
ends() {
    local code=0 wanted=$1
    shift
    "$@" >out 2>err || code=$?
    expect "exit of $*" "$code" "$wanted"
}

ends 0 "$CARE"
grep -q '^care: customer care as code' out || fail "no overview"
ends 64 "$CARE" plann
expect "suggestion" "$(cat err)" "error: no command 'plann'. Did you mean 'plan'?"
ends 64 "$CARE" plan
ends 0 "$CARE" init --zone America/New_York
ends 0 "$CARE" check
ends 1 "$CARE" plan

# The real purchases, by the demonstration's mapping, twice.
data=$root/Demo/cdnow
ends 0 "$CARE" import events "$data/CDNOW_sample.txt" --map "$data/cdnow.map.json" --history-until 1998-01-01
expect "first import" "$(grep -E '^  (new|not taken)' out | tr -s ' ' | cut -d ' ' -f 3-5 | head -n 1)" "5,728"
ends 0 "$CARE" import events "$data/CDNOW_sample.txt" --map "$data/cdnow.map.json" --history-until 1998-01-01
grep -q '^  already stored  5,728   unchanged$' out || fail "the second import changed something: $(cat out)"

# What lies after it comes in as it happened, once.
ends 0 "$CARE" import events "$data/CDNOW_sample.txt" --map "$data/cdnow.map.json" --fire --at rows
grep -q '^Received 1,191 new events, each at its own time.$' out || fail "fired: $(cat out)"
ends 0 "$CARE" import events "$data/CDNOW_sample.txt" --map "$data/cdnow.map.json" --fire --at rows
grep -q '^No action was decided.$' out || fail "fired again: $(cat out)"

# A reader that closes the pipe early is no failure.
"$CARE" plan --at 1998-07-01 --format json | head -c 1 >/dev/null

# Refused rows: exit 1, a file that only its owner reads.
printf 'customer,type,time\nc1,purchase,2026-02-30\nc2,purchase,1998-06-30\n' >orders.csv
ends 1 "$CARE" import events orders.csv
expect "rejects file" "$(stat -c %a orders.csv.rejects)" 600

# A service holds the store, says that it lives, and ends as asked.
"$CARE" serve --listen 127.0.0.1:0 >serve.log 2>&1 &
service=$!
for _ in $(seq 1200); do
    "$CARE" health >/dev/null 2>&1 && break
    sleep 0.1
done
ends 0 "$CARE" health
# What writes is done by it; a second service is not.
ends 1 "$CARE" import events orders.csv
ends 0 "$CARE" tick
expect "a tick beside care serve" "$(head -n 1 out | cut -d " " -f 1-4)" "care serve, process $service,"
ends 75 "$CARE" serve --listen 127.0.0.1:0
expect "store in use" "$(head -n 1 err)" "error: store in use by care serve, process $service; care serve did not start"
ends 0 "$CARE" deliveries list
kill -TERM "$service"
code=0
wait "$service" || code=$?
expect "exit of care serve" "$code" 0
ends 1 "$CARE" health
ends 0 "$CARE" version
echo "commands end as they should"
