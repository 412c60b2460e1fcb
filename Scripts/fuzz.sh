#!/bin/bash
# Rules and expressions as libFuzzer makes them up, read and evaluated: 1,000,000 inputs at SCALE 1, on two processes.
#
#   Scripts/fuzz.sh [SCALE]              SEED makes the same choices again; WORKERS is how many processes
#   FUZZER=seeded Scripts/fuzz.sh [SCALE]    the mutator of the tests instead; so it is where there is no libFuzzer
#
# The modules of the core are built for it apart, in .build/fuzz, with address checks. What an input breaks lies there as
# crash-… , oom-… or timeout-…; inputs that reach new code are kept in .build/fuzz/corpus and are where the next run begins.
set -euo pipefail
cd "$(dirname "$0")/.."
scale=${1:-1}
count=$(awk -v scale="$scale" 'BEGIN { count = int(1000000 * scale); print count < 2 ? 2 : count }')
command -v python3 >/dev/null || Scripts/setup.sh --test
mkdir -p .build/fuzz
printf '@_cdecl("LLVMFuzzerTestOneInput") public func test(_ data: UnsafePointer<UInt8>, _ size: Int) -> Int32 { 0 }\n' \
    >.build/fuzz/probe.swift
if [ "${FUZZER:-}" = seeded ] || ! swiftc -sanitize=fuzzer,address -parse-as-library .build/fuzz/probe.swift \
    -o .build/fuzz/probe >.build/fuzz/probe.log 2>&1; then
    Scripts/setup.sh
    Scripts/build.sh rule-fuzz
    exec .build/release/rule-fuzz "$count" "${SEED:-1}" rules/*.json examples/*.json
fi
out=$PWD/.build/fuzz
mkdir -p "$out/CKernels" "$out/corpus" "$out/seeds"

# The checks stand in Swift alone: the C functions are chosen when the program is loaded, before any check can run.
clang=$(dirname "$(readlink -f "$(command -v swiftc)")")/clang
"$clang" -O2 -c Sources/CKernels/kernels.c -ISources/CKernels/include -o "$out/CKernels.o"
printf 'module CKernels { header "%s" export * }\n' "$PWD/Sources/CKernels/include/kernels.h" \
    >"$out/CKernels/module.modulemap"
objects=$out/CKernels.o
for module in Sources/CareValues Sources/CareLogic Sources/CareRules Sources/CareDecisions Tests/RuleFuzz Tests/LibFuzzer; do
    name=$(basename $module)
    find $module -name '*.swift' -print0 | sort -z | xargs -0 swiftc -O -whole-module-optimization -parse-as-library \
        -swift-version 6 -enable-upcoming-feature ExistentialAny -package-name care -sanitize=fuzzer,address \
        -I "$out" -I "$out/CKernels" -module-name "$name" -emit-module-path "$out/$name.swiftmodule" \
        -c -o "$out/$name.o"
    objects="$objects $out/$name.o"
done
# shellcheck disable=SC2086  # one word per object
swiftc -sanitize=fuzzer,address $objects -o "$out/rule-fuzz"

# The files that ship, and each of their campaigns with what it needs to stand alone: short ones are mutated to more purpose.
python3 Scripts/fuzz-seeds.py "$out/seeds" rules/*.json examples/*.json Tests/RuleFuzz/Found/*.json

workers=${WORKERS:-2}
# A backtrace would come in the way of what libFuzzer says, and of the file that it keeps.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
pids=
cd "$out"
for worker in $(seq "$workers"); do
    ./rule-fuzz corpus seeds -runs=$((count / workers)) -seed=$((${SEED:-1} + worker - 1)) -max_len=8192 -timeout=10 \
        -rss_limit_mb=4096 -reload=30 -print_final_stats=1 >"log-$worker" 2>&1 &
    pids="$pids $!"
done
status=0
for pid in $pids; do wait "$pid" || status=1; done
for worker in $(seq "$workers"); do
    grep -E 'INITED|DONE|stat::number_of_executed_units|stat::slowest_unit_time_sec|stat::peak_rss_mb|SUMMARY' "log-$worker" || true
done
[ $status = 0 ] || { tail -n 40 log-* >&2; ls crash-* oom-* timeout-* 2>/dev/null || true; }
exit $status
