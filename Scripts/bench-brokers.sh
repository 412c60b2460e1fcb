#!/bin/bash
# Measures how fast the outbox drains into brokers and a mail server of this machine, which it starts: RabbitMQ by its HTTP
# interface, NATS JetStream, Redis streams, mosquitto with one subscriber, aiosmtpd; each message acknowledged, recorded and
# committed. Beside the rate stands what Care itself takes of a core: where that is little, the other side is the limit.
#
#   Scripts/bench-brokers.sh [--scale N] [--only NAME]   1: 100,000 messages, RabbitMQ and mail a twentieth of it
set -euo pipefail
scale=1 only=
while [ $# -gt 0 ]; do
    case $1 in
        --scale) scale=$2; shift 2 ;;
        --only) only=$2; shift 2 ;;
        *) echo "bench-brokers.sh: no option '$1'" >&2; exit 64 ;;
    esac
done
. "$(dirname "$0")/integration/support/common.sh"
Scripts/build.sh delivery-bench
bench=$root/.build/release/delivery-bench
read -r nats redis mqtt <<<"$(free_ports 3)"
wants() { [ -z "$only" ] || [ "$only" = "$1" ]; }

# measure NAME URL [PART]
measure() {
    echo "== $1"
    "$bench" --broker "$2" --pairs 3 --scale "$(/usr/bin/python3 -c 'import sys; print(float(sys.argv[1]) * float(sys.argv[2]))' "$scale" "${3:-1}")"
    echo
}

if wants nats; then
    printf 'listen: "127.0.0.1:%s"\njetstream { store_dir: "%s/nats" }\n' "$nats" "$work" >"$work/nats.conf"
    "$root/.build-venv/bin/nats-server" -c "$work/nats.conf" -l "$work/nats.log" &
    children+=($!)
    until_listening "$nats"
    "$python" - "$nats" <<'P'
import asyncio, sys, nats
async def main():
    client = await nats.connect(f"nats://127.0.0.1:{sys.argv[1]}")
    await client.jetstream().add_stream(name="BENCH", subjects=["bench"], duplicate_window=1)
    await client.close()
asyncio.run(main())
P
    measure nats "nats://127.0.0.1:$nats"
fi
if wants redis; then
    redis-server --bind 127.0.0.1 --port "$redis" --dir "$work" --save '' --appendonly yes --appendfsync everysec \
        --daemonize no >"$work/redis.log" 2>&1 &
    children+=($!)
    until_listening "$redis"
    measure redis "redis://127.0.0.1:$redis"
fi
if wants mqtt; then
    printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$mqtt" >"$work/mqtt.conf"
    "$(command -v mosquitto || echo /usr/sbin/mosquitto)" -c "$work/mqtt.conf" >"$work/mqtt.log" 2>&1 &
    children+=($!)
    until_listening "$mqtt"
    mosquitto_sub -p "$mqtt" -q 0 -t bench >/dev/null &
    children+=($!)
    measure mqtt "mqtt://127.0.0.1:$mqtt"
fi
if wants mail; then
    "$python" - "$work" <<'P' 2>"$work/smtp.log" &
import asyncio, os, sys
from aiosmtpd.smtp import SMTP
class Sink:
    async def handle_DATA(self, server, session, envelope): return "250 2.0.0 queued"
async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Sink(), ident="sink"), "127.0.0.1", 0)
    with open(sys.argv[1] + "/smtp.new", "w") as file: file.write(str(server.sockets[0].getsockname()[1]))
    os.rename(sys.argv[1] + "/smtp.new", sys.argv[1] + "/smtp.port")
    await asyncio.Event().wait()
asyncio.run(main())
P
    children+=($!)
    until_so "the mail server's port" test -s "$work/smtp.port"
    measure mail "smtp://127.0.0.1:$(cat "$work/smtp.port")" 0.05
fi
if wants rabbitmq; then
    "$root/Scripts/services/rabbitmq.sh" start "$work/rabbitmq"
    trap '"$root/Scripts/services/rabbitmq.sh" stop "$work/rabbitmq"; end_children; rm -rf "$work"' EXIT
    set -a
    # shellcheck source=/dev/null
    . "$work/rabbitmq/env"
    set +a
    curl --silent --fail --user "$RABBITMQ_USER:$RABBITMQ_PASSWORD" --request PUT --header 'content-type: application/json' \
        --data '{"durable":true}' "$RABBITMQ_URL/api/queues/%2F/bench"
    measure rabbitmq "$RABBITMQ_URL" 0.05
fi
