#!/bin/bash
# Time zones and calendars as independent libraries have them: zoneinfo, lunar_python, LunarCalendar.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"
probe=$(dirname "$CARE")/calendar-probe
support=$root/Scripts/integration/support

"$python" "$support/zones.py" "$probe" >"$work/zones" || { cat "$work/zones"; fail "zones differ"; }
"$python" "$support/chinese.py" "$probe" "$support/known-differences.json" >"$work/chinese" ||
    { cat "$work/chinese"; fail "the Chinese calendar differs"; }
cat "$work/zones" "$work/chinese"
echo "$(tail -n 1 "$work/zones"); $(tail -n 1 "$work/chinese")"
