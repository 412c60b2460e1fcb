# A made-up shop with twenty campaigns, served: what measures and what soaks the service share. Sourced, not run.
# shellcheck shell=bash
#
# Needs `work`, an empty folder, and `bin`, the folder of the release programs. What is decided is kept back. Who has more
# of the past to take in defines `more_history UNTIL`, which is called before anything is decided.

service="" url="" ready=0

# at SCALE N: N times SCALE, 1,000 at least.
at() { awk -v n="$2" -v scale="$1" 'BEGIN { n = int(n * scale); print n < 1000 ? 1000 : n }'; }

# make_shop SCALE: 1,000,000 customers at scale 1, with as many events of history; sets TOKEN and EVENTS.
make_shop() {
    mkdir "$work/rules"
    cd "$work"
    "$bin/bench-data" . "$(at "$1" 1000000)" "$(at "$1" 1000000)" "$(at "$1" 200000)"
    "$bin/engine-bench" --rules rules/bench.json
    port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    export CARE_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
    cat >care.json <<C
{ "timeZone": "UTC", "store": "care.sqlite", "recoveryRate": 1000000, "server": { "requestsPerSecond": 1000000 },
  "destinations": { "crm": { "type": "webhook", "url": "http://127.0.0.1:$port/", "secret": "env:CARE_SECRET",
    "allowPrivateAddresses": true, "concurrency": 64 } } }
C
    local until
    until=$(head -n 1 firing.jsonl | sed -nE 's/.*"time":"([^"]*)".*/\1/p')
    "$bin/care" import customers customers.csv --history-until "$until" >/dev/null
    "$bin/care" import events events.jsonl --history-until "$until" >/dev/null
    if declare -F more_history >/dev/null; then more_history "$until"; fi
    # What fell due since the data's day is caught up with first.
    "$bin/care" destinations disable crm >/dev/null
    "$bin/care" tick >/dev/null
    TOKEN=$("$bin/care" tokens create bench --scope ingest --scope read 2>/dev/null)
    export TOKEN EVENTS=$work/firing.jsonl
}

# serve: starts the service and waits until it is ready; sets url, and how many milliseconds that took in ready.
serve() {
    local from
    from=$(date +%s%N)
    "$bin/care" serve --listen 127.0.0.1:0 >serve.log 2>&1 &
    service=$!
    url=""
    while ! { [ -n "$url" ] && curl -sf -o /dev/null "$url/ready"; }; do
        url=$(grep -o 'http://127.0.0.1:[0-9]*' serve.log | head -n 1) || true
        kill -0 $service
        sleep 0.02
    done
    ready=$((($(date +%s%N) - from) / 1000000))
}

# stop: ends it as an operator does.
stop() {
    kill -TERM "$service"
    wait "$service" || true
    service=""
}

# memory: the service's resident megabytes.
memory() { awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$service/status"; }

# steady RATE SECONDS SIZE CONNECTIONS: events at that rate; what steady.py prints.
steady() {
    /usr/bin/python3 "$here/Scripts/bench-service/steady.py" "$url" "$TOKEN" "$EVENTS" "$@" | sed -n 's/^STEADY //p'
}
