#!/bin/bash
# Every test, on a debug build: the package's own, then Scripts/integration on .build/debug/care.
#
# Starts a RabbitMQ and an nginx of its own on loopback and stops them at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh --test

work=$(mktemp -d)
logs=.build/logs
mkdir -p $logs
finish() {
    Scripts/services/rabbitmq.sh stop "$work/rabbitmq"
    Scripts/services/nginx.sh stop "$work/nginx"
    rm -rf "$work"
}
trap finish EXIT

# One build for everything, with the same flags as the run below: others would build it all again.
started=$SECONDS
if ! swift build --build-tests >$logs/build.log 2>&1; then
    grep -E 'error:' $logs/build.log | sort -u | head -n 40 || tail -n 40 $logs/build.log
    echo "The build failed; all of its output: $logs/build.log"
    exit 1
fi
echo "build      debug with tests, $((SECONDS - started)) s"

started=$SECONDS
Scripts/services/rabbitmq.sh start "$work/rabbitmq"
Scripts/services/nginx.sh start "$work/nginx"
set -a
# shellcheck source=/dev/null
. "$work/rabbitmq/env"
# shellcheck source=/dev/null
. "$work/nginx/env"
CARE_TEST_PYTHON=$PWD/.build-venv/bin/python
set +a
echo "services   RabbitMQ and nginx on loopback, $((SECONDS - started)) s"

started=$SECONDS
outcome=0
swift test --skip-build >$logs/test.log 2>&1 || outcome=$?
if [ $outcome != 0 ]; then
    # Cut: an argument of a test can be a whole file.
    grep -aE '✘|^error:|Fatal error' $logs/test.log | cut -c 1-600 | head -n 100 || true
    echo "..."
    tail -n 15 $logs/test.log | cut -c 1-600
    echo "swift test failed (exit $outcome); all of its output: $logs/test.log"
    exit 1
fi
grep -E 'Test run with|Executed [0-9]+ tests' $logs/test.log | tail -n 2
echo "tests      all passed, $((SECONDS - started)) s"

for script in Scripts/integration/*.sh; do
    name=$(basename "$script" .sh)
    started=$SECONDS
    if ! CARE=$PWD/.build/debug/care DEMO_DATA=$PWD/.build/debug/demo-data "$script" >"$logs/$name.log" 2>&1; then
        tail -n 40 "$logs/$name.log"
        echo "integration $name failed; all of its output: $logs/$name.log"
        exit 1
    fi
    printf 'integration %s: %s, %s s\n' "$name" "$(tail -n 1 "$logs/$name.log")" $((SECONDS - started))
done
echo "All tests passed."
