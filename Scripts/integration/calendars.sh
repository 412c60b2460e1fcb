#!/bin/bash
# Time zones, the Chinese calendar and public holidays as independent libraries have them: zoneinfo, lunar_python,
# LunarCalendar, holidays, chinese_calendar.
set -euo pipefail
. "$(dirname "$0")/support/common.sh"
probe=$(dirname "$CARE")/calendar-probe
support=$root/Scripts/integration/support

# compare WHAT SCRIPT [FILE]: runs one comparison; its last line is the count.
compare() {
    "$python" "$support/$2" "$probe" ${3+"$3"} >"$work/$1" || { cat "$work/$1"; fail "$1 differ"; }
    cat "$work/$1"
}
compare zones zones.py
compare days chinese.py "$support/known-differences.json"
compare holidays public_holidays.py "$support/known-differences.json"
echo "$(tail -n 1 "$work/zones"); $(tail -n 1 "$work/days"); $(tail -n 1 "$work/holidays")"
