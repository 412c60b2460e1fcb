"""Mail servers for trials, by aiosmtpd: one that asks for TLS and a login, one in clear text that does as the address says.

    mailserver.py FOLDER CERTIFICATE KEY

Writes FOLDER/ports (STARTTLS, smtps, clear), and each mail it takes as one line of FOLDER/mails.jsonl.
"""

import asyncio
import json
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder = pathlib.Path(sys.argv[1])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
seen = {}


def login(server, session, envelope, mechanism, data):
    user, password = (data.login, data.password) if hasattr(data, "login") else (None, None)
    good = user == b"care" and password == "pä:ss".encode()
    return AuthResult(success=good, handled=good)


class Handler:
    """Answers by the part of the recipient in front of the @: `grey` once 450, `full` 452 …"""

    def __init__(self, name):
        self.name = name

    async def handle_RCPT(self, server, session, envelope, address, options):
        kind = address.split("@")[0]
        seen[address] = seen.get(address, 0) + 1
        replies = {
            "nobody": "550 5.1.1 no such user",
            "policy": "554 5.7.1 relay access denied",
            "full": "452 4.2.2 mailbox full",
        }
        if kind in replies:
            return replies[kind]
        if kind == "grey" and seen[address] == 1:
            return "450 4.7.1 come again"
        if kind == "closing" and seen[address] == 1:
            session.peer_closes = True
            await server.push("421 4.3.2 closing")
            server.transport.close()
            return "421 4.3.2 closing"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        kind = envelope.rcpt_tos[0].split("@")[0]
        count = seen[envelope.rcpt_tos[0]]
        line = {
            "server": self.name, "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
            "helo": session.host_name, "login": bool(session.authenticated), "mail": envelope.content.decode("ascii"),
        }
        with open(folder / "mails.jsonl", "a", encoding="utf-8") as mails:
            mails.write(json.dumps(line) + "\n")
        if kind == "spam":
            return "550 5.7.26 not this"
        if kind == "busy" and count == 1:
            return "451 4.3.0 later"
        if kind == "lost" and count == 1:
            # The mail is here, and the answer is not: the line is cut.
            server.transport.abort()
            return "250 ok"
        if kind == "slow":
            await asyncio.sleep(3)
        return "250 2.0.0 queued"


class Cutting(SMTP):
    """Hangs up when it is to take a mail for `cut`, the first time, in the middle of it."""

    async def smtp_DATA(self, arg):
        address = self.envelope.rcpt_tos[0]
        if address.startswith("cut@") and seen[address] == 1:
            await self.push("354 go ahead")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


async def main():
    loop = asyncio.get_running_loop()

    def tls():
        return SMTP(
            Handler("starttls"), tls_context=context, require_starttls=True, authenticator=login, auth_required=True,
            ident="trial")

    def smtps():
        return SMTP(Handler("smtps"), authenticator=login, auth_required=True, auth_require_tls=False, ident="trial")

    servers = [
        await loop.create_server(tls, "127.0.0.1", 0),
        await loop.create_server(smtps, "127.0.0.1", 0, ssl=context),
        await loop.create_server(lambda: Cutting(Handler("clear"), ident="trial"), "127.0.0.1", 0),
    ]
    ports = " ".join(str(server.sockets[0].getsockname()[1]) for server in servers)
    (folder / "ports.new").write_text(ports + "\n")
    (folder / "ports.new").rename(folder / "ports")
    await asyncio.Event().wait()


asyncio.run(main())
