#!/bin/bash
# Proxies that are not ours: tinyproxy (CONNECT) and microsocks (SOCKS 5), both with a login. Webhooks over HTTP and TLS, mail
# with STARTTLS and a broker go through each; what a proxy refuses is told, and the environment's proxies are left alone.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

certificates=$work/certificates
"$root/Scripts/integration/support/certificates.sh" "$certificates"
read -r http narrow socks tls redis <<<"$(free_ports 5)"
export PROXY_PASSWORD=proxy-hunter2 SOCKS_PASSWORD=socks-hunter2 WRONG=wrong-hunter2 MAIL_PASSWORD=pä:ss

# One that lets everything pass, and one that lets nobody connect anywhere.
for name in http narrow; do
    printf 'Port %s\nListen 127.0.0.1\nAllow 127.0.0.1\nBasicAuth care %s\nLogFile "%s/%s.log"\nLogLevel Connect\n' \
        "${!name}" "$PROXY_PASSWORD" "$work" "$name" >"$work/$name.conf"
done
echo 'ConnectPort 1' >>"$work/narrow.conf"
for name in http narrow; do
    tinyproxy -d -c "$work/$name.conf" >/dev/null 2>&1 &
    children+=($!)
done
microsocks -i 127.0.0.1 -p "$socks" -u care -P "$SOCKS_PASSWORD" 2>"$work/socks.log" &
children+=($!)

# The receivers: webhooks, the same behind TLS, mail, a stream.
start_receiver "$work/receiver"
mkdir -p "$work/nginx" "$work/shop/rules" "$work/shop/templates"
user=""
[ "$(id -u)" != 0 ] || user="user root;"
cat >"$work/nginx/nginx.conf" <<C
$user worker_processes 1; pid $work/nginx/pid; error_log $work/nginx/error.log warn; daemon off;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $work/nginx/b; proxy_temp_path $work/nginx/p; fastcgi_temp_path $work/nginx/f;
    uwsgi_temp_path $work/nginx/u; scgi_temp_path $work/nginx/s;
    server {
        listen 127.0.0.1:$tls ssl; server_name localhost;
        ssl_certificate $certificates/good.pem; ssl_certificate_key $certificates/good.key;
        location / { proxy_pass http://127.0.0.1:$port; }
    }
}
C
"$(command -v nginx || echo /usr/sbin/nginx)" -c "$work/nginx/nginx.conf" -p "$work/nginx" -e "$work/nginx/error.log" &
children+=($!)
redis-server --bind 127.0.0.1 --port "$redis" --dir "$work" --save '' --appendonly no --daemonize no >"$work/redis.log" 2>&1 &
children+=($!)
"$python" "$root/Scripts/integration/support/mailserver.py" "$work" "$certificates/good.pem" "$certificates/good.key" \
    2>"$work/mailserver.log" &
children+=($!)
for one in "$http" "$narrow" "$socks" "$tls" "$redis"; do until_listening "$one"; done
until_so "the mail server's ports" test -s "$work/ports"
read -r mail _ <"$work/ports"

cd "$work/shop"
cp "$certificates/ca.pem" .
printf 'Subject: Hello\n\n{{data.customer}}\n' >templates/hello.txt
by_http="{ \"url\": \"http://localhost:$http\", \"user\": \"care\", \"password\": \"env:PROXY_PASSWORD\", \"allowPrivateAddresses\": true }"
by_socks="{ \"url\": \"socks5h://127.0.0.1:$socks\", \"user\": \"care\", \"password\": \"env:SOCKS_PASSWORD\", \"allowPrivateAddresses\": [\"127.0.0.1\"] }"
destinations=
campaigns=
# destination NAME MORE: and a campaign that sends there.
destination() {
    destinations="$destinations\"$1\": { $2 },"
    campaigns="$campaigns\"$1\": { \"trigger\": { \"event\": \"go.$1\" }, \"actions\": [{ \"send\": \"$1\", \"type\": \"t\", \"to\": \"ann@example.test\", \"data\": { \"customer\": \"{{customer.id}}\" } }] },"
}
web() { echo "\"type\": \"webhook\", \"url\": \"$1\", \"secret\": \"env:CARE_DEMO_SECRET\", \"caFile\": \"ca.pem\""; }
private='"allowPrivateAddresses": true'
for way in http socks; do
    # The project's proxy is the first of them: what says nothing goes by it.
    proxy=
    [ $way = http ] || proxy=", \"proxy\": $by_socks"
    destination "plain-$way" "$(web "http://localhost:$port/$way"), $private$proxy"
    destination "tls-$way" "$(web "https://localhost:$tls/$way"), $private$proxy"
    destination "mail-$way" "\"type\": \"mail\", \"server\": \"smtp://localhost:$mail\", \"user\": \"care\", \"password\": \"env:MAIL_PASSWORD\", \"from\": \"care@acme.example\", \"template\": \"hello\", \"caFile\": \"ca.pem\", $private$proxy"
    destination "redis-$way" "\"type\": \"redis\", \"url\": \"redis://localhost:$redis\", \"stream\": \"$way\", $private$proxy"
done
once='"retry": []'
destination direct "$(web "http://127.0.0.1:$port/direct"), $private, \"proxy\": false"
destination unseen "$(web "http://127.0.0.1:$port/unseen"), $once"
destination refused-proxy "$(web "http://crm.example/"), $once, \"proxy\": \"http://127.0.0.1:$http\""
destination wrong-http "$(web "http://crm.example/"), $once, \"proxy\": ${by_http/PROXY_PASSWORD/WRONG}"
destination wrong-socks "$(web "http://crm.example/"), $once, \"proxy\": ${by_socks/SOCKS_PASSWORD/WRONG}"
destination narrow "$(web "http://localhost:$port/narrow"), $once, $private, \"proxy\": ${by_http/:$http/:$narrow}"
cat >care.json <<C
{ "timeZone": "UTC", "store": "care.sqlite", "proxy": $by_http, "destinations": { ${destinations%,} } }
C
echo "{ \"campaigns\": { ${campaigns%,} } }" >rules/all.json
"$CARE" check
"$CARE" tick >/dev/null
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
"$python" -c '
import json, sys
for name in json.load(open("care.json"))["destinations"]:
    print(json.dumps({"customer": name, "type": "go." + name, "id": name, "time": sys.argv[1]}))' "$now" >events.jsonl
# Not asked, whatever they say.
export http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1 no_proxy='*' NO_PROXY='*'
"$CARE" import events events.jsonl --fire >/dev/null
settled() {
    "$CARE" tick >tick.txt || true
    "$CARE" deliveries list --state waiting,sending --format json >waiting.json
    "$python" -c 'import json; raise SystemExit(len(json.load(open("waiting.json"))["deliveries"]) > 0)'
}
until_so "that every delivery has ended" settled
unset http_proxy https_proxy ALL_PROXY no_proxy NO_PROXY
"$CARE" deliveries list --state delivered,dead,parked --format json >list.json
"$python" - "$work" "$port" "$tls" "$mail" "$redis" <<'P'
import json, pathlib, sys

work, ports = pathlib.Path(sys.argv[1]), sys.argv[2:]
rows = {row["customer"]: row for row in json.load(open("list.json"))["deliveries"]}
refused = {
    "unseen": "address refused", "refused-proxy": "address refused",
    # So tinyproxy says it.
    "wrong-http": "attempts exhausted: the proxy answered 401", "narrow": "attempts exhausted: the proxy answered 403",
    "wrong-socks": "attempts exhausted: no connection by the proxy",
}
assert len(rows) == 14, sorted(rows)
for name, row in rows.items():
    found = (row["state"], row["tries"], row.get("reason") or "")
    assert found == (("dead", 1, refused[name]) if name in refused else ("delivered", 1, "")), f"{name}: {found}"
lines = [json.loads(line) for line in open(work / "receiver/received.jsonl", encoding="utf-8")]
assert {line["subject"] for line in lines} == {"plain-http", "plain-socks", "tls-http", "tls-socks", "direct"}, lines
assert not (work / "receiver/refused").exists()
# Each was asked for all four, by name.
log = (work / "http.log").read_text(errors="replace")
for port in ports:
    assert f"CONNECT localhost:{port}" in log, (port, log)
log = (work / "socks.log").read_text(errors="replace")
for port in ports:
    assert f"connected to localhost:{port}" in log, (port, log)
P
for way in http socks; do
    expect "entries in the stream $way" "$(redis-cli -p "$redis" xlen "$way")" 1
done
"$CARE" config >config.txt
"$CARE" destinations list >destinations.txt
"$CARE" deliveries list --state dead --format json >>destinations.txt
! grep -rlaF -e "$PROXY_PASSWORD" -e "$SOCKS_PASSWORD" -e "$WRONG" . || fail "a proxy's password is where nobody may see it"
echo "8 deliveries through tinyproxy and microsocks: HTTP, TLS, mail with STARTTLS, Redis; 5 refusals told; the environment's proxies left alone"
