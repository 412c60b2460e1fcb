#!/bin/bash
# `care tick` killed by SIGKILL in the middle and run again, KILLS times (default 50): compared with a twin that was
# never killed, no decision is lost and none is made twice; every delivery arrives.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"
. "$root/Scripts/integration/support/demo.sh"
kills=${KILLS:-50}

start_receiver "$work/receiver"
demo_shop "$work/killed" "$port" 1998-01-01
end_children
mv "$work/receiver" "$work/unused"
# Each shop has a receiver of its own behind the same settings but for the port.
start_receiver "$work/seen-killed"
sed -i "s/127\.0\.0\.1:[0-9]*/127.0.0.1:$port/g" "$work/killed/care.json"
cp -a "$work/killed" "$work/whole"
start_receiver "$work/seen-whole"
sed -i "s/127\.0\.0\.1:[0-9]*/127.0.0.1:$port/g" "$work/whole/care.json"

# instant N [SECONDS]: the instant of round N, three hours after the round before, and SECONDS on.
instant() { date -u -d "@$((883630800 + $1 * 10800 + ${2:-0}))" +%Y-%m-%dT%H:%M:%SZ; }
milliseconds() { date +%s%3N; }

alive=0
for round in $(seq 0 "$kills"); do
    # How long a whole tick takes says when to kill the other.
    started=$(milliseconds)
    (cd "$work/whole" && "$CARE" tick --at "$(instant "$round" 60)") >"$work/whole.log" 2>&1 || fail "$(cat "$work/whole.log")"
    took=$(($(milliseconds) - started))
    if [ "$round" -gt 0 ]; then
        (cd "$work/killed" && exec "$CARE" tick --at "$(instant "$round")") >"$work/killed.log" 2>&1 &
        victim=$!
        pause=$((RANDOM * took / 32768))
        sleep "$(printf '%d.%03d' $((pause / 1000)) $((pause % 1000)))"
        kill -KILL $victim 2>/dev/null || alive=$((alive + 1))
        wait $victim 2>/dev/null || true
    fi
    (cd "$work/killed" && "$CARE" tick --at "$(instant "$round" 60)") >"$work/killed.log" 2>&1 || fail "$(cat "$work/killed.log")"
done

# What a killed tick was sending when it died waits for its lease to end.
state() { (cd "$work/$1" && "$CARE" deliveries list --format json --limit 100000 \
        --state waiting,sending,delivered,dead,parked,cancelled) >"$work/$1.json"; }
arrived() {
    (cd "$work/killed" && "$CARE" tick --at "$(instant "$((kills + 1))")") >"$work/killed.log" 2>&1
    state killed
    ! grep -Eq '"state": ?"(waiting|sending)"' "$work/killed.json"
}
until_so "the arrival of what was being sent" arrived
# Both end at the same instant, whether or not anything had to be waited for.
for shop in killed whole; do
    (cd "$work/$shop" && "$CARE" tick --at "$(instant "$((kills + 1))" 60)") >"$work/$shop.log" 2>&1 \
        || fail "$(cat "$work/$shop.log")"
done
state whole
state killed

[ ! -f "$work/seen-killed/refused" ] || fail "refused: $(head -n 3 "$work/seen-killed/refused")"
"$python" - "$work" <<'P'
import json, sys
from collections import Counter

work = sys.argv[1]

def deliveries(name):
    rows = json.load(open(f"{work}/{name}.json", encoding="utf-8"))["deliveries"]
    assert len({row["id"] for row in rows}) == len(rows), "an id twice in the outbox"
    return {row["id"]: row for row in rows}

def seen(name):
    return Counter(json.loads(line)["id"] for line in open(f"{work}/seen-{name}/received.jsonl", encoding="utf-8"))

killed, whole = deliveries("killed"), deliveries("whole")
lost, more = whole.keys() - killed.keys(), killed.keys() - whole.keys()
assert not lost and not more, f"lost {len(lost)}, made besides {len(more)}: {sorted(lost | more)[:5]}"
for id, row in killed.items():
    assert row["state"] == "delivered", row
arrived = seen("killed")
assert arrived.keys() == killed.keys(), "what was decided and what arrived differ"
assert seen("whole").keys() == whole.keys() and max(seen("whole").values()) == 1, "without kills each arrives once"
again = sum(count - 1 for count in arrived.values())
print(f"{len(killed)} decisions, each made once; all arrived, {again} a second time under their id")
P
echo "$kills kills ($alive came too late to hit): no decision lost, none made twice"
