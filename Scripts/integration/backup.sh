#!/bin/bash
# A backup made while care serve works, restored elsewhere: it is what the store was at one instant, and both stores go
# on alike from there.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"
. "$root/Scripts/integration/support/demo.sh"

start_receiver "$work/receiver"
demo_shop "$work/shop" "$port" 1998-01-01 >/dev/null
cd "$work/shop"

# The load: a month of purchases received as they came, while copies are made one after another.
"$CARE" import events "$root/Demo/cdnow/CDNOW_sample.txt" --map "$root/Demo/cdnow/cdnow.map.json" --fire --at rows \
    >"$work/load.log" 2>&1 &
load=$!
copies=0
while kill -0 $load 2>/dev/null; do
    copies=$((copies + 1))
    "$CARE" backup "$work/copy-$copies.sqlite" --format json >"$work/copy-$copies.json"
    sleep 0.5
done
wait $load || fail "$(cat "$work/load.log")"
[ "$copies" -ge 2 ] || fail "the load was over before a second copy: $copies"
"$CARE" backup "$work/last.sqlite" >/dev/null

# Restored elsewhere: each copy is whole, and no fact is in one without its decisions.
for number in $(seq "$copies"); do
    folder=$work/elsewhere-$number
    mkdir "$folder"
    cp care.json "$folder/"
    ln -s "$root/rules" "$folder/rules"
    (cd "$folder" && "$CARE" restore "$work/copy-$number.sqlite" --format json >restored.json)
    "$python" - "$work/copy-$number.json" "$folder/restored.json" "$folder/care.sqlite" care.sqlite <<'P'
import json, sqlite3, sys

made, restored = (json.load(open(path)) for path in sys.argv[1:3])
for name in ("store", "clock", "customers", "facts", "decisions", "deliveries", "attempts"):
    assert made[name] == restored[name], (name, made[name], restored[name])
copy, store = (sqlite3.connect(f"file:{path}?mode=ro", uri=True) for path in sys.argv[3:5])
for table in ("facts", "ledger"):
    # Both are append-only: what the copy holds is how the store begins.
    rows = copy.execute(f"SELECT * FROM {table} ORDER BY number").fetchall()
    begins = store.execute(f"SELECT * FROM {table} WHERE number <= ? ORDER BY number", (len(rows),)).fetchall()
    assert rows == begins, f"{table}: the copy is not a beginning of the store"
orphans = copy.execute("""SELECT count(*) FROM outbox WHERE NOT EXISTS
    (SELECT 1 FROM ledger WHERE ledger.key = outbox.id AND provisional = 0)""").fetchone()[0]
assert orphans == 0, f"{orphans} deliveries without a decision"
P
done

# The last copy, made when all was done, holds what the store holds, and goes on as it does.
mkdir "$work/twin"
cp care.json "$work/twin/"
ln -s "$root/rules" "$work/twin/rules"
(cd "$work/twin" && "$CARE" restore "$work/last.sqlite" >/dev/null)
plan() { "$CARE" plan --at 1998-07-01 --days 30 --format jsonl | sort; }
same=$(plan | tee "$work/plan" | wc -l)
(cd "$work/twin" && plan) | cmp - "$work/plan" || fail "the restored store plans otherwise"
[ "$same" -gt 10 ] || fail "a plan of $same lines shows nothing"

# Beside a service: copied, and not restored over.
"$CARE" serve --listen 127.0.0.1:0 >serve.log 2>&1 &
service=$!
children+=($service)
for _ in $(seq 1200); do
    "$CARE" health >/dev/null 2>&1 && break
    sleep 0.1
done
"$CARE" backup "$work/beside.sqlite" >/dev/null || fail "no backup beside care serve"
code=0
"$CARE" restore "$work/last.sqlite" >out 2>err || code=$?
expect "restore beside care serve" "$code" 75
grep -q "store in use by care serve, process $service; nothing was restored" err || fail "$(cat err)"
echo "$copies copies made under load, each of one instant; restored elsewhere they are the store"
