"""How a peer is driven: it says ready, then runs once for every line it is sent and answers with a line of JSON."""
import json
import sys
import time


def serve(run, **facts):
    run()
    print(json.dumps({"ready": True, **facts}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        hits = run()
        print(json.dumps({"seconds": time.perf_counter() - start, "hits": [int(hit or 0) for hit in hits]}), flush=True)
