#!/usr/bin/env python3
"""Every zone of the system's database over 2020-2035, by calendar-probe and by Python's zoneinfo.

    zones.py PROBE

For each zone: the offset one second before, at and one second after each change, and every ten days and some hours; and the
instant of the wall times around each change and its gap or overlap, and of those at the regular samples. What is
expected is computed here from zoneinfo's offsets alone: a wall time that exists twice is the first, one that does not
exist is the end of the gap.
"""

import array
import datetime
import os
import subprocess
import sys
import zoneinfo

FIRST = int(datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
LAST = int(datetime.datetime(2036, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
DAY = 86400
# Not a whole number of days, so that the samples wander through the day.
SAMPLE = 10 * DAY + 4 * 3600 + 1717
EPOCH = datetime.datetime(1970, 1, 1)


def offset_at(zone, seconds):
    """Seconds east of UTC at an instant."""
    return round(datetime.datetime.fromtimestamp(seconds, zone).utcoffset().total_seconds())


def wall_offset(zone, wall, fold):
    """The offset that PEP 495 reads a wall time with."""
    local = (EPOCH + datetime.timedelta(seconds=wall)).replace(tzinfo=zone, fold=fold)
    return round(local.utcoffset().total_seconds())


def change(zone, low, high):
    """The first second in (low, high] with another offset than at low; the two differ."""
    before = offset_at(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def changes(zone):
    """(instant, offset before, offset after) of each change."""
    found = []
    previous = offset_at(zone, FIRST)
    # Six hours apart: no zone changes there and back in less.
    for seconds in range(FIRST + DAY // 4, LAST + 1, DAY // 4):
        offset = offset_at(zone, seconds)
        if offset != previous:
            found.append((change(zone, seconds - DAY // 4, seconds), previous, offset))
        previous = offset
    return found


def instant_of(zone, wall):
    """The instant of a wall time, and its kind."""
    first, second = wall_offset(zone, wall, 0), wall_offset(zone, wall, 1)
    if first >= second:
        return wall - first, "unique" if first == second else "overlap"
    # Read with the offset after the change it lies before it, read with the one before it, after it.
    return change(zone, wall - second, wall - first), "gap"


def main(probe):
    directory = os.environ.get("TZDIR") or "/usr/share/zoneinfo"
    zoneinfo.reset_tzpath([directory])
    names = sorted(zoneinfo.available_timezones())
    questions = bytearray()
    expected = array.array("q")
    about = []
    counts = {"changes": 0, "unique": 0, "overlap": 0, "gap": 0}
    for name in names:
        zone = zoneinfo.ZoneInfo(name)
        found = changes(zone)
        counts["changes"] += len(found)
        samples = list(range(FIRST, LAST, SAMPLE))
        instants = samples + [at + step for at, _, _ in found for step in (-1, 0, 1)]
        offsets = [offset_at(zone, at) for at in instants]
        walls = [at + offset for at, offset in zip(samples, offsets)]
        for at, before, after in found:
            for edge in (at + before, at + after):
                walls += [edge - 1, edge, edge + 1]
            walls.append(at + (before + after) // 2)
        encoded = name.encode()
        questions += array.array("q", [len(encoded)]).tobytes() + encoded
        questions += array.array("q", [len(instants)] + instants + [len(walls)] + walls).tobytes()
        expected.extend(offsets)
        about += [(name, "offset at", at) for at in instants]
        for wall in walls:
            instant, kind = instant_of(zone, wall)
            counts[kind] += 1
            expected.append(instant)
            about.append((name, f"instant of the {kind} wall time", wall))
    assert sys.byteorder == "little" and array.array("q").itemsize == 8
    environment = dict(os.environ, TZDIR=directory)
    answer = subprocess.run([probe, "zones"], input=bytes(questions), stdout=subprocess.PIPE, env=environment, check=True)
    answers = array.array("q")
    answers.frombytes(answer.stdout)
    assert len(answers) == len(expected), (len(answers), len(expected))
    wrong = 0
    for got, wanted, (name, what, seconds) in zip(answers, expected, about):
        if got != wanted:
            wrong += 1
            if wrong <= 20:
                print(f"{name}: {what} {EPOCH + datetime.timedelta(seconds=seconds)}: {got}, zoneinfo says {wanted}")
    offsets = len(expected) - counts["unique"] - counts["overlap"] - counts["gap"]
    print(
        f"{len(names)} zones, {counts['changes']} changes of 2020-2035: {offsets} offsets and "
        f"{len(expected) - offsets} wall times ({counts['gap']} in gaps, {counts['overlap']} twofold), {wrong} differ"
    )
    # A database without changes would prove nothing.
    sys.exit(1 if wrong or counts["gap"] < 1000 or counts["overlap"] < 1000 else 0)


main(sys.argv[1])
