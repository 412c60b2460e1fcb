#!/bin/bash
# The console in a real Chromium: signing in, a campaign, a plan, a customer, a redrive; then every page under axe.
#
#   console.sh [PICTURES]   with a folder: photographs of every page, both themes, both languages, desktop and phone
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

pictures=${1:-}
customers=${CONSOLE_CUSTOMERS:-60}
days=${CONSOLE_DAYS:-3}
hours=${CONSOLE_HOURS:-12}
shop=$work/lanting-camera
mkdir -p "$shop"
"$python" "$root/Scripts/integration/support/console_shop.py" receive "$shop" &
children+=($!)
for _ in $(seq 1200); do [ -f "$shop/port" ] && break || sleep 0.05; done
"$python" "$root/Scripts/integration/support/console_shop.py" make "$shop" "$root/examples" "$(cat "$shop/port")" \
    "$customers" "$days" "$hours"
cd "$shop"
"$CARE" check rules >/dev/null || "$CARE" check rules
begin=$(date -u -d "$days days ago" +%Y-%m-%dT%H:%M:%SZ)
"$CARE" import customers customers.csv --history-until "$begin" >/dev/null
"$CARE" import events history.jsonl --history-until "$begin" >/dev/null
"$CARE" cutpoints --at "$begin" >/dev/null 2>&1 || "$CARE" cutpoints >/dev/null
"$CARE" tick --at "$begin" --decide-only >/dev/null
# The last days as they went: what came in, then what fell due and was delivered.
for part in recent/*.jsonl; do
    [ ! -s "$part" ] || "$CARE" import events "$part" --fire --at rows >/dev/null
    # 1: something is dead or waits.
    "$CARE" tick --at "$(basename "$part" .jsonl)" >/dev/null || [ $? = 1 ]
done

"$CARE" serve --listen 127.0.0.1:0 >serve.log 2>&1 &
children+=($!)
for _ in $(seq 1200); do grep -q '/setup?key=' serve.log && break || sleep 0.05; done
setup=$(grep -o 'http://[^ "]*/setup?key=[A-Za-z0-9_-]*' serve.log | head -n 1)
[ -n "$setup" ] || fail "care serve printed no set-up link: $(cat serve.log)"
base=${setup%%/setup*}
"$python" "$root/Scripts/integration/support/console_walk.py" "$base" "$setup" "$shop" ${pictures:+"$pictures"}
echo "the console works in Chromium"
