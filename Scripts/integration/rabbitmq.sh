#!/bin/bash
# Messages in a real RabbitMQ: delivered only when a queue has them. Uses the server that RABBITMQ_URL names.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"
: "${RABBITMQ_URL:?start one with Scripts/services/rabbitmq.sh}" "${RABBITMQ_USER:?}" "${RABBITMQ_PASSWORD:?}"
export RABBITMQ_PASSWORD

queue=care-test-$$
api() { curl --silent --show-error --fail --user "$RABBITMQ_USER:$RABBITMQ_PASSWORD" "$@"; }
mkdir -p "$work/shop/rules"
cd "$work/shop"
# The same broker twice: once with a queue that exists, once with a key that no queue is bound to.
for name in tasks lost; do
    key=$queue
    [ $name = tasks ] || key=$queue-nobody
    cat <<C
    "$name": { "type": "queue", "url": "$RABBITMQ_URL", "user": "$RABBITMQ_USER", "password": "env:RABBITMQ_PASSWORD",
               "routingKey": "$key", "allowPrivateAddresses": true, "retry": [] }
C
done | sed '2s/$/,/' >destinations
cat >care.json <<C
{ "timeZone": "Europe/Berlin", "store": "care.sqlite", "destinations": {
$(cat destinations) } }
C
cat >rules/complaints.json <<'C'
{ "events": { "complaint.opened": { "properties": { "ticketId": { "type": "string" } } } },
  "campaigns": { "complaint": {
    "trigger": { "event": "complaint.opened" }, "entryKey": { "var": "event.ticketId" }, "reentry": "afterExit",
    "actions": [
      { "name": "task", "send": "tasks", "audience": "staff", "type": "shop.task", "data": { "ticket": "{{entry.ticketId}}" } },
      { "name": "lost", "send": "lost", "audience": "staff", "type": "shop.lost", "data": { "ticket": "{{entry.ticketId}}" } } ] } } }
C
api --request PUT --header 'content-type: application/json' --data '{"durable":true}' "$RABBITMQ_URL/api/queues/%2F/$queue"
"$CARE" check
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
for ticket in 1 2 3; do
    echo "{\"customer\":\"c$ticket\",\"type\":\"complaint.opened\",\"id\":\"e$ticket\",\"time\":\"$now\",\"properties\":{\"ticketId\":\"T-$ticket ü\"}}"
done >events.jsonl
"$CARE" tick
"$CARE" import events events.jsonl --fire
# Three dead letters are findings, not a failure of the tick.
"$CARE" tick || [ $? = 1 ] || fail "tick"
api --header 'content-type: application/json' "$RABBITMQ_URL/api/queues/%2F/$queue/get" \
    --data '{"count":10,"ackmode":"ack_requeue_false","encoding":"auto"}' >messages.json
"$python" - messages.json <<'P'
import json, sys

messages = json.load(open(sys.argv[1], encoding="utf-8"))
assert len(messages) == 3, f"{len(messages)} messages"
bodies = [json.loads(message["payload"]) for message in messages]
assert {body["data"]["ticket"] for body in bodies} == {"T-1 ü", "T-2 ü", "T-3 ü"}, bodies
for message, body in zip(messages, bodies):
    assert body["specversion"] == "1.0" and body["type"] == "shop.task", body
    assert message["properties"]["message_id"] == body["id"], "consumers know a repetition by message_id"
    assert message["properties"]["delivery_mode"] == 2, "kept on disk"
P
"$CARE" deliveries list --state delivered,dead,waiting,sending --format json >deliveries.json
api --request DELETE "$RABBITMQ_URL/api/queues/%2F/$queue"
"$python" - deliveries.json <<'P'
import json, sys

deliveries = json.load(open(sys.argv[1], encoding="utf-8"))["deliveries"]
states = sorted((delivery["destination"], delivery["state"]) for delivery in deliveries)
assert states == [("lost", "dead")] * 3 + [("tasks", "delivered")] * 3, states
P
echo "3 messages in a real queue, 3 that no queue took are dead letters"
