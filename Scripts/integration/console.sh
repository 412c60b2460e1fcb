#!/bin/bash
# The console in a real Chromium: signing in, a campaign, a plan, a customer, a redrive; then every page under axe.
#
#   console.sh [PICTURES]   with a folder: photographs of every page, both themes, both languages, desktop and phone
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

pictures=${1:-}
customers=${CONSOLE_CUSTOMERS:-60}
days=${CONSOLE_DAYS:-4}
shop=$work/lanting-camera
mkdir -p "$shop"
"$python" "$root/Scripts/integration/support/console_shop.py" receive "$shop" &
children+=($!)
for _ in $(seq 200); do [ -f "$shop/port" ] && break || sleep 0.05; done
"$python" "$root/Scripts/integration/support/console_shop.py" make "$shop" "$root/examples" "$(cat "$shop/port")" \
    "$customers" "$days"
cd "$shop"
"$CARE" check rules >/dev/null || "$CARE" check rules
begin=$(date -u -d "$days days ago" +%Y-%m-%dT%H:%M:%SZ)
"$CARE" import customers customers.csv --history-until "$begin" >/dev/null
"$CARE" import events history.jsonl --history-until "$begin" >/dev/null
"$CARE" tick --at "$begin" --decide-only >/dev/null
"$CARE" import events recent.jsonl --fire --at rows >/dev/null
"$CARE" cutpoints >/dev/null 2>&1 || true

"$CARE" serve --listen 127.0.0.1:0 >serve.log 2>&1 &
children+=($!)
for _ in $(seq 200); do grep -q '/setup?key=' serve.log && break || sleep 0.05; done
setup=$(grep -o 'http://[^ "]*/setup?key=[A-Za-z0-9_-]*' serve.log | head -n 1)
[ -n "$setup" ] || fail "care serve printed no set-up link: $(cat serve.log)"
base=${setup%%/setup*}
# What is due leaves first, so that there are dead letters to look at.
for _ in $(seq 100); do
    [ "$("$CARE" deliveries list --state dead --format json | grep -c '"id"')" = 0 ] || break
    sleep 0.1
done
"$python" "$root/Scripts/integration/support/console_walk.py" "$base" "$setup" "$shop" ${pictures:+"$pictures"}
echo "the console works in Chromium"
