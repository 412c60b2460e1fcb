#!/bin/bash
# Mistakes in the rules that ship, their tests, and the form of the sources: exit 1 if there is any.
set -euo pipefail
cd "$(dirname "$0")/.."
Scripts/setup.sh
Scripts/build.sh
outcome=0
.build/release/care check rules --strict || outcome=1
.build/release/care test rules --min-coverage 95 || outcome=1
swift format lint --strict --parallel --recursive Package.swift Sources Tests Demo || outcome=1
exit $outcome
