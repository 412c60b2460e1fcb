"""Holds captured webhooks against independent libraries: PyPI's standardwebhooks and cloudevents.

  verify_webhook.py SECRET < requests     one JSON object a line: {"headers": {…}, "body": "…"}

Prints how many were verified; exits 1 at the first that is not.
"""

import json
import sys

from standardwebhooks.webhooks import Webhook

try:
    from cloudevents.core.bindings.http import HTTPMessage, from_structured
    from cloudevents.core.formats.json import JSONFormat

    def parse(headers, body):
        return from_structured(HTTPMessage(headers=headers, body=body), JSONFormat())

except ImportError:
    from cloudevents.http import from_http

    def parse(headers, body):
        return from_http(headers, body)


def attribute(event, name):
    """The attribute of an event, in either of the library's two shapes."""
    if hasattr(event, "get_attributes"):
        return event.get_attributes().get(name)
    return event[name]


webhook = Webhook(sys.argv[1])
count = 0
for line in sys.stdin:
    request = json.loads(line)
    body = request["body"].encode()
    webhook.verify(body, request["headers"])
    event = parse(request["headers"], body)
    assert attribute(event, "id") == request["headers"]["webhook-id"], "CloudEvents id is not webhook-id"
    assert attribute(event, "specversion") == "1.0"
    assert json.loads(attribute(event, "carekey"))[1] == attribute(event, "subject"), "subject is not the key's customer"
    count += 1
print(f"{count} verified")
