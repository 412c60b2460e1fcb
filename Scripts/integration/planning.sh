#!/bin/bash
# Plans of the real purchases: a year, a page, a disk that fills, Ctrl-C; a saved plan beside a running service; what an edit
# in git changes; a backtest.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"
. "$root/Scripts/integration/support/demo.sh"

start_receiver "$work/receiver"
demo_shop "$work/shop" "$port" 1998-01-01 >/dev/null
cd "$work/shop"
rm rules
cp -r "$root/rules" rules

# ends CODE COMMAND...: runs it, its output in out and err.
ends() {
    local code=0 wanted=$1
    shift
    "$@" >out 2>err || code=$?
    [ "$code" = "$wanted" ] || fail "exit of $*: $code, expected $wanted: $(head -c 2000 err)"
}
at=1998-01-01T00:00:00-05:00

ends 0 "$CARE" plan --at $at --days 30 --html plan.html
grep -q ' would go out' out || fail "no plan: $(cat out)"
[ -z "$(awk 'length($0) > 100' out)" ] || fail "wider than 100 columns: $(awk 'length($0) > 100' out)"
! grep -qE 'https?://' plan.html || fail "the page asks the network"
ends 0 "$CARE" plan --at $at --days 30 --format jsonl
acts=$(grep -c '"outcome":"act"' out)
ends 0 "$CARE" plan --at $at --days 30 --format json
expect "acts of 30 days" "$("$python" -c 'import json,sys; print(json.load(sys.stdin)["total"]["act"])' <out)" "$acts"

# A disk that is full: said, and nothing is left behind.
for format in jsonl csv json; do
    code=0
    "$CARE" plan --at $at --days 30 --format $format >/dev/full 2>err || code=$?
    [ "$code" = 1 ] || fail "a full disk ended with $code"
    grep -q 'No space left on device' err || fail "a full disk is not said: $(cat err)"
done
ends 1 "$CARE" plan --at $at --out /dev/full
grep -q '/dev/full cannot be written: No space left on device' err || fail "$(cat err)"
ends 1 "$CARE" plan --at $at --html /dev/full
grep -q '/dev/full cannot be written: No space left on device' err || fail "$(cat err)"
# A disk that fills in the middle: what was there before stays, and nothing else is left there.
if unshare -rm true 2>/dev/null; then
    mkdir tiny
    for option in html out; do
        ends 1 unshare -rm bash -euc 'mount -t tmpfs -o size=16k none tiny; echo before >tiny/plan; code=0
            "$1" plan --at "$2" --days 30 "--$3" tiny/plan || code=$?
            [ "$(ls tiny) $(cat tiny/plan)" = "plan before" ] || code=9
            exit $code' - "$CARE" $at $option
        grep -q 'tiny/plan cannot be written: No space left on device' err || fail "$(cat err)"
        ends 1 unshare -rm bash -euc 'mount -t tmpfs -o size=16k none tiny
            TMPDIR=tiny exec "$1" plan --at "$2" --days 30 --out week.careplan' - "$CARE" $at
        grep -q 'temporary files cannot be written or read: No space left on device' err || fail "$(cat err)"
    done
else
    echo "no disk of our own can be made here: not tried with one that fills"
fi
ends 1 env TMPDIR=/nowhere "$CARE" plan --at $at --out week.careplan
[ ! -e week.careplan ] || fail "half a plan was written"

# Saved, read by other tools, applied, and again.
ends 0 "$CARE" plan --at $at --days 3 --out week.careplan
expect "checksum" "$(head -n -1 week.careplan | sha256sum | cut -d ' ' -f 1)" \
    "$(tail -n 1 week.careplan | sed 's/.*"sha256":"\([0-9a-f]*\)".*/\1/')"
expect "mode" "$(stat -c %a week.careplan)" 600
ends 0 "$CARE" apply week.careplan --at 1998-01-01T10:00:00-05:00
grep -q '^Applied [1-9]' out || fail "nothing was applied: $(cat out)"
grep -q '^Delivered [1-9]' out || fail "nothing was delivered: $(cat out)"
applied=$(head -n 1 out | cut -d ' ' -f 2)
ends 0 "$CARE" apply week.careplan --at 1998-01-01T10:00:10-05:00
grep -q "^Applied 0 of .* $applied already done" out || fail "applied twice: $(cat out)"
# The disk fills in the middle of a delivery's record: nothing is half done there either; see kills.sh.

# What an edit in git changes.
git init -q . && git add rules && git -c user.name=a -c user.email=a@example.com commit -qm one
edited=rules/win-back.json
sed -i -E 's/"for": "P[0-9]+D"/"for": "P45D"/' "$edited"
ends 2 "$CARE" diff HEAD --days 30 --at 1998-01-02
grep -qE '^[0-9,]+ messages? (is|are) new' out || fail "no difference: $(cat out)"
ends 2 "$CARE" diff HEAD --days 30 --at 1998-01-02 --format markdown
grep -q '^| campaign/step | old | new |' out || fail "no table: $(cat out)"
ends 64 "$CARE" diff HEAD~9
# Stale now: other rules.
ends 1 "$CARE" apply week.careplan --at 1998-01-02T10:00:00-05:00
grep -q 'saved plan is stale, nothing was done' err || fail "$(cat err)"
git checkout -q rules

ends 0 "$CARE" backtest --from 1997-02-01 --until 1998-01-01
grep -q 'What follows was observed, not caused by them' out || fail "$(cat out)"
# Ctrl-C in the middle ends with what there is, and says so; no file is written then.
interrupted() { ends 130 env TERM=xterm "$python" "$root/Scripts/integration/support/interrupt.py" seen terminal "$CARE" "$@"; }
interrupted backtest --from 1997-02-01 --until 1998-01-01
grep -q '^Interrupted: this is of ' seen || fail "not said to be interrupted: $(cat seen terminal)"
interrupted plan --at 1998-01-02 --days 366 --html part.html --out part.careplan
grep -q '^Interrupted: these totals are of ' seen || fail "not said to be interrupted: $(cat seen terminal)"
[ -z "$(compgen -G 'part.*')" ] || fail "part of a plan was written"
interrupted plan --at 1998-01-02 --days 366 --format jsonl
echo "ok: Ctrl-C ended a backtest and two plans in the middle"
ends 0 "$CARE" plan --at 1998-01-02 --why-not "$(basename "$edited" .json)"
grep -q 'TURNED AWAY BY' out || fail "$(cat out)"
echo "30 days of real purchases: $acts acts planned; $applied decisions applied once"
