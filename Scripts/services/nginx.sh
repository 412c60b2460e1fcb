#!/bin/bash
# An nginx of our own that takes webhooks in tests and benchmarks: on a free loopback port, in one folder.
#
#   Scripts/services/nginx.sh start DIR   starts it, waits until it answers, writes DIR/env with NGINX_URL
#   Scripts/services/nginx.sh stop DIR    stops it by its process id
#
# / answers 200; /429 answers 429 with Retry-After: 1; /500 answers 500; /410 answers 410.
set -euo pipefail

usage() { echo "usage: $0 start|stop DIR" >&2; exit 64; }
[ $# = 2 ] || usage

start() {
    local port user=""
    port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    # Only root has a choice of user.
    [ "$(id -u)" != 0 ] || user="user root;"
    cat >"$folder/nginx.conf" <<C
$user worker_processes 1; pid $folder/nginx.pid; error_log $folder/error.log warn; daemon off;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path $folder/body; proxy_temp_path $folder/proxy; fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;
    keepalive_timeout 300s; keepalive_requests 1000000000; client_max_body_size 16m;
    server {
        listen 127.0.0.1:$port backlog=4096;
        location / { return 200 '{"ok":true}'; }
        location /429 { add_header Retry-After 1 always; return 429; }
        location /500 { return 500; }
        location /410 { return 410; }
    }
}
C
    "$(command -v nginx || echo /usr/sbin/nginx)" -c "$folder/nginx.conf" -p "$folder" -e "$folder/error.log" \
        </dev/null >"$folder/nginx.out" 2>&1 &
    for _ in $(seq 600); do
        if curl --silent --fail --max-time 2 --output /dev/null "http://127.0.0.1:$port/"; then
            printf 'NGINX_URL=http://127.0.0.1:%s\n' "$port" >"$folder/env"
            return 0
        fi
        sleep 0.05
    done
    cat "$folder/nginx.out" "$folder/error.log" >&2
    echo "nginx did not start." >&2
    return 1
}

stop() {
    [ -f "$folder/nginx.pid" ] || return 0
    kill -QUIT "$(cat "$folder/nginx.pid")" 2>/dev/null || true
    for _ in $(seq 600); do
        # nginx takes its file away as its last act.
        [ -f "$folder/nginx.pid" ] || return 0
        sleep 0.05
    done
}

mkdir -p "$2"
folder=$(cd "$2" && pwd)
case $1 in
    start) start ;;
    stop) stop ;;
    *) usage ;;
esac
