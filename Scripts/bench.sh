#!/bin/bash
# Measures speed: builds every benchmark in release mode and runs it; tables on the terminal, JSON in .build/bench.
#
#   Scripts/bench.sh [SCALE]   1 is full size; each benchmark gets SCALE and the file for its JSON.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=${1:-1}
Scripts/setup.sh --test
# What the evaluation is measured beside.
if ! cmp -s Scripts/requirements-bench.txt .build-bench-venv/installed.txt; then
    rm -rf .build-bench-venv
    /usr/bin/python3 -m venv .build-bench-venv
    PIP_CERT=${PIP_CERT:-/etc/ssl/certs/ca-certificates.crt} .build-bench-venv/bin/pip install \
        --disable-pip-version-check --quiet -r Scripts/requirements-bench.txt
    cp Scripts/requirements-bench.txt .build-bench-venv/installed.txt
fi
export CARE_BENCH_PYTHON=$PWD/.build-bench-venv/bin/python CARE_BENCH_PEERS=$PWD/Benchmarks/eval-bench/peers
mkdir -p .build/bench
folder=$(mktemp -d)
trap 'Scripts/services/nginx.sh stop "$folder/nginx"; rm -rf "$folder"' EXIT
Scripts/services/nginx.sh start "$folder/nginx"
set -a
# shellcheck source=/dev/null
. "$folder/nginx/env"
set +a
for benchmark in Benchmarks/*/; do
    name=$(basename "$benchmark")
    # Make data for the others, measure nothing; or are run by `make fuzz`.
    case $name in bench-data | population | rule-fuzz) continue ;; esac
    echo "== $name"
    Scripts/build.sh "$name"
    (cd "$folder" && "$OLDPWD/.build/release/$name" --scale "$scale" --json "$OLDPWD/.build/bench/$name.json")
done
echo "== bench-import"
Scripts/bench-import.sh --scale "$scale" --json .build/bench/bench-import.json
echo "== bench-service"
Scripts/bench-service.sh --scale "$scale" --json .build/bench/bench-service.json
echo "== bench-pages"
Scripts/bench-pages.sh --scale "$scale" --json .build/bench/bench-pages.json
echo "JSON in .build/bench"
