#!/bin/bash
# What the tests do shortly, for longer. At SCALE 1: ten million generated pairs of rules and customers answered alike by
# every form of evaluation, 100,000 generated cases of plan against run, then the kill loop with 1,000 kills on the release build.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=${1:-1}
Scripts/setup.sh --test
# The suites hold 100,000 pairs.
CARE_TEST_SCALE=$(awk -v scale="$scale" 'BEGIN { print 100 * scale }') swift test --filter 'AgreementTests'
# Plans against runs: the suite holds 2,000 cases.
CARE_TEST_SCALE=$(awk -v scale="$scale" 'BEGIN { print 50 * scale }') swift test --filter 'ExactnessTests'
Scripts/build.sh care demo-data
KILLS=$(awk -v scale="$scale" 'BEGIN { kills = int(1000 * scale); print kills < 1 ? 1 : kills }')
export KILLS CARE=$PWD/.build/release/care DEMO_DATA=$PWD/.build/release/demo-data
exec Scripts/integration/kills.sh
