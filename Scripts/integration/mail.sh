#!/bin/bash
# Mail to servers that are not ours: aiosmtpd (STARTTLS, smtps, refusals of every kind, lines that are cut) and Exim,
# which keeps what it takes in a maildir. What arrives is read by Python's `email`.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"

certificates=$work/certificates
"$root/Scripts/integration/support/certificates.sh" "$certificates"
"$python" "$root/Scripts/integration/support/mailserver.py" "$work" "$certificates/good.pem" "$certificates/good.key" \
    2>"$work/mailserver.log" &
children+=($!)

# Exim: a mailbox for everybody at example.test, who logs in over TLS; `busy` is told to come again.
exim=$work/exim
mkdir -p "$exim/spool" "$exim/log"
cp "$certificates"/good.{pem,key} "$exim"
user=$(id -un)
if [ "$(id -u)" = 0 ]; then
    user=Debian-exim
    chmod 711 "$work"
    chown -R Debian-exim "$exim"
fi
port=$(free_ports 1)
cat >"$work/exim.conf" <<C
primary_hostname = localhost
spool_directory = $exim/spool
log_file_path = $exim/log/%s
exim_user = $user
exim_group = $(id -gn "$user")
keep_environment =
acl_smtp_rcpt = recipients
tls_advertise_hosts = *
tls_certificate = $exim/good.pem
tls_privatekey = $exim/good.key
auth_advertise_hosts = \${if eq{\$tls_in_cipher}{}{}{*}}
begin acl
recipients:
  deny !authenticated = *
  defer local_parts = busy
  accept domains = example.test
begin routers
box:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = $exim/box
  user = $user
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{\$auth2}{care}}{eq{\$auth3}{smtppw}}}}
C
/usr/sbin/exim4 -C "$work/exim.conf" -bdf -q1s -oX "127.0.0.1.$port" >"$work/exim.out" 2>&1 &
children+=($!)
until_so "the mail servers' ports" test -s "$work/ports"
until_listening "$port"
read -r starttls smtps clear <"$work/ports"

mkdir -p "$work/shop/rules" "$work/shop/templates"
cd "$work/shop"
cp "$certificates/ca.pem" .
# destination NAME SERVER MORE
destination() {
    printf '"%s": { "type": "mail", "server": "%s", "from": "Müller & Söhne, Care <care@acme.example>", "template": "hello", "allowPrivateAddresses": true, "retry": ["PT0.2S", "PT0.2S"]%s }' "$@"
}
login=', "user": "care", "password": "env:MAIL_PASSWORD", "caFile": "ca.pem"'
unsubscribe=', "unsubscribe": { "url": "https://acme.example/u?c={{customer.id}}&t={{token}}", "secret": "env:UNSUBSCRIBE" }'
cat >care.json <<C
{ "timeZone": "Europe/Berlin", "store": "care.sqlite", "destinations": {
    $(destination starttls "smtp://localhost:$starttls" "$login$unsubscribe, \"returnPath\": \"bounces+{{id}}@acme.example\""),
    $(destination smtps "smtps://localhost:$smtps" "$login"),
    $(destination clear "smtp://127.0.0.1:$clear" ', "tls": "never", "concurrency": 1, "helo": "care.acme.example"'),
    $(destination closing "smtp://127.0.0.1:$clear" ', "tls": "never"'),
    $(destination busy "smtp://127.0.0.1:$clear" ', "tls": "never"'),
    $(destination badlogin "smtp://localhost:$starttls" "${login/MAIL_PASSWORD/WRONG_PASSWORD}"),
    $(destination nologin "smtp://localhost:$starttls" ', "caFile": "ca.pem"'),
    $(destination notls "smtp://127.0.0.1:$clear" ''),
    $(destination badcert "smtp://localhost:$starttls" ', "user": "care", "password": "env:MAIL_PASSWORD"'),
    $(destination exim "smtp://localhost:$port" "${login/MAIL_PASSWORD/EXIM_PASSWORD}") } }
C
export MAIL_PASSWORD=pä:ss WRONG_PASSWORD=hunter2 EXIM_PASSWORD=smtppw UNSUBSCRIBE=secret
cat >templates/hello.txt <<'C'
Subject: Hello {{data.name}}, here is a subject that is longer than a line of a header has room for

Dear {{data.name}},
.a line that begins with a point
..
{{data.text}}
C
cat >templates/hello.html <<'C'
<p>Dear {{data.name}},</p><p>{{data.text}}</p>
C
printf 'Subject: %s\n\n%s\n' '{{data.name}}，生日快乐🎂这里有一份专属于您的生日礼物等待领取' '亲爱的{{data.name}}：{{data.text}}' >templates/hello.zh.txt
printf '<p>亲爱的{{data.name}}</p>\n' >templates/hello.zh.html
# event CUSTOMER DESTINATION, and its customer
: >customers.jsonl
: >events.jsonl
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
add() {
    local domain=example.test
    printf '{"id":"%s","email":"%s@%s","name":"%s","language":"%s"}\n' "$1-$2" "$1" "$domain" "$3" "$4" >>customers.jsonl
    printf '{"customer":"%s","type":"go.%s","id":"%s","time":"%s"}\n' "$1-$2" "$2" "$1-$2" "$now" >>events.jsonl
}
for to in ann nobody policy full grey spam lost cut; do add $to clear Ann en; done
for to in starttls smtps exim; do
    add ann $to "Ann <b>" en
    add wang $to 王芳 zh-CN
done
for to in badlogin nologin notls badcert closing; do add $to $to x en; done
add busy busy x en
add busy exim x en
campaigns=
for name in clear starttls smtps exim badlogin nologin notls badcert closing busy; do
    campaigns="$campaigns\"$name\": { \"trigger\": { \"event\": \"go.$name\" }, \"actions\": [{ \"send\": \"$name\", \"type\": \"t\", \"to\": { \"var\": \"email\" }, \"data\": { \"name\": \"{{name}}\", \"text\": \"one, two = three. \\\"x\\\"\" } }] },"
done
cat >rules/all.json <<C
{ "attributes": { "name": { "type": "string" }, "email": { "type": "string" }, "language": { "type": "language" } },
  "campaigns": { ${campaigns%,} } }
C
"$CARE" check
"$CARE" import customers customers.jsonl
"$CARE" tick >/dev/null
"$CARE" import events events.jsonl --fire >/dev/null
# `closing` and `busy` make their whole server wait for a minute; everything else ends within a second.
settled() {
    "$CARE" tick >tick.txt || true
    "$CARE" deliveries list --state waiting,sending --format json >waiting.json
    "$python" -c 'import json; exit(not {row["destination"] for row in json.load(open("waiting.json"))["deliveries"]} <= {"closing", "busy"})'
}
until_so "the end of all that does not wait for a minute" settled
"$CARE" deliveries list --state delivered,dead,parked,waiting --format json >list.json
sed 's/^/    /' tick.txt
has_two() { [ "$(find "$exim/box/new" -type f | wc -l)" -ge 2 ]; }
until_so "two mails in Exim's mailbox" has_two
"$python" - "$work" "$exim/box" <<'P'
import base64, email, email.policy, hashlib, hmac, json, pathlib, sys

work, box = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
rows = {row["customer"]: row for row in json.load(open("list.json"))["deliveries"]}
expected = {
    "ann-clear": ("delivered", 1, ""),
    "nobody-clear": ("dead", 1, "550 5.1.1 to RCPT TO: no such mailbox"),
    "policy-clear": ("dead", 1, "554 5.7.1 to RCPT TO: refused by policy"),
    "full-clear": ("dead", 3, "attempts exhausted: 452 4.2.2 to RCPT TO: the mailbox is full"),
    "grey-clear": ("delivered", 2, ""),
    "spam-clear": ("dead", 1, "550 5.7.26 to the message: sender not authenticated (DKIM, SPF, DMARC)"),
    "lost-clear": ("delivered", 2, ""),
    "cut-clear": ("delivered", 2, ""),
    "ann-starttls": ("delivered", 1, ""), "wang-starttls": ("delivered", 1, ""),
    "ann-smtps": ("delivered", 1, ""), "wang-smtps": ("delivered", 1, ""),
    "ann-exim": ("delivered", 1, ""), "wang-exim": ("delivered", 1, ""),
    "badlogin-badlogin": ("parked", 1, "535 5.7.8 to the login: user or password refused"),
    "nologin-nologin": ("parked", 1, "530 5.7.0 to MAIL FROM: refused by policy"),
    "notls-notls": ("dead", 3, "attempts exhausted: TLS failed"),
    "badcert-badcert": ("dead", 3, "attempts exhausted: TLS failed"),
}
# These wait for a minute; where the machine took longer than that, they have arrived by now.
minute = {
    "closing-closing": "421 4.3.2 to RCPT TO: the server has trouble of its own",
    "busy-busy": "451 4.3.0 to the message: the server has trouble of its own",
}
for customer, reason in minute.items():
    arrived = rows[customer]["state"] == "delivered"
    expected[customer] = ("delivered", 2, "") if arrived else ("waiting", 1, reason)
for customer, (state, attempts, reason) in expected.items():
    row = rows[customer]
    found = (row["state"], row["tries"], row.get("reason") or "")
    assert found == (state, attempts, reason), f"{customer}: {found}"
assert rows["busy-exim"]["reason"].endswith("451 to RCPT TO"), rows["busy-exim"]


def judge(mail, customer, language):
    message = email.message_from_bytes(mail, policy=email.policy.SMTP)
    assert message.defects == [] and all(part.defects == [] for part in message.walk()), message.defects
    assert all(len(line) <= 78 for line in mail.split(b"\r\n") if not line.startswith((b"Received", b"List-Unsubscribe: "))), mail
    assert message["From"].addresses[0].display_name == "Müller & Söhne, Care", message["From"]
    assert message["From"].addresses[0].addr_spec == "care@acme.example"
    assert message["Message-ID"] == f"<{rows[customer]['id']}@acme.example>", message["Message-ID"]
    assert message["Auto-Submitted"] == "auto-generated" and message["MIME-Version"] == "1.0"
    assert message["Date"].datetime is not None and len(message.get_all("Subject")) == 1
    text, html = [part.get_content().replace("\r\n", "\n") for part in message.iter_parts()]
    assert message.get_content_type() == "multipart/alternative"
    if language == "zh":
        assert message["Subject"] == "王芳，生日快乐🎂这里有一份专属于您的生日礼物等待领取", message["Subject"]
        assert text == '亲爱的王芳：one, two = three. "x"\n', repr(text)
        assert html == "<p>亲爱的王芳</p>\n", repr(html)
    else:
        name = "Ann" if customer.endswith("clear") else "Ann <b>"
        assert message["Subject"] == f"Hello {name}, here is a subject that is longer than a line of a header has room for"
        assert text == f'Dear {name},\n.a line that begins with a point\n..\none, two = three. "x"\n', repr(text)
        escaped = name.replace("<", "&lt;").replace(">", "&gt;")
        assert html == f"<p>Dear {escaped},</p><p>one, two = three. &quot;x&quot;</p>\n", repr(html)
    return message


mails = [json.loads(line) for line in open(work / "mails.jsonl", encoding="utf-8")]
by = {}
for mail in mails:
    [to] = mail["to"]
    assert to.endswith("@example.test"), to
    by.setdefault((mail["server"], to.split("@")[0]), []).append(mail)
for server in ("starttls", "smtps"):
    for name, language in (("ann", "en"), ("wang", "zh")):
        [mail] = by[server, name]
        assert mail["tls"] is (server == "starttls") and mail["login"], mail
        message = judge(mail["mail"].encode(), f"{name}-{server}", language)
        if server == "starttls":
            assert mail["from"] == f"bounces+{rows[f'{name}-starttls']['id']}@acme.example", mail["from"]
            code = hmac.new(b"secret", f"unsubscribe:{name}-starttls".encode(), hashlib.sha256).digest()
            token = base64.urlsafe_b64encode(code).decode().rstrip("=")
            assert message["List-Unsubscribe"] == f"<https://acme.example/u?c={name}-starttls&t={token}>"
            assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        else:
            assert mail["from"] == "care@acme.example" and message["List-Unsubscribe"] is None
for name, count in (("ann", 1), ("grey", 1), ("lost", 2), ("spam", 1), ("cut", 1), ("busy", rows["busy-busy"]["tries"])):
    found = by["clear", name]
    assert len(found) == count, f"{name}: {len(found)} mails"
    assert len({mail["mail"] for mail in found}) == 1, f"{name}: a repeated mail is the same"
    if name != "busy":
        judge(found[0]["mail"].encode(), f"{name}-clear", "en")
        assert found[0]["helo"] == "care.acme.example" and not found[0]["tls"]
for key in by:
    assert key[1] not in ("nobody", "policy", "full", "badlogin", "nologin", "notls"), key
    assert key[1] != "closing" or rows["closing-closing"]["tries"] == 2, key
taken = [path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for path in (box / "new").iterdir()]
assert len(taken) == 2, f"{len(taken)} mails in Exim's mailbox"
for mail in taken:
    zh = rows["wang-exim"]["id"].encode() in mail
    judge(mail, "wang-exim" if zh else "ann-exim", "zh" if zh else "en")
P
grep -q hunter2 care.sqlite* tick.txt list.json && fail "a password was written down"
echo "8 mails by aiosmtpd and Exim read by Python's email; 12 refusals and lost lines end as they should"
