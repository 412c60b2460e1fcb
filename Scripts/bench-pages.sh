#!/bin/bash
# Measures what people look things up by while `care serve` runs: the console's page of a customer with 10,000 events and
# 400 decisions, and searches of a ledger of 10,000,000 rows, in the console and over the interface.
#
#   Scripts/bench-pages.sh [--scale S] [--json FILE] [--runs N]
#
# Scale 1 is 10,000,000 decisions about 200,000 customers by twenty campaigns; it takes several GB of disk until it ends.
# Each answer is asked for N times (20 unless said) over one connection that is kept, from this machine: what is told is
# the time from sending a request to the first byte of its answer. The pages of the store have just been written, so the
# system has them in memory where it has room for them.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=1 json="" runs=20
while [ $# -gt 0 ]; do
    case $1 in
        --scale) scale=$2 ;;
        --json) json=$2 ;;
        --runs) runs=$2 ;;
        *) echo "usage: Scripts/bench-pages.sh [--scale S] [--json FILE] [--runs N]" >&2; exit 64 ;;
    esac
    shift 2
done
Scripts/build.sh care bench-data engine-bench store-bench
[ -z "$json" ] || json=$(cd "$(dirname "$json")" && pwd)/$(basename "$json")
here=$PWD bin=$PWD/.build/release
work=$(mktemp -d)
# shellcheck source=/dev/null
. "$here/Scripts/bench-service/shop.sh"
trap '[ -z "$service" ] || kill "$service"; wait; rm -rf "$work"' EXIT

# more_history UNTIL: 10,000 events of customer 1, spread over the two years before.
more_history() {
    /usr/bin/python3 "$here/Scripts/bench-service/busy.py" "$1" 10000 >busy.jsonl
    "$bin/care" import events busy.jsonl --history-until "$1" >/dev/null
}
share=$(awk -v scale="$scale" 'BEGIN { print 0.2 * scale }')
customers=$(at "$share" 1000000) rows=$(at "$scale" 10000000)
# Of fewer some searches would find nothing.
[ "$rows" -ge 100000 ] || rows=100000
make_shop "$share"
"$bin/store-bench" --fill-ledger "$rows" --store care.sqlite --customers "$customers"
echo "$rows decisions about $customers customers, 20 campaigns, $(($(stat -c %s care.sqlite) / 1000000)) MB, $runs runs each, $(nproc) cores"
password=$(head -c 18 /dev/urandom | base64)
"$bin/care" users add bench --scope read <<<"$password" >/dev/null
serve
PASSWORD=$password /usr/bin/python3 "$here/Scripts/bench-service/pages.py" "$url" "$runs" >figures || { cat serve.log >&2; exit 1; }
echo "memory of the service: $(memory) MB"
stop
# Name, aim, milliseconds: middle, greatest, first; bytes of the answer; how many rows it has.
awk -F '\t' '{ printf "%-58s %8.1f ms   (aim %d), most %.1f, first %.1f; %d rows, %.1f kB\n", $1, $3, $2, $4, $5, $7, $6 / 1000 }' figures
[ -z "$json" ] || awk -F '\t' '
    BEGIN { print "[" }
    { printf "%s  {\"name\": \"%s\", \"value\": %s, \"most\": %s, \"unit\": \"ms\", \"target\": \"%s\"}",
          (NR > 1 ? ",\n" : ""), $1, $3, $4, $2 }
    END { print "\n]" }' figures >"$json"
