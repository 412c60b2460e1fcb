#!/bin/bash
# Measures speed: builds every benchmark in release mode and runs it; tables on the terminal, JSON in .build/bench.
#
#   Scripts/bench.sh [SCALE]   1 is full size; each benchmark gets SCALE and the file for its JSON.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=${1:-1}
Scripts/setup.sh --test
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
    # Makes files for the others, measures nothing.
    [ "$name" != bench-data ] || continue
    echo "== $name"
    Scripts/build.sh "$name"
    (cd "$folder" && "$OLDPWD/.build/release/$name" --scale "$scale" --json "$OLDPWD/.build/bench/$name.json")
done
echo "== bench-import"
Scripts/bench-import.sh --scale "$scale" --json .build/bench/bench-import.json
echo "JSON in .build/bench"
