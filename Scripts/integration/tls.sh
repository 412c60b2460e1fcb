#!/bin/bash
# Webhooks over TLS to a real nginx: HTTP/2, a client certificate, bearer tokens, binary CloudEvents; and every
# certificate that must be refused.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

certificates=$work/certificates
"$root/Scripts/integration/support/certificates.sh" "$certificates"
mkdir -p "$work/nginx" "$work/shop/rules"
read -r good wronghost expired <<<"$(free_ports 3)"
user=""
[ "$(id -u)" != 0 ] || user="user root;"
# server PORT CERTIFICATE
server() {
    cat <<C
    server {
        listen 127.0.0.1:$1 ssl http2; server_name localhost;
        ssl_certificate $certificates/$2.pem; ssl_certificate_key $certificates/$2.key;
        ssl_client_certificate $certificates/ca.pem; ssl_verify_client optional;
        location / { if (\$ssl_client_verify != SUCCESS) { return 403; } proxy_pass http://127.0.0.1:1; }
        location = /open { return 204; }
        location = /mtls { if (\$ssl_client_verify != SUCCESS) { return 403; } return 204; }
        location = /token { if (\$http_authorization != "Bearer t0ken") { return 401; } return 204; }
        location = /basic { if (\$http_authorization != "Basic Y2FyZTpwOnc=") { return 401; } return 204; }
    }
C
}
cat >"$work/nginx/nginx.conf" <<C
$user worker_processes 1; pid $work/nginx/pid; error_log $work/nginx/error.log warn; daemon off;
events { worker_connections 256; }
http {
    log_format seen '\$server_protocol \$request_method \$uri \$status \$http_ce_id \$content_type';
    access_log $work/nginx/access.log seen;
    client_body_temp_path $work/nginx/b; proxy_temp_path $work/nginx/p; fastcgi_temp_path $work/nginx/f;
    uwsgi_temp_path $work/nginx/u; scgi_temp_path $work/nginx/s;
$(server "$good" good)
$(server "$wronghost" wronghost)
$(server "$expired" expired)
}
C
"$(command -v nginx || echo /usr/sbin/nginx)" -c "$work/nginx/nginx.conf" -p "$work/nginx" -e "$work/nginx/error.log" &
children+=($!)
until_so "nginx" curl --silent --cacert "$certificates/ca.pem" --output /dev/null "https://localhost:$good/open"

cd "$work/shop"
cp "$certificates"/{ca.pem,good.pem,good.key} .
# destination NAME PORT PATH MORE
destination() {
    printf '"%s": { "type": "webhook", "url": "https://localhost:%s/%s", "secret": "env:CARE_DEMO_SECRET", "allowPrivateAddresses": true, "retry": [], %s }' "$@"
}
trust='"caFile": "ca.pem"'
cat >care.json <<C
{ "timeZone": "UTC", "store": "care.sqlite", "destinations": {
    $(destination http2 "$good" open "$trust, \"http2\": true, \"method\": \"PUT\""),
    $(destination http1 "$good" open "$trust, \"mode\": \"binary\""),
    $(destination mtls "$good" mtls "$trust, \"clientCertificate\": { \"certificate\": \"good.pem\", \"key\": \"good.key\" }"),
    $(destination nocert "$good" mtls "$trust"),
    $(destination token "$good" token "$trust, \"auth\": { \"bearer\": \"env:TOKEN\" }"),
    $(destination basic "$good" basic "$trust, \"auth\": { \"basic\": { \"user\": \"care\", \"password\": \"env:PASSWORD\" } }"),
    $(destination wronghost "$wronghost" open "$trust"),
    $(destination expired "$expired" open "$trust"),
    $(destination unknown "$good" open '"http2": false')
} }
C
export TOKEN=t0ken PASSWORD=p:w
names="http2 http1 mtls nocert token basic wronghost expired unknown"
actions=$(for name in $names; do printf '{ "name": "%s", "send": "%s", "type": "t.%s", "data": { "to": "%s" } },' "$name" "$name" "$name" "$name"; done)
cat >rules/all.json <<C
{ "campaigns": { "all": { "trigger": { "event": "go" }, "actions": [${actions%,}] } } }
C
"$CARE" check
"$CARE" tick >/dev/null
printf '{"customer":"c1","type":"go","id":"e1","time":"%s"}\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >go.jsonl
"$CARE" import events go.jsonl --fire >/dev/null
"$CARE" tick >tick.txt || true

outcome() {
    "$CARE" deliveries list --state delivered,dead --format json >list.json
    "$python" - "$1" <<'P'
import json, sys
rows = [row for row in json.load(open("list.json"))["deliveries"] if row["destination"] == sys.argv[1]]
assert len(rows) == 1, rows
print(rows[0]["state"], rows[0].get("reason") or "-")
P
}
for name in http2 http1 mtls token basic; do expect "$name" "$(outcome $name)" "delivered -"; done
expect "without its certificate" "$(outcome nocert)" "dead attempts exhausted: 403 Forbidden"
for name in wronghost expired unknown; do
    case "$(outcome $name)" in "dead "*) echo "ok: $name: $(outcome $name)" ;; *) fail "$name: $(outcome $name)" ;; esac
done
grep -q '^HTTP/2.0 PUT /open 204 ' "$work/nginx/access.log" || fail "HTTP/2 was not used: $(cat "$work/nginx/access.log")"
grep -q '^HTTP/1.1 POST /open 204 dlv_[a-z2-7]* application/json$' "$work/nginx/access.log" || fail "not binary mode"
echo "5 over TLS (HTTP/2, client certificate, token, password), 4 refused: no certificate, wrong host, expired, unknown authority"
