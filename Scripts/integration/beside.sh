#!/bin/bash
# Commands that write, beside `care serve`: each is run in one shop alone and in its twin through a running service; they
# say the same, end the same, and leave the same in the store. A service killed in the middle of an import loses nothing.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

start_receiver "$work/inbox" 204
export CARE_SECRET=$CARE_DEMO_SECRET
shop() {
    mkdir -p "$work/$1/rules"
    cat >"$work/$1/care.json" <<C
{ "timeZone": "Europe/Berlin", "store": "care.sqlite", "server": { "listen": "127.0.0.1:0" },
  "destinations": {
    "crm": { "type": "webhook", "url": "http://127.0.0.1:$port/", "secret": "env:CARE_SECRET", "allowPrivateAddresses": true },
    "shut": { "type": "webhook", "url": "http://127.0.0.1:$port/", "secret": "env:CARE_SECRET", "allowPrivateAddresses": true } } }
C
    cat >"$work/$1/rules/shop.json" <<'C'
{ "attributes": { "tier": { "type": "string" }, "email": { "type": "string", "pii": true } },
  "events": { "purchase": { "properties": { "amount": { "type": "number" } } } },
  "traits": { "spent": { "sum": { "event": "purchase", "property": "amount" } },
    "rfm": { "rfm": { "event": "purchase", "property": "amount", "scores": "quantiles" } } },
  "campaigns": {
    "thanks": { "trigger": { "event": "purchase" }, "reentry": "always",
      "actions": [{ "send": "crm", "type": "care.thanks", "data": { "customer": "{{customer.id}}" } }] },
    "ask": { "trigger": { "event": "visit" }, "reentry": "always",
      "actions": [{ "send": "shut", "type": "care.ask", "data": { "customer": "{{customer.id}}" } }] } } }
C
}
shop alone
shop beside

"$python" - "$work" <<'P'
import shutil, sys
from datetime import datetime, timedelta, timezone
work = sys.argv[1]
start = datetime(2024, 1, 1, tzinfo=timezone.utc)
def write(name, lines):
    open(f"{work}/{name}", "w", encoding="utf-8").write("\n".join(lines) + "\n")
write("customers.csv", ["customer,tier,email"] + [f"c{n},{'gold' if n % 3 else ''},c{n}@example.com" for n in range(900)])
def rows(first, last):
    for n in range(first, last):
        at = (start + timedelta(minutes=7 * n)).strftime("%Y-%m-%dT%H:%M:%SZ")
        # Two of three without an id; some twice.
        yield f"c{n % 900},purchase,{at},{f'e{n}' if n % 3 == 0 else ''},{n % 97}.25"
write("past.csv", ["customer,type,time,id,amount", *rows(0, 12000), *rows(0, 5), "c1,purchase,2024-02-30,bad,1", "c2,purchase"])
now = (datetime.now(timezone.utc) - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
lately = (datetime.now(timezone.utc) - timedelta(days=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
write("new.csv", ["customer,type,time,id,amount", *(f"c{n},purchase,{now},n{n},5" for n in range(40))])
write("visits.csv", ["customer,type,time,id"] + [f"c{n},visit,{now},v{n}" for n in range(20)])
for side in ("alone", "beside"):
    for name in ("customers", "past", "new", "visits"):
        shutil.copy(f"{work}/{name}.csv", f"{work}/{side}/")
write("many.csv", ["customer,type,time,id,amount", *(f"m{n % 5000},purchase,{lately},m{n},5" for n in range(120000))])
P

# serve FOLDER: starts its service; sets $service.
serve() {
    cd "$work/$1"
    "$CARE" serve --format json >>serve.log 2>&1 &
    service=$!
    children+=("$service")
    until "$CARE" health >/dev/null 2>&1; do
        kill -0 "$service" 2>/dev/null || fail "care serve ended: $(cat serve.log)"
        sleep 0.05
    done
}
# What is words of one way only, and instants of now.
same_words() {
    sed -E -e 's/Next: care tick/care serve delivers it./' -e 's/What waits goes out with: care tick/care serve delivers what waits./' \
        -e 's/(until|erased) [A-Z][a-z]{2} [0-9]+ [A-Z][a-z]{2}( [0-9]{4})? [0-9:]+/\1 NOW/' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/NOW/g' \
        -e 's/since [^(]+[(]/since NOW (/' \
        -e '/^Delivered /d' -e 's/"delivered":([0-9]+|null)/"delivered":N/'
}
# both CODE COMMAND...: runs it alone and beside the service; what it says and how it ends is the same.
both() {
    local wanted=$1 side code
    shift
    for side in alone beside; do
        code=0
        (cd "$work/$side" && "$CARE" "$@") >"$work/$side.out" 2>"$work/$side.err" || code=$?
        [ "$code" = "$wanted" ] || fail "care $* $side: exit $code, expected $wanted: $(cat "$work/$side.out" "$work/$side.err")"
        same_words <"$work/$side.out" >"$work/$side.words"
        same_words <"$work/$side.err" >"$work/$side.complaint"
    done
    cmp "$work/alone.words" "$work/beside.words" || fail "care $*: $(diff "$work/alone.words" "$work/beside.words")"
    cmp "$work/alone.complaint" "$work/beside.complaint" ||
        fail "care $*: $(diff "$work/alone.complaint" "$work/beside.complaint")"
    echo "ok: care $*: exit $wanted"
}
# settled FOLDER: waits until nothing waits for crm.
settled() {
    until [ "$("$python" - "$work/$1/care.sqlite" <<'P'
import sqlite3, sys
store = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(store.execute("SELECT count(*) FROM outbox WHERE destination = 'crm' AND state IN (0, 1)").fetchone()[0])
P
    )" = 0 ]; do
        [ "$1" = beside ] || (cd "$work/alone" && "$CARE" tick >/dev/null)
        kill -0 "$service" || fail "care serve ended: $(cat "$work/beside/serve.log")"
        sleep 0.05
    done
}
# equal WHAT: both stores hold the same facts, decisions, deliveries, customers and notes.
equal() {
    settled alone
    settled beside
    "$python" - "$work/alone/care.sqlite" "$work/beside/care.sqlite" "$1" <<'P'
import sqlite3, sys
questions = {
    "facts": """SELECT c.id, f.type, f.source, f.id, f.body, CASE WHEN f.hasOwnTime OR f.type IS NOT NULL THEN f.time END
        FROM facts f JOIN customers c ON c.number = f.customer""",
    "ledger": """SELECT c.id, l.campaign, l.occurrence, l.step, l.action, l.provisional, l.outcome, l.reason
        FROM ledger l JOIN customers c ON c.number = l.customer""",
    # Of who was erased an id of chance is left.
    "outbox": "SELECT CASE WHEN customer <> '' THEN id END, state, customer, campaign, destination, data, CASE WHEN state = 2 THEN '' ELSE reason END FROM outbox",
    "customers": "SELECT id, wakeUp FROM customers WHERE version > 0",
    "destinations": "SELECT name, reason FROM destinations",
    "cut points": "SELECT version, text FROM cut_points",
    "erased": "SELECT count(*) FROM notes WHERE name LIKE 'erased:%'",
    "rules": "SELECT epoch, fingerprint FROM rule_sets",
}
alone, beside = (sqlite3.connect(f"file:{path}?mode=ro", uri=True) for path in sys.argv[1:3])
for name, question in questions.items():
    rows = [sorted(map(repr, store.execute(question))) for store in (alone, beside)]
    if rows[0] != rows[1]:
        only = [sorted(set(rows[side]) - set(rows[1 - side]))[:3] for side in (0, 1)]
        sys.exit(f"{sys.argv[3]}: {name} differ, {len(rows[0])} and {len(rows[1])} rows: alone {only[0]}, beside {only[1]}")
print(f"ok: after {sys.argv[3]} both stores hold the same:", ", ".join(
    f"{alone.execute('SELECT count(*) FROM (' + q + ')').fetchone()[0]} {n}" for n, q in questions.items()))
P
}

(cd "$work/alone" && "$CARE" tick >/dev/null)
serve beside
cd "$work"

# Imports: history, again, customers, what fires.
both 0 import customers customers.csv --history-until 2025-12-01
both 1 import events past.csv --history-until 2025-12-01
cmp alone/past.csv.rejects beside/past.csv.rejects || fail "the files of rejects differ"
expect "rejects file" "$(stat -c %a beside/past.csv.rejects) $(grep -c '^# line' beside/past.csv.rejects)" "600 2"
both 1 import events past.csv --history-until 2025-12-01 --format json
equal "history"
both 0 import events new.csv --fire
both 0 import events new.csv --fire
equal "events that fire"
both 0 destinations disable shut --reason maintenance
both 1 destinations disable shut
both 64 destinations disable shutt
both 0 import events visits.csv --fire
equal "a disabled destination"

# The outbox: by ids and by options.
id=$(cd "$work/alone" && "$CARE" deliveries list --destination shut --format json --limit 1 --state parked |
    "$python" -c 'import json,sys; print(json.load(sys.stdin)["deliveries"][0]["id"])')
both 0 deliveries cancel "$id" --reason 'wrong coupon'
both 1 deliveries cancel "$id"
both 1 deliveries redrive --destination shut --yes
both 0 deliveries cancel --destination shut --customer c3 --yes
both 0 deliveries redrive --destination shut
both 0 destinations enable shut
both 1 destinations enable shut
until [ -z "$(cd "$work/alone" && "$CARE" tick >/dev/null && "$CARE" deliveries list --destination shut --state waiting,sending --format json | grep -o 'dlv_' | head -n 1)" ]; do sleep 0.05; done
until [ -z "$(cd "$work/beside" && "$CARE" deliveries list --destination shut --state waiting,sending --format json | grep -o 'dlv_' | head -n 1)" ]; do sleep 0.05; done
equal "the outbox"

# Customers, retention, cut points, a plan.
both 0 customers erase c5
both 0 customers erase c5 --yes
both 0 customers erase c5 --yes
both 1 customers erase nobody --yes
both 0 customers readmit c5
both 1 customers readmit c5
both 0 customers erase c7 --yes
equal "erasing"
both 0 cutpoints --at 2029-01-01
(cd "$work/alone" && "$CARE" tick >/dev/null)
until [ "$("$python" -c 'import sqlite3,sys; print(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT max(epoch) FROM rule_sets").fetchone()[0])' "$work/beside/care.sqlite")" = 2 ]; do
    kill -0 "$service" || fail "care serve ended: $(cat "$work/beside/serve.log")"
    sleep 0.05
done
# Rows are brought up to new rules little by little.
brought_up() { [ "$("$python" -c 'import sqlite3,sys; print(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT count(*) FROM customers WHERE version > 0 AND epoch < 2").fetchone()[0])' "$work/$1/care.sqlite")" = 0 ]; }
until brought_up alone; do (cd "$work/alone" && "$CARE" tick >/dev/null); done
until brought_up beside; do
    kill -0 "$service" || fail "care serve ended: $(cat "$work/beside/serve.log")"
    sleep 0.05
done
equal "cut points, in force at once"
both 0 prune --facts P1Y --dry-run
both 0 prune --facts P1Y --deliveries P90D
both 64 prune --facts PT5H
equal "pruning"
for side in alone beside; do
    (cd "$work/$side" && "$CARE" plan --days 1 --out "$side.careplan" >/dev/null)
    (cd "$work/$side" && "$CARE" apply "$side.careplan" >"$work/applied.$side") || fail "care apply $side"
done
cmp <(grep -v Delivered "$work/applied.alone") <(grep -v Delivered "$work/applied.beside") ||
    fail "care apply: $(cat "$work/applied.alone" "$work/applied.beside")"
code=0
(cd "$work/beside" && "$CARE" apply ../alone/alone.careplan >out 2>err) || code=$?
expect "a plan of another store beside a service" "$code $(grep -c plan.other-store "$work/beside/err")" "1 1"
equal "a plan"

# A tick says how the service stands; another clock than its own it cannot take.
(cd "$work/beside" && "$CARE" tick >out)
expect "care tick beside care serve" "$(head -n 1 "$work/beside/out")" \
    "care serve, process $service, decides and delivers by itself; nothing was left to be done."
code=0
(cd "$work/beside" && "$CARE" tick --at 2024-01-01 >out 2>err) || code=$?
expect "care tick --at beside care serve" "$code" 75

# Whom the changes are recorded under, and that nobody else gets in.
expect "who" "$("$python" -c 'import json,sys,pwd,os
lines = [json.loads(line) for line in open(sys.argv[1])]
assert all(line["by"] == "command" and line["who"] == pwd.getpwuid(os.getuid()).pw_name for line in lines), lines
assert all(line["object"] == "" for line in lines if line["action"].startswith("customers.")), lines
print(*dict.fromkeys(line["action"] for line in lines))' "$work/beside/care.sqlite.audit.jsonl")" \
    "destinations.disable deliveries.cancel destinations.enable customers.erase customers.readmit cutpoints prune plans.apply"
expect "mode of the socket" "$(stat -c '%a %F' "$work/beside/care.sqlite.socket")" "600 socket"

# Users of the console, beside the service.
url=$(grep -o '"url":"http://127.0.0.1:[0-9]*"' "$work/beside/serve.log" | head -n 1 | cut -d '"' -f 4)
sign_in() {
    curl -s -o /dev/null -c "$work/jar" -w '%{http_code} %{redirect_url}' "$url/sign-in" \
        --data-urlencode "name=$1" --data-urlencode "password=$2"
}
page() { curl -s -o /dev/null -b "$work/jar" -w '%{http_code}' "$url/console/overview"; }
(cd "$work/beside" && echo 'long enough words' | "$CARE" users add lin --scope operate >out) || fail "users add"
expect "a user" "$(cat "$work/beside/out")" "lin can sign in (operate)."
expect "signed in" "$(sign_in lin 'long enough words') $(page)" "303 $url/console/overview 200"
(cd "$work/beside" && echo 'quite other words' | "$CARE" users passwd lin >out) || fail "users passwd"
expect "the session after another password" "$(page)" 303
expect "the old password" "$(sign_in lin 'long enough words' | cut -d ' ' -f 1)" 401
expect "the new password" "$(sign_in lin 'quite other words' | cut -d ' ' -f 1) $(page)" "303 200"
(cd "$work/beside" && "$CARE" users remove lin >out) || fail "users remove"
expect "the session of one who was removed" "$(page)" 303

# Killed in the middle of an import: the command says how far it came; the same again, alone or beside, completes it.
count() { "$python" -c 'import sqlite3,sys; print(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True).execute("SELECT count(*) FROM facts WHERE id LIKE ?", ("m%",)).fetchone()[0])' "$work/beside/care.sqlite"; }
cd "$work/beside"
"$CARE" import events ../many.csv >out 2>err &
import=$!
until [ "$(count)" -gt 10000 ]; do
    kill -0 "$import" 2>/dev/null || fail "the import was over too soon: $(cat out err)"
done
kill -KILL "$service"
wait "$service" 2>/dev/null || true
code=0
wait "$import" || code=$?
expect "an import whose service was killed" "$code" 75
dealt=$(sed -nE 's/^error: care serve ended while .* was imported: its first ([0-9,]+) rows are dealt with$/\1/p' err | tr -d ,)
[ -n "$dealt" ] || fail "$(cat err)"
stored=$(count)
[ "$stored" -ge "$dealt" ] && [ "$stored" -lt 120000 ] || fail "$dealt dealt with, $stored stored"
[ -S care.sqlite.socket ] || fail "a killed service leaves its socket"
serve beside
"$CARE" import events ../many.csv >out
expect "the same again" "$(count) $(grep -E '^  (new|already stored)' out | tr -s ' ' | tr -d '\n,')" \
    "120000  new $((120000 - stored)) already stored $stored unchanged"
kill -KILL "$service"
wait "$service" 2>/dev/null || true
"$CARE" import events ../many.csv >out
expect "and again, alone" "$(grep '^  already stored' out | tr -s ' ')" " already stored 120,000 unchanged"
serve beside
kill -TERM "$service"
code=0
wait "$service" || code=$?
expect "exit of care serve" "$code" 0
[ ! -e care.sqlite.socket ] || fail "a service that ended left its socket"
echo "commands beside a service do what they do alone"
