#!/bin/bash
# A RabbitMQ of our own for tests: on free loopback ports, with its data in one folder.
#
#   Scripts/services/rabbitmq.sh start DIR   starts it, waits until it answers, writes DIR/env
#   Scripts/services/rabbitmq.sh stop DIR    stops it by its process ids
#
# DIR/env holds RABBITMQ_URL (the HTTP API), RABBITMQ_USER and RABBITMQ_PASSWORD.
set -euo pipefail

usage() { echo "usage: $0 start|stop DIR" >&2; exit 64; }
[ $# = 2 ] || usage

# Ends a process that DIR/$1 names and waits until it is gone; a zombie counts as gone.
end() {
    [ -f "$folder/$1" ] || return 0
    local id state
    id=$(cat "$folder/$1")
    kill -TERM "$id" 2>/dev/null || true
    for _ in $(seq 300); do
        state=$(ps -o state= -p "$id" 2>/dev/null || true)
        if [ -z "$state" ] || [ "${state:0:1}" = Z ]; then rm -f "$folder/$1"; return 0; fi
        sleep 0.1
    done
    kill -KILL "$id" 2>/dev/null || true
    rm -f "$folder/$1"
}

start() {
    mkdir -p "$folder/home" "$folder/mnesia" "$folder/log"
    chmod 700 "$folder/home"
    # All sockets are held open at once, so that the four ports differ.
    read -r amqp management distribution mapper < <(/usr/bin/python3 -c '
import socket
sockets = [socket.socket() for _ in range(4)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in sockets])')
    local password
    password=$(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n')
    echo '[rabbitmq_management].' >"$folder/enabled_plugins"
    cat >"$folder/rabbitmq.conf" <<C
listeners.tcp.1 = 127.0.0.1:$amqp
management.tcp.ip = 127.0.0.1
management.tcp.port = $management
default_user = care
default_pass = $password
log.console = true
log.file = false
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
C
    echo '[{kernel,[{inet_dist_use_interface,{127,0,0,1}}]}].' >"$folder/advanced.config"
    (
        # The server reads its cookie from HOME; nothing of it may land in the user's.
        export HOME="$folder/home" RABBITMQ_NODENAME="care$amqp@localhost" RABBITMQ_MNESIA_BASE="$folder/mnesia" \
            RABBITMQ_LOG_BASE="$folder/log" RABBITMQ_CONFIG_FILE="$folder/rabbitmq.conf" \
            RABBITMQ_ADVANCED_CONFIG_FILE="$folder/advanced.config" \
            RABBITMQ_ENABLED_PLUGINS_FILE="$folder/enabled_plugins" RABBITMQ_DIST_PORT="$distribution" \
            RABBITMQ_PID_FILE="$folder/server.pid" RABBITMQ_CONF_ENV_FILE=/dev/null ERL_EPMD_PORT="$mapper" \
            ERL_EPMD_ADDRESS=127.0.0.1 LANG=C.UTF-8
        /usr/bin/epmd -address 127.0.0.1 -port "$mapper" </dev/null >"$folder/epmd.out" 2>&1 &
        echo $! >"$folder/mapper.pid"
        /usr/lib/rabbitmq/bin/rabbitmq-server </dev/null >"$folder/server.out" 2>&1 &
        echo $! >"$folder/launcher.pid"
    )
    local url="http://127.0.0.1:$management"
    for _ in $(seq 600); do
        if curl --silent --fail --max-time 2 --output /dev/null --user "care:$password" "$url/api/health/checks/alarms"
        then
            printf 'RABBITMQ_URL=%s\nRABBITMQ_USER=care\nRABBITMQ_PASSWORD=%s\n' "$url" "$password" >"$folder/env"
            return 0
        fi
        if ! kill -0 "$(cat "$folder/launcher.pid")" 2>/dev/null; then break; fi
        sleep 0.1
    done
    tail -n 30 "$folder/server.out" >&2
    stop
    echo "RabbitMQ did not start." >&2
    return 1
}

stop() {
    end server.pid
    end launcher.pid
    end mapper.pid
}

mkdir -p "$2"
folder=$(cd "$2" && pwd)
case $1 in
    start) start ;;
    stop) stop ;;
    *) usage ;;
esac
