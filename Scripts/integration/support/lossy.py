"""A way to a NATS server that loses what matters: the first acknowledgement of a stream, and the line with it.

lossy.py PORT-OF-SERVER FILE   writes its own port into FILE
"""

import os
import socket
import sys
import threading

target, file = int(sys.argv[1]), sys.argv[2]
listener = socket.create_server(("127.0.0.1", 0))
with open(file + ".new", "w") as out:
    out.write(str(listener.getsockname()[1]))
os.rename(file + ".new", file)
lost = threading.Event()


def carry(source, sink, may_lose):
    try:
        while data := source.recv(65536):
            if may_lose and b'"seq"' in data and not lost.is_set():
                lost.set()
                break
            sink.sendall(data)
    except OSError:
        pass
    for one in (source, sink):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


while True:
    client, _ = listener.accept()
    server = socket.create_connection(("127.0.0.1", target))
    threading.Thread(target=carry, args=(client, server, False), daemon=True).start()
    threading.Thread(target=carry, args=(server, client, True), daemon=True).start()
