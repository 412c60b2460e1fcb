"""Events of one customer, number 1, for `care import events`: COUNT lines, evenly over the two years before UNTIL.

    busy.py UNTIL COUNT
"""

import sys
from datetime import datetime, timedelta

until, count = datetime.fromisoformat(sys.argv[1].replace("Z", "+00:00")), int(sys.argv[2])
types = ["login", "login", "login", "purchase", "support"]
for number in range(count):
    time = until - timedelta(days=730) * (count - number) / count
    kind = types[number % len(types)]
    properties = f',"properties":{{"amount":{5 + number % 300}.5}}' if kind == "purchase" else ""
    print(f'{{"customer":"1","id":"busy-{number}","time":"{time:%Y-%m-%dT%H:%M:%SZ}","type":"{kind}"{properties}}}')
