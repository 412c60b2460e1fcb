#!/bin/bash
# A service that speaks TLS itself: curl and openssl as its clients; certificates renewed while it runs, good and bad.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

certificates=$work/certificates
"$root/Scripts/integration/support/certificates.sh" "$certificates"
mkdir -p "$work/shop/rules"
cd "$work/shop"
echo '{ "attributes": { "plan": { "type": "string" } } }' >rules/shop.json
cat >care.json <<C
{ "timeZone": "UTC", "server": { "listen": "127.0.0.1:0", "tls": { "certificate": "care.pem", "key": "care.key" } } }
C
# take NAME: puts that certificate and its key in place, each whole, one after the other, as renewals do.
take() {
    local end
    for end in pem key; do
        cp "$certificates/$1.$end" "care.$end.new"
        mv "care.$end.new" "care.$end"
    done
}
serial() { openssl x509 -noout -serial -in "$certificates/$1.pem"; }

# What cannot be used stops the start, and says which file.
take good
cp "$certificates/renewed.key" care.key
code=0
"$CARE" serve 2>refused || code=$?
expect "a start with another's key" "$code $(head -n 1 refused)" \
    "1 error: care.key is not the key of the certificate in care.pem; care serve did not start"
take good

"$CARE" serve --format json >serve.log 2>&1 &
service=$!
children+=("$service")
# until_true COMMAND ...: waits as long as the service lives.
until_true() {
    until "$@"; do
        kill -0 "$service" 2>/dev/null || fail "care serve ended: $(cat serve.log)"
        sleep 0.05
    done
}
logged() { grep -q "$1" serve.log; }
until_true logged '"event":"setup"'
url=$(grep -o '"url":"https://127.0.0.1:[0-9]*"' serve.log | head -n 1 | cut -d '"' -f 4)
port=${url##*:}
shown() { openssl s_client -connect "127.0.0.1:$port" -CAfile "$certificates/ca.pem" "$@" </dev/null 2>&1 || true; }
shown_serial() { shown | openssl x509 -noout -serial; }
shows() { [ "$(shown_serial)" = "$(serial "$1")" ]; }

curl() { command curl -sS --cacert "$certificates/ca.pem" "$@"; }
expect "health by name" "$(curl "https://localhost:$port/health")" '{"status":"alive"}'
expect "HTTP's version" "$(curl -o /dev/null -w '%{http_version} %{ssl_verify_result}' "$url/health")" "1.1 0"
code=0
command curl -s -o /dev/null "http://127.0.0.1:$port/health" || code=$?
[ "$code" != 0 ] || fail "plain HTTP was answered"
echo "ok: plain HTTP is not answered"
code=0
command curl -s -o /dev/null "$url/health" || code=$?
expect "curl without the authority" "$code" 60
# agreed VERSION: whether a client that speaks this version only, and allows all that it knows, comes to terms.
agreed() { case "$(shown "-tls$1" -cipher ALL:@SECLEVEL=0)" in *"Cipher is (NONE)"*) echo no ;; *"Verify return code: 0 (ok)"*) echo yes ;; *) echo failed ;; esac; }
expect "TLS 1.2" "$(agreed 1_2)" yes
expect "TLS 1.1" "$(agreed 1_1)" no
expect "TLS 1.0" "$(agreed 1)" no
case "$(shown -tls1_3)" in *"Verify return code: 0 (ok)"*) echo "ok: TLS 1.3" ;; *) fail "no TLS 1.3" ;; esac

# Events, the console's cookie, the sign of life, the doctor.
token=$("$CARE" tokens create shop --scope ingest --scope read 2>/dev/null)
expect "an event" "$(curl -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -d '{"customer":"c1","type":"Seen","id":"1"}' "$url/v1/events")" '{"result":"stored"}'
setup=$(grep -o '"url":"https://[^"]*/setup?key=[^"]*"' serve.log | cut -d '"' -f 4)
cookie=$(curl -o /dev/null -D - --data-urlencode "key=${setup##*key=}" -d name=ada \
    -d password=correct-horse-battery -d again=correct-horse-battery "$url/setup" | tr -d '\r' | sed -n 's/^[Ss]et-[Cc]ookie: //p')
case $cookie in care_session=*"; Secure") echo "ok: the session's cookie is Secure" ;; *) fail "the cookie: $cookie" ;; esac
until_true "$CARE" health
expect "care health" "$("$CARE" health | cut -c 1-16)" "ok  care serve, "
"$CARE" doctor --quick --offline >doctor.txt || fail "care doctor: $(cat doctor.txt)"
expect "the doctor" "$(awk '$2 == "certificate" { print $1, $NF }' doctor.txt)" "ok fits"
expect "care config" "$("$CARE" config | awk '$1 == "server.tls" { print $2, $3, $4, $5 }')" "care.pem, key care.key care.json"

# Customer.io's library, unchanged but for its host: it speaks nothing but TLS.
admin=$("$CARE" tokens create admin --scope admin 2>/dev/null)
REQUESTS_CA_BUNDLE=$certificates/ca.pem "$python" - "$port" "$token" "$admin" <<'P'
import sys
from datetime import datetime, timezone
from customerio import CustomerIO, CustomerIOException
port, token, admin = sys.argv[1:]
client = CustomerIO("site", token, host="localhost", port=int(port), retries=0)
client.identify(id="a/b", plan="pro", created_at=datetime(2026, 1, 1, tzinfo=timezone.utc))
client.track("a/b", "Seen", {"place": "shop"}, id="01H", timestamp=1767225600)
client.pageview("a/b", "https://shop.example/", referrer="x")
client.track_anonymous("nobody", "Seen", {"place": "shop"})
client.backfill("a/b", "Seen", 1767225601, place="before")
client.batch([
    {"type": "person", "identifiers": {"id": "a/b"}, "action": "identify", "attributes": {"plan": "basic"}},
    {"type": "person", "identifiers": {"id": "a/b"}, "action": "event", "name": "Seen", "attributes": {"place": "home"}},
])
try:
    client.delete("a/b")
    raise SystemExit("a token for intake may delete")
except CustomerIOException as error:
    assert str(error).startswith("403"), error
client = CustomerIO("site", admin, host="localhost", port=int(port), retries=0)
client.delete("a/b")
client.identify(id="a/b", plan="new")
client.suppress("a/b")
client.track("a/b", "Seen")
client.unsuppress("a/b")
client.identify(id="a/b", plan="again")
P
expect "a customer of Customer.io's library" "$(curl -H "Authorization: Bearer $token" "$url/v1/customers/a%2Fb" |
    "$python" -c 'import json, sys; print(json.load(sys.stdin)["attributes"])')" "{'plan': 'again'}"

# A connection from before goes on while the certificate is renewed; new ones see the new.
mkfifo questions
: >answers
openssl s_client -quiet -connect "127.0.0.1:$port" -CAfile "$certificates/ca.pem" <questions >answers 2>/dev/null &
children+=($!)
exec 3>questions
ask() { printf 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n' >&3; }
answered() { [ "$(grep -c '"status":"alive"' answers)" -ge "$1" ]; }
ask
until_true answered 1
shows good || fail "the first certificate is not shown"
take renewed
until_true shows renewed
echo "ok: the renewed certificate is shown, without a restart"
ask
until_true answered 2
echo "ok: a connection from before goes on"
exec 3>&-

# What cannot be used is refused, said, and the one before stays.
echo nonsense >care.pem
until_true logged '"event":"certificate_refused","reason":"care.pem holds no certificate in PEM"'
shows renewed || fail "a bad file took the good certificate away"
take expired
until_true logged '"event":"certificate_refused","reason":"the certificate in care.pem ended 2020-02-01'
shows renewed || fail "an expired certificate took the good one away"
echo "ok: bad files are refused and the certificate before stays"
# Asked for: at once, not at the next look.
take good
kill -HUP "$service"
until_true shows good
echo "ok: SIGHUP takes the files up"
! grep -q 'PRIVATE KEY' serve.log || fail "the log holds a key"
kill -TERM "$service"
code=0
wait "$service" || code=$?
expect "exit of care serve" "$code" 0
echo "TLS of the server: shown, renewed, and never worse than before"
