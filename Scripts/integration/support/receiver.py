"""Takes webhooks and judges them by libraries that are not ours.

    receiver.py FOLDER [STATUS ...]

Listens on a free loopback port, which it writes to FOLDER/port. Verifies each request with `standardwebhooks` and the
secret in CARE_DEMO_SECRET, parses its body with `cloudevents`, and appends one line of JSON to FOLDER/received.jsonl.
The first requests are answered with the STATUS codes given, in order, all later ones with 200; a request that does not
verify or parse is answered 400 and noted in FOLDER/refused.
"""

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook

folder = sys.argv[1]
answers = [int(text) for text in sys.argv[2:]]
webhook = Webhook(os.environ["CARE_DEMO_SECRET"])
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with lock:
            status = answers.pop(0) if answers else 200
            try:
                webhook.verify(body, headers)
                event = from_http_event(HTTPMessage(headers=headers, body=body))
                line = {
                    "status": status,
                    "path": self.path,
                    "webhookId": headers["webhook-id"],
                    "id": event.get_id(),
                    "type": event.get_type(),
                    "source": event.get_source(),
                    "subject": event.get_subject(),
                    "time": event.get_time().isoformat(),
                    "key": event.get_extension("carekey"),
                    "data": event.get_data(),
                }
                with open(folder + "/received.jsonl", "a", encoding="utf-8") as file:
                    file.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
            except Exception as error:
                status = 400
                with open(folder + "/refused", "a", encoding="utf-8") as file:
                    file.write(f"{type(error).__name__}: {error}: {body[:300]!r}\n")
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
with open(folder + "/port.new", "w") as file:
    file.write(str(server.server_address[1]))
# Renamed when it is whole: who waits for the file reads a whole number.
os.rename(folder + "/port.new", folder + "/port")
server.serve_forever()
