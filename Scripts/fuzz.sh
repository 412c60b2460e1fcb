#!/bin/bash
# Mutated rule files, read and decided with: 1,000,000 inputs at SCALE 1. SEED makes the same inputs again.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=${1:-1}
Scripts/setup.sh
Scripts/build.sh rule-fuzz
count=$(awk -v scale="$scale" 'BEGIN { count = int(1000000 * scale); print count < 1 ? 1 : count }')
exec .build/release/rule-fuzz "$count" "${SEED:-1}" rules/*.json examples/*.json
