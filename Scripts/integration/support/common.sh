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

# start_receiver FOLDER [STATUS ...]: the judge of webhooks; sets $port.
start_receiver() {
    mkdir -p "$1"
    "$python" "$root/Scripts/integration/support/receiver.py" "$@" &
    children+=($!)
    for _ in $(seq 200); do
        [ ! -f "$1/port" ] || { port=$(cat "$1/port"); return; }
        sleep 0.05
    done
    fail "the receiver did not start"
}

# lines FILE: how many lines it has; 0 when there is none.
lines() {
    if [ -f "$1" ]; then wc -l <"$1" | tr -d ' '; else echo 0; fi
}
