#!/usr/bin/env python3
"""The Chinese calendar of 1901-2100, day by day, by calendar-probe and by lunar_python and LunarCalendar.

    chinese.py PROBE KNOWN

KNOWN lists the months on which we and a library differ, each with its reason; a listed day that agrees, and a day that
differs and is not listed, are findings.
"""

import datetime
import json
import subprocess
import sys

from lunar_python import LunarYear, Solar
from lunarcalendar import Converter
from lunarcalendar import Solar as Civil

FIRST, LAST = datetime.date(1901, 1, 1), datetime.date(2100, 12, 31)


def text(year, month, leap, day):
    return f"{year:04}-{month:02}{'L-' if leap else '-'}{day:02}"


def by_lunar_python():
    """Its months, laid out day by day."""
    days = {}
    for year in range(1900, 2101):
        for month in LunarYear.fromYear(year).getMonths():
            # The object holds the months of the neighbouring years too.
            if month.getYear() != year:
                continue
            first = Solar.fromJulianDay(month.getFirstJulianDay())
            date = datetime.date(first.getYear(), first.getMonth(), first.getDay())
            for day in range(month.getDayCount()):
                days[date + datetime.timedelta(day)] = text(year, abs(month.getMonth()), month.isLeap(), day + 1)
    return days


def by_lunar_calendar():
    days = {}
    for number in range((LAST - FIRST).days + 1):
        date = FIRST + datetime.timedelta(number)
        lunar = Converter.Solar2Lunar(Civil(date.year, date.month, date.day))
        days[date] = text(lunar.year, lunar.month, lunar.isleap, lunar.day)
    return days


def main(probe, known_path):
    output = subprocess.run(
        [probe, "chinese", str(FIRST), str(LAST)], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    ours = {datetime.date.fromisoformat(line[:10]): line[11:] for line in output.splitlines()}
    assert len(ours) == 73049, len(ours)
    with open(known_path, encoding="utf-8") as file:
        known = json.load(file)
    findings = []
    summary = []
    for name, theirs in (("lunar_python", by_lunar_python()), ("LunarCalendar", by_lunar_calendar())):
        listed = set()
        for entry in known["chinese"]:
            if entry["library"] == name:
                first, last = (datetime.date.fromisoformat(day) for day in entry["days"])
                listed |= {first + datetime.timedelta(day) for day in range((last - first).days + 1)}
        differing = {day for day, date in ours.items() if theirs.get(day) != date}
        for day in sorted(differing - listed):
            findings.append(f"{day}: {ours[day]}, {name} says {theirs.get(day)}")
        for day in sorted(listed - differing):
            findings.append(f"{day} is listed as differing from {name}, and does not: {ours[day]}")
        summary.append(f"{name} {len(ours) - len(differing)} agree and {len(differing)} are listed")
    for finding in findings[:20]:
        print(finding)
    print(f"{len(ours)} days of the Chinese calendar: {', '.join(summary)}, {len(findings)} findings")
    sys.exit(1 if findings else 0)


main(sys.argv[1], sys.argv[2])
