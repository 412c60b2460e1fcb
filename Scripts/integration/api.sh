#!/bin/bash
# Every curl line of docs/api.md is run as it stands, and answered with success.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

mkdir "$work/shop"
cd "$work/shop"
export CARE_SECRET=$CARE_DEMO_SECRET
"$CARE" init --zone Asia/Shanghai >/dev/null
"$CARE" serve --listen 127.0.0.1:0 >serve.log 2>&1 &
children+=($!)
for name in ingest read operate admin; do
    export "$(echo $name | tr '[:lower:]' '[:upper:]')=$("$CARE" tokens create $name --scope $name 2>/dev/null)"
done
for _ in $(seq 1200); do
    CARE_URL=$(grep -o 'http://127.0.0.1:[0-9]*' serve.log | head -n 1) || true
    if [ -n "$CARE_URL" ] && curl -sf -o /dev/null "$CARE_URL/ready"; then break; fi
    sleep 0.05
done
export CARE_URL
sed -n '/^```sh$/,/^```$/p' "$root/docs/api.md" | grep -v '^```' >lines.sh
count=$(grep -c '^curl ' lines.sh)
[ "$count" -gt 20 ] || fail "only $count lines of curl in docs/api.md"
curl() { command curl --silent --show-error --fail-with-body --output answer "$@" || { cat answer; return 1; }; }
export -f curl
bash -e lines.sh || fail "a line of docs/api.md was refused: $(cat serve.log)"
expect "the last answer" "$(head -c 18 answer)" '{"openapi":"3.1.0"'
echo "$count lines of docs/api.md, every one answered with success"
