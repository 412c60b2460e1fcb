#!/bin/bash
# Ten thousand connections that say nothing, or half a request: the service goes on taking events, and keeps its memory.
#
#   idle.sh [CONNECTIONS]   10,000 unless said
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

count=${1:-10000}
# Both sides hold one descriptor for each.
hard=$(ulimit -Hn)
if [ "$hard" != unlimited ] && [ "$hard" -lt $((count + 200)) ]; then
    count=$((hard - 200))
    echo "only $hard files may be open here"
fi
ulimit -n $((count + 200))
mkdir -p "$work/shop/rules"
cd "$work/shop"
echo '{ "campaigns": {} }' >rules/none.json
echo "{ \"timeZone\": \"UTC\", \"server\": { \"listen\": \"127.0.0.1:0\", \"connections\": $((count + 100)) } }" >care.json
token=$("$CARE" tokens create shop --scope ingest 2>/dev/null)
"$CARE" serve --format json >serve.log 2>&1 &
service=$!
children+=("$service")
until grep -q '"event":"listening"' serve.log; do
    kill -0 "$service" 2>/dev/null || fail "care serve ended: $(cat serve.log)"
    sleep 0.05
done
url=$(grep -o '"url":"http://127.0.0.1:[0-9]*"' serve.log | head -n 1 | cut -d '"' -f 4)
until curl -sf -o /dev/null "$url/ready"; do
    kill -0 "$service" 2>/dev/null || fail "care serve ended: $(cat serve.log)"
    sleep 0.05
done
"$python" "$root/Scripts/integration/support/idle.py" "$url" "$token" "$service" "$count" || fail "$(tail -n 5 serve.log)"
kill -TERM "$service"
code=0
wait "$service" || code=$?
expect "exit of care serve" "$code" 0
