#!/usr/bin/env python3
"""The holidays that ship, day by day, by calendar-probe and by `holidays` and `chinese_calendar`.

    public_holidays.py PROBE KNOWN

China 2015-2026, the years with a notice of the State Council: whether each day is a workday. The others from 2015 to 2035:
which days are off. KNOWN lists the days on which we and a library differ, each with its reason; a listed day that agrees,
and a day that differs and is not listed, are findings.
"""

import datetime
import json
import subprocess
import sys

import chinese_calendar
import holidays

FIRST, LAST = datetime.date(2015, 1, 1), datetime.date(2035, 12, 31)
CHINA_LAST = datetime.date(2026, 12, 31)
DAYS = [FIRST + datetime.timedelta(day) for day in range((LAST - FIRST).days + 1)]


def main(probe, known_path):
    output = subprocess.run(
        [probe, "holidays", str(FIRST), str(LAST)], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    off, work = {}, set()
    for line in output.splitlines():
        code, day, kind = line.split()
        if kind == "off":
            off.setdefault(code, set()).add(datetime.date.fromisoformat(day))
        else:
            assert code == "CN", line
            work.add(datetime.date.fromisoformat(day))
    with open(known_path, encoding="utf-8") as file:
        entries = json.load(file)["holidays"]
    findings, used, compared, differing = [], set(), 0, 0

    def compare(code, library, day, ours, theirs):
        nonlocal compared, differing
        compared += 1
        listed = [
            number
            for number, entry in enumerate(entries)
            if code in entry["regions"] and entry["library"] == library and str(day) in entry["days"]
        ]
        used.update((number, code, str(day)) for number in listed)
        if ours != theirs:
            differing += 1
            if not listed:
                findings.append(f"{code} {day}: {ours}, {library} says {theirs}")
        elif listed:
            findings.append(f"{code} {day} is listed as differing from {library}, and does not: {ours}")

    china = holidays.country_holidays("CN", years=range(2014, 2028))
    for day in DAYS:
        if day > CHINA_LAST:
            break
        is_workday = day in work or (day.weekday() < 5 and day not in off["CN"])
        for library, theirs in (
            ("chinese_calendar", chinese_calendar.is_workday(day)),
            ("holidays", china.is_working_day(day)),
        ):
            compare("CN", library, day, "work" if is_workday else "off", "work" if theirs else "off")
    years = range(FIRST.year - 1, LAST.year + 2)
    for code in sorted(off):
        if code == "CN":
            continue
        country, _, part = code.partition("-")
        # The region GB itself is England and Wales.
        part = part or ("ENG" if code == "GB" else None)
        names = holidays.country_holidays(country, subdiv=part, years=years)
        for day in DAYS:
            ours = "off" if day in off[code] else "ordinary"
            compare(code, "holidays", day, ours, "off" if day in names else "ordinary")
    for number, entry in enumerate(entries):
        for code in entry["regions"]:
            for day in entry["days"]:
                if (number, code, day) not in used:
                    findings.append(f"{code} {day} is listed, and was not compared")
    for finding in findings[:40]:
        print(finding)
    print(
        f"{len(off)} regions, {compared} days of holidays compared, {differing} differ and are listed, "
        f"{len(findings)} findings"
    )
    sys.exit(1 if findings else 0)


main(sys.argv[1], sys.argv[2])
