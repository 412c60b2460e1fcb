#!/bin/bash
# Messages for brokers with protocols of their own, plain and over TLS: MQTT to mosquitto, NATS JetStream to
# nats-server, streams to redis-server; and what each refuses.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

certificates=$work/certificates
"$root/Scripts/integration/support/certificates.sh" "$certificates"
tls="$certificates/good"
read -r mqtt mqtts mqttw nats natss natst redis rediss <<<"$(free_ports 8)"
export MQTT_PASSWORD=mqtt-pw NATS_PASSWORD=nats-pw REDIS_PASSWORD=redis-pw WRONG=wrong NATS_TOKEN=nats-token
# A user's seed, and its public key.
read -r NATS_SEED key <<<"$("$python" -c 'import nkeys, os
seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)
print(seed.decode(), nkeys.from_seed(seed).public_key.decode())')"
export NATS_SEED

# mosquitto: a user who may write care/#, and one who listens.
: >"$work/mqtt.pw"
chmod 600 "$work/mqtt.pw"
mosquitto_passwd -b "$work/mqtt.pw" care "$MQTT_PASSWORD"
mosquitto_passwd -b "$work/mqtt.pw" listener listener
printf 'user care\ntopic write care/#\ntopic write nobody\nuser listener\ntopic read #\n' >"$work/mqtt.acl"
user=""
[ "$(id -u)" != 0 ] || user="user root"
cat >"$work/mqtt.conf" <<C
$user
per_listener_settings false
allow_anonymous false
queue_qos0_messages true
password_file $work/mqtt.pw
acl_file $work/mqtt.acl
listener $mqtt 127.0.0.1
listener $mqtts 127.0.0.1
certfile $tls.pem
keyfile $tls.key
listener $mqttw 127.0.0.1
certfile $certificates/wronghost.pem
keyfile $certificates/wronghost.key
C
"$(command -v mosquitto || echo /usr/sbin/mosquitto)" -c "$work/mqtt.conf" >"$work/mqtt.log" 2>&1 &
children+=($!)

# nats-server: one with users, one under TLS from the first byte, one with a token.
server=$root/.build-venv/bin/nats-server
cat >"$work/nats.conf" <<C
listen: "127.0.0.1:$nats"
jetstream { store_dir: "$work/nats" }
authorization { users: [
    { user: care, password: $NATS_PASSWORD, permissions: { publish: { deny: "closed.>" } } }
    { nkey: $key } ] }
C
cat >"$work/natss.conf" <<C
listen: "127.0.0.1:$natss"
jetstream { store_dir: "$work/natss" }
authorization { user: care, password: $NATS_PASSWORD }
tls { cert_file: "$tls.pem", key_file: "$tls.key", ca_file: "$certificates/ca.pem", verify: true, handshake_first: true }
C
cat >"$work/natst.conf" <<C
listen: "127.0.0.1:$natst"
jetstream { store_dir: "$work/natst" }
authorization { token: $NATS_TOKEN }
C
for name in nats natss natst; do
    "$server" -c "$work/$name.conf" -l "$work/$name.log" &
    children+=($!)
done

redis-server --bind 127.0.0.1 --port "$redis" --tls-port "$rediss" --tls-cert-file "$tls.pem" --tls-key-file "$tls.key" \
    --tls-ca-cert-file "$certificates/ca.pem" --tls-auth-clients no --requirepass "$REDIS_PASSWORD" --dir "$work" \
    --save '' --appendonly no --daemonize no >"$work/redis.log" 2>&1 &
redis_id=$!
children+=($redis_id)
in_redis() { REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -p "$redis" "$@"; }

for port in $mqtt $mqtts $mqttw $nats $natss $natst $redis $rediss; do until_listening "$port"; done
/usr/bin/python3 "$root/Scripts/integration/support/lossy.py" "$nats" "$work/lossy.port" &
children+=($!)

# A listener whose session the broker keeps, and streams.
listen=(mosquitto_sub -p "$mqtt" -u listener -P listener -i listener -V 5 -c -x 600 -q 1 -t 'care/#')
"${listen[@]}" -E
cat >"$work/streams.py" <<'P'
import asyncio, json, os, ssl, sys
import nats
certificates, ports = sys.argv[2], [int(port) for port in sys.argv[3:]]


async def main():
    context = ssl.create_default_context(cafile=certificates + "/ca.pem")
    context.load_cert_chain(certificates + "/good.pem", certificates + "/good.key")
    user = dict(user="care", password=os.environ["NATS_PASSWORD"])
    ways = [user, dict(user, tls=context, tls_handshake_first=True), dict(token=os.environ["NATS_TOKEN"])]
    for port, way in zip(ports, ways):
        client = await nats.connect(f"{'tls' if 'tls' in way else 'nats'}://localhost:{port}", **way)
        stream = client.jetstream()
        if sys.argv[1] == "make":
            await stream.add_stream(name="CARE", subjects=["care.>"])
            if port == ports[0]:
                await stream.add_stream(name="SMALL", subjects=["small.>"], max_msg_size=200)
        else:
            count = (await stream.stream_info("CARE")).state.messages
            for number in range(1, count + 1):
                message = await stream.get_msg("CARE", number)
                event = json.loads(message.data)
                assert message.headers["Nats-Msg-Id"] == event["id"], message
                print(message.subject, event["subject"], event["type"])
        await client.close()


asyncio.run(main())
P
until_so "the lossy way's port" test -s "$work/lossy.port"
"$python" "$work/streams.py" make "$certificates" "$nats" "$natss" "$natst"

mkdir -p "$work/shop/rules"
cd "$work/shop"
cp "$certificates"/{ca.pem,good.pem,good.key} .
names=()
# destination NAME TYPE URL MORE
destination() {
    names+=("$1")
    local once='"retry": [], '
    [[ $4 != *retry* ]] || once=
    printf '%s"%s": { "type": "%s", "url": "%s", "allowPrivateAddresses": true, "caFile": "ca.pem", %s%s }\n' \
        "$comma" "$1" "$2" "$3" "$once" "$4" >>care.json
    comma=", "
}
comma=""
echo '{ "timeZone": "UTC", "store": "care.sqlite", "destinations": {' >care.json
as() { printf '"user": "care", "password": "env:%s"' "$1"; }
topic='"topic": "care/{{type}}/{{customer}}"'
destination mqtt mqtt "mqtt://127.0.0.1:$mqtt" "$(as MQTT_PASSWORD), $topic"
destination mqtt-tls mqtt "mqtts://localhost:$mqtts" "$(as MQTT_PASSWORD), $topic"
destination mqtt-311 mqtt "mqtt://localhost:$mqtt" "$(as MQTT_PASSWORD), $topic, \"version\": \"3.1.1\""
destination mqtt-qos0 mqtt "mqtt://localhost:$mqtt" "$(as MQTT_PASSWORD), $topic, \"qos\": 0"
destination mqtt-wrong-host mqtt "mqtts://localhost:$mqttw" "$(as MQTT_PASSWORD), $topic"
destination mqtt-wrong-password mqtt "mqtt://localhost:$mqtt" "$(as WRONG), $topic"
destination mqtt-denied mqtt "mqtt://localhost:$mqtt" "$(as MQTT_PASSWORD), \"topic\": \"closed\""
destination mqtt-nobody mqtt "mqtt://localhost:$mqtt" "$(as MQTT_PASSWORD), \"topic\": \"nobody\""
subject='"subject": "care.{{type}}.{{customer}}", "stream": "CARE"'
destination nats nats "nats://127.0.0.1:$nats" "$(as NATS_PASSWORD), $subject"
destination nats-tls nats "tls://localhost:$natss" \
    "$(as NATS_PASSWORD), $subject, \"clientCertificate\": { \"certificate\": \"good.pem\", \"key\": \"good.key\" }"
destination nats-token nats "nats://localhost:$natst" "\"token\": \"env:NATS_TOKEN\", $subject"
destination nats-nkey nats "nats://localhost:$nats" "\"nkey\": \"env:NATS_SEED\", $subject"
destination nats-wrong-password nats "nats://localhost:$nats" "$(as WRONG), $subject"
destination nats-denied nats "nats://localhost:$nats" "$(as NATS_PASSWORD), \"subject\": \"closed.a\""
destination nats-nobody nats "nats://localhost:$nats" "$(as NATS_PASSWORD), \"subject\": \"nobody.a\""
destination nats-too-large nats "nats://localhost:$nats" "$(as NATS_PASSWORD), \"subject\": \"small.a\""
destination nats-plain-to-tls nats "nats://localhost:$natss" "$(as NATS_PASSWORD), $subject, \"timeout\": \"PT1S\""
destination nats-lossy nats "nats://127.0.0.1:$(cat "$work/lossy.port")" \
    "$(as NATS_PASSWORD), $subject, \"concurrency\": 1, \"retry\": [\"PT0S\", \"PT0S\"]"
destination redis redis "redis://127.0.0.1:$redis" '"password": "env:REDIS_PASSWORD", "stream": "care"'
destination redis-tls redis "rediss://localhost:$rediss" \
    '"user": "default", "password": "env:REDIS_PASSWORD", "stream": "care", "database": 2, "maxLength": 1000'
destination redis-wrong-password redis "redis://localhost:$redis" '"password": "env:WRONG", "stream": "care"'
destination redis-no-password redis "redis://localhost:$redis" '"stream": "care"'
destination redis-wrong-type redis "redis://localhost:$redis" '"password": "env:REDIS_PASSWORD", "stream": "text"'
destination redis-none redis "redis://localhost:$redis" \
    '"password": "env:REDIS_PASSWORD", "stream": "none", "createStream": false'
destination redis-hung redis "redis://localhost:$redis" \
    '"password": "env:REDIS_PASSWORD", "stream": "hung", "timeout": "PT1S", "retry": { "first": "PT0.1S", "factor": 1, "attempts": 50 }'
echo ' } }' >>care.json
in_redis set text x >/dev/null
actions=""
for name in "${names[@]}"; do
    [ "$name" = redis-hung ] ||
        actions="$actions{ \"name\": \"$name\", \"send\": \"$name\", \"type\": \"t.$name\", \"data\": { \"customer\": \"{{customer.id}}\" } }, "
done
cat >rules/all.json <<C
{ "campaigns": {
    "all": { "trigger": { "event": "go" }, "actions": [ ${actions%, } ] },
    "hung": { "trigger": { "event": "hung" }, "actions": [ { "send": "redis-hung", "type": "t.hung", "data": {} } ] } } }
C
"$CARE" check
"$CARE" tick >/dev/null
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
printf '{"customer":"顾客+1","type":"go","id":"e1","time":"%s"}\n{"customer":"c2","type":"go","id":"e2","time":"%s"}\n' "$now" "$now" >go.jsonl
"$CARE" import events go.jsonl --fire >/dev/null
"$CARE" tick || true
"$CARE" tick || true
"$CARE" deliveries list --state dead --format json >dead.json
"$python" - <<'P'
import json
reasons = {}
for row in json.load(open("dead.json"))["deliveries"]:
    reasons.setdefault(row["destination"], set()).add(row["reason"])
wanted = {
    "mqtt-wrong-host": "TLS failed", "mqtt-wrong-password": "not authorized", "mqtt-denied": "not authorized",
    "mqtt-nobody": "no subscriber", "nats-wrong-password": "authorization violation",
    "nats-denied": "permissions violation", "nats-nobody": "503, no stream takes the subject",
    "nats-too-large": "400, err_code 10054", "nats-plain-to-tls": None, "redis-wrong-password": "WRONGPASS",
    "redis-no-password": "NOAUTH", "redis-wrong-type": "WRONGTYPE", "redis-none": "no such stream",
}
assert reasons.keys() == wanted.keys(), (reasons.keys() ^ wanted.keys(), reasons)
for name, text in wanted.items():
    (reason,) = reasons[name]
    assert text is None or text in reason, (name, reason)
    print(f"ok: refused at {name}: {reason}")
P

# What the receivers have.
"${listen[@]}" -C 8 -W 300 -F '%t %P %p' >mqtt.txt
"$python" - <<'P'
import json, re
found = {}
for line in open("mqtt.txt"):
    topic, properties, body = re.fullmatch(r"(\S+) (.*?) ?(\{.*\})", line.strip()).groups()
    event = json.loads(body)
    assert topic == f"care/{event['type']}/{event['subject'].replace('+', '%2B')}", line
    # Version 3.1.1 has no place for it.
    assert event["type"] == "t.mqtt-311" or properties.endswith("webhook-id:" + event["id"]), line
    found.setdefault(event["type"], set()).add(event["subject"])
assert found == {f"t.{name}": {"顾客+1", "c2"} for name in ("mqtt", "mqtt-tls", "mqtt-311", "mqtt-qos0")}, found
P
echo "ok: mosquitto has two messages each by 5, 3.1.1, QoS 0 and TLS"
"$python" "$work/streams.py" read "$certificates" "$nats" "$natss" "$natst" | sort >nats.txt
expect "messages in JetStream" "$(lines nats.txt)" 10
for name in nats nats-tls nats-token nats-nkey nats-lossy; do
    grep -qx "care.t.$name.c2 c2 t.$name" nats.txt || fail "no message of $name in JetStream"
done
"$CARE" deliveries list --state delivered --format json >delivered.json
repeated=$("$python" - <<'P'
import json
rows = json.load(open("delivered.json"))["deliveries"]
print(*(row["id"] for row in rows if row["destination"] == "nats-lossy" and row["tries"] == 2))
P
)
expect "messages whose acknowledgement was lost, sent twice, kept once" "$(echo "$repeated" | wc -w | tr -d ' ')" 1
"$CARE" deliveries show "$repeated" | tee shown.txt
grep -q "connection lost" shown.txt || fail "the lost line is not said"
expect "entries in Redis" "$(in_redis xlen care)" 2
expect "entries in Redis' database 2, over TLS" "$(in_redis -n 2 xlen care)" 2
in_redis xrange care - + >redis.txt
expect "entries with the event's id" "$(grep -c "$(sed -n '/^id$/{n;p;q}' redis.txt)" redis.txt)" 2

# A broker that hangs: nothing is lost, and nothing sent twice, as the login had not been answered.
kill -STOP "$redis_id"
printf '{"customer":"c2","type":"hung","id":"h1","time":"%s"}\n' "$now" >hung.jsonl
"$CARE" import events hung.jsonl --fire >/dev/null
"$CARE" tick || true
"$CARE" deliveries list --state waiting | tee hung.txt
grep -q "no answer in time" hung.txt || fail "no answer in time is not said"
kill -CONT "$redis_id"
arrived() { "$CARE" tick >/dev/null || true; [ "$(in_redis xlen hung)" -gt 0 ]; }
until_so "the entry that the broker had not taken" arrived
expect "entries after the broker hung" "$(in_redis xlen hung)" 1
echo "mosquitto, nats-server and redis-server, plain and TLS: 23 messages delivered, 26 refused for 13 reasons, one kept once though repeated"
