#!/bin/bash
# The kill loop of the tests for longer, on the release build: 1,000 kills at SCALE 1.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=${1:-1}
Scripts/setup.sh --test
Scripts/build.sh care demo-data
KILLS=$(awk -v scale="$scale" 'BEGIN { kills = int(1000 * scale); print kills < 1 ? 1 : kills }')
export KILLS CARE=$PWD/.build/release/care DEMO_DATA=$PWD/.build/release/demo-data
exec Scripts/integration/kills.sh
