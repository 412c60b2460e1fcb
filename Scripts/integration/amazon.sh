#!/bin/bash
# Messages for Amazon SQS and SNS, against moto's server: it knows the protocols, and does not check signatures (the
# package's own tests do).
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

port=$(free_ports 1)
"$root/.build-venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$work/moto.log" 2>&1 &
children+=($!)
until_so "moto's server" curl --silent --fail --output /dev/null "http://127.0.0.1:$port/moto-api/data.json"
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=not-a-secret
# Queues: a plain one, one that keeps order, and one that hears of a topic.
"$python" - "$port" >"$work/made.json" <<'P'
import json, sys
import boto3
at = dict(endpoint_url=f"http://127.0.0.1:{sys.argv[1]}", region_name="us-east-1")
sqs, sns = boto3.client("sqs", **at), boto3.client("sns", **at)
plain = sqs.create_queue(QueueName="care")["QueueUrl"]
fifo = sqs.create_queue(QueueName="care.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
heard = sqs.create_queue(QueueName="heard")["QueueUrl"]
topic = sns.create_topic(Name="care")["TopicArn"]
arn = sqs.get_queue_attributes(QueueUrl=heard, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
json.dump(dict(plain=plain, fifo=fifo, heard=heard, topic=topic), sys.stdout)
P
made() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/made.json" "$1"; }

mkdir -p "$work/shop/rules"
cd "$work/shop"
keys='"region": "us-east-1", "accessKeyId": "env:AWS_ACCESS_KEY_ID", "secretAccessKey": "env:AWS_SECRET_ACCESS_KEY", "allowPrivateAddresses": true, "retry": []'
cat >care.json <<C
{ "timeZone": "UTC", "store": "care.sqlite", "destinations": {
    "plain": { "type": "sqs", "queue": "$(made plain)", $keys },
    "fifo": { "type": "sqs", "queue": "$(made fifo)", $keys },
    "none": { "type": "sqs", "queue": "http://127.0.0.1:$port/123456789012/no-such-queue", $keys },
    "topic": { "type": "sns", "topic": "$(made topic)", "endpoint": "http://127.0.0.1:$port/", $keys } } }
C
cat >rules/all.json <<'C'
{ "campaigns": { "all": { "trigger": { "event": "go" }, "actions": [
    { "name": "plain", "send": "plain", "type": "t.plain", "data": { "customer": "{{customer.id}}" } },
    { "name": "fifo", "send": "fifo", "type": "t.fifo", "data": { "customer": "{{customer.id}}" } },
    { "name": "none", "send": "none", "type": "t.none", "data": { "customer": "{{customer.id}}" } },
    { "name": "topic", "send": "topic", "type": "t.topic", "data": { "customer": "{{customer.id}}" } } ] } } }
C
"$CARE" check
"$CARE" tick >/dev/null
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
printf '{"customer":"顾客 1","type":"go","id":"e1","time":"%s"}\n{"customer":"c2","type":"go","id":"e2","time":"%s"}\n' "$now" "$now" >go.jsonl
"$CARE" import events go.jsonl --fire >/dev/null
"$CARE" tick || true
"$CARE" deliveries list --state dead | tee dead.txt
expect "dead letters for a queue that does not exist" "$(grep -c 'NonExistentQueue\|QueueDoesNotExist' dead.txt)" 2
"$python" - "$port" "$work/made.json" <<'P'
import json, sys
import boto3
sqs = boto3.client("sqs", endpoint_url=f"http://127.0.0.1:{sys.argv[1]}", region_name="us-east-1")
made = json.load(open(sys.argv[2]))
for name, kind in (("plain", "t.plain"), ("fifo", "t.fifo"), ("heard", "t.topic")):
    found = {}
    for _ in range(10):
        answer = sqs.receive_message(QueueUrl=made[name], MaxNumberOfMessages=10, MessageAttributeNames=["All"],
                                     AttributeNames=["All"])
        for message in answer.get("Messages", []):
            event = json.loads(message["Body"])
            assert event["type"] == kind, event
            assert message["MessageAttributes"]["webhook-id"]["StringValue"] == event["id"], message
            if name == "fifo":
                assert message["Attributes"]["MessageDeduplicationId"] == event["id"], message
            found[event["subject"]] = event["data"]
    assert found == {"顾客 1": {"customer": "顾客 1"}, "c2": {"customer": "c2"}}, (name, found)
P
echo "2 messages each in an SQS queue, an ordered one, and one that hears of an SNS topic; 2 dead letters where no queue is"
