#!/bin/bash
# Builds a product in release mode, .build/release/NAME (default: care); the compiler's output only on failure.
#
# The flags are the same wherever a release build is made: another flag would build everything again.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .build
for product in "${@:-care}"; do
    log=.build/build-$product.log
    if ! swift build -c release --product "$product" >"$log" 2>&1; then
        grep -E 'error:' "$log" | sort -u | head -n 20 >&2 || true
        tail -n 20 "$log" >&2
        echo "The release build of $product failed; all of its output: $log" >&2
        exit 1
    fi
done
