# What the integration scripts share; sourced, not run. Needs CARE, the program under test.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
root=$PWD
work=$(mktemp -d)
python=$root/.build-venv/bin/python
children=()

end_children() {
    local id
    for id in ${children[@]+"${children[@]}"}; do
        kill -TERM "$id" 2>/dev/null || true
        wait "$id" 2>/dev/null || true
    done
    children=()
}
trap 'end_children; rm -rf "$work"' EXIT

CARE_DEMO_SECRET=whsec_$(head -c 24 /dev/urandom | base64)
export CARE_DEMO_SECRET

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# expect WHAT ACTUAL EXPECTED
expect() {
    [ "$2" = "$3" ] || fail "$1: $2, expected $3"
    echo "ok: $1: $2"
}

# until_so WHAT COMMAND...: waits until the command succeeds, as long as the processes that were started live; an error in
# them would be waited for in vain, and something that hangs is given up after ten minutes.
until_so() {
    local what=$1 id began=$SECONDS
    shift
    until "$@" 2>/dev/null; do
        for id in ${children[@]+"${children[@]}"}; do
            kill -0 "$id" 2>/dev/null || fail "waited for $what, but process $id has ended"
        done
        [ $((SECONDS - began)) -lt 600 ] || fail "waited ten minutes for $what"
        sleep 0.05
    done
}

listens() { (: >"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# until_listening PORT: until something takes connections there.
until_listening() { until_so "somebody who listens at port $1" listens "$1"; }

# free_ports COUNT: that many ports of loopback that nobody uses, on one line.
free_ports() {
    /usr/bin/python3 -c 'import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))' "$1"
}

# start_receiver FOLDER [STATUS ...]: the judge of webhooks; sets $port.
start_receiver() {
    mkdir -p "$1"
    "$python" "$root/Scripts/integration/support/receiver.py" "$@" &
    children+=($!)
    until_so "the receiver" test -s "$1/port"
    port=$(cat "$1/port")
}

# lines FILE: how many lines it has; 0 when there is none.
lines() {
    if [ -f "$1" ]; then wc -l <"$1" | tr -d ' '; else echo 0; fi
}
