#!/bin/bash
# Mistakes in the rules that ship, their tests, and the form of the sources: exit 1 if there is any.
set -euo pipefail
cd "$(dirname "$0")/.."
Scripts/setup.sh
Scripts/build.sh
outcome=0
for folder in rules examples; do
    .build/release/care check "$folder" --strict || outcome=1
    .build/release/care test "$folder" --min-coverage 95 || outcome=1
done
swift format lint --strict --parallel --recursive Package.swift Sources Tests Demo || outcome=1
exit $outcome
