/// The changes of a zone's offset as two sorted arrays, one searched by instant, one by wall time.
///
/// A rule for the future is written out for 400 years, after which the Gregorian calendar, weekdays included, repeats
/// to the second: a later instant is looked up a whole number of such periods earlier. So a lookup is one search in an
/// array, whatever the year, and allocates nothing.
struct ZoneTable: Sendable {
    /// Seconds in 400 Gregorian years of 146,097 days, a whole number of weeks.
    static let period: Int64 = 146_097 * 86_400

    /// The instants at which the offset changes, strictly ascending, seconds since the Unix epoch.
    let instants: [Int64]
    /// The latest wall time, in wall seconds since 1970-01-01T00:00, shown before `instants[i]`; ascending.
    ///
    /// The largest of all before it: a zone that turned back twice within hours would otherwise not be sorted.
    let wallEnds: [Int64]
    /// `offsets[i]` holds before `instants[i]`, the last one after all of them; seconds east of UTC.
    let offsets: [Int32]
    /// Instants from here on are looked up whole periods earlier; `Int64.max` when nothing repeats.
    let repeatsFrom: Int64

    init(transitions: [Int64], offsets given: [Int32], rule: ZoneRule?) {
        precondition(given.count == transitions.count + 1, "one offset more than transitions")
        precondition(zip(transitions, transitions.dropFirst()).allSatisfy(<), "transitions ascend")
        precondition(transitions.allSatisfy { $0.magnitude <= 1 << 59 }, "transitions within 2^59 seconds")
        precondition(given.allSatisfy { $0.magnitude <= 26 * 3600 }, "offsets within 26 hours")

        var changes = ZoneChanges(first: given[0])
        for (index, instant) in transitions.enumerated() {
            changes.append(instant, offset: given[index + 1])
        }
        var repeatsFrom = Int64.max
        if let rule {
            // Without transitions the rule holds for all time: from the start of the year -1, before every timestamp.
            let from = transitions.last ?? -62_198_755_200
            let firstYear = CivilDate.year(ofDay: floorDivide(from, 86_400))
            if transitions.isEmpty { changes = ZoneChanges(first: rule.offset(beforeYear: firstYear)) }
            for change in rule.changes(fromYear: firstYear, through: firstYear + 402) where change.instant > from {
                changes.append(change.instant, offset: change.offset)
            }
            // One year of margin, so that the first period starts in the regular part.
            if rule.daylight != nil { repeatsFrom = from + 366 * 86_400 + ZoneTable.period }
        }
        self.instants = changes.instants
        self.offsets = changes.offsets
        self.repeatsFrom = repeatsFrom
        var ends: [Int64] = []
        ends.reserveCapacity(instants.count)
        for (index, instant) in instants.enumerated() {
            let end = instant + Int64(offsets[index])
            ends.append(max(end, ends.last ?? end))
        }
        self.wallEnds = ends
    }

    /// The offset in force at `seconds` since the Unix epoch.
    func offset(atSeconds seconds: Int64) -> Int32 {
        let folded = seconds < repeatsFrom ? seconds : fold(seconds)
        return offsets[ZoneTable.countUpTo(folded, in: instants)]
    }

    /// By how many milliseconds two offsets between these instants, in milliseconds, differ at most.
    func largestShift(from start: Int64, through end: Int64) -> Int64 {
        let (first, last) = (floorDivide(start, 1000), floorDivide(end, 1000))
        guard last < repeatsFrom else { return 52 * 3_600_000 }
        let low = ZoneTable.countUpTo(first, in: instants)
        let high = max(low, ZoneTable.countUpTo(last, in: instants))
        let inForce = offsets[low...high]
        guard let least = inForce.min(), let greatest = inForce.max() else { return 0 }
        return Int64(greatest - least) * 1000
    }

    /// The offset in force at `seconds` since the Unix epoch, and the seconds between which it is; later than the
    /// written-out years only that one.
    func span(atSeconds seconds: Int64) -> (offset: Int32, from: Int64, until: Int64) {
        guard seconds < repeatsFrom else { return (offset(atSeconds: seconds), seconds, seconds + 1) }
        let index = ZoneTable.countUpTo(seconds, in: instants)
        return (
            offsets[index], index > 0 ? instants[index - 1] : .min,
            min(index < instants.count ? instants[index] : .max, repeatsFrom)
        )
    }

    /// The first instant, in milliseconds, at which the wall clock shows `wall` milliseconds or later.
    ///
    /// That is the wall time's own instant, the first of two, or the end of the gap that swallows it.
    func instant(ofWallMilliseconds wall: Int64) -> Int64 {
        var seconds = floorDivide(wall, 1000)
        var shift: Int64 = 0
        // A wall time is at most 26 hours from its instant; the margin of a year in `repeatsFrom` covers that.
        if seconds >= repeatsFrom {
            let folded = fold(seconds)
            shift = seconds - folded
            seconds = folded
        }
        let index = ZoneTable.countUpTo(seconds, in: wallEnds)
        let direct = wall - (shift + Int64(offsets[index])) * 1000
        guard index > 0 else { return direct + shift * 1000 }
        return max(direct, instants[index - 1] * 1000) + shift * 1000
    }

    /// The same second of the 400-year cycle, in the last period that is written out.
    private func fold(_ seconds: Int64) -> Int64 {
        let start = repeatsFrom - ZoneTable.period
        return start + (seconds - start) % ZoneTable.period
    }

    /// How many elements of the ascending `values` are at most `bound`.
    private static func countUpTo(_ bound: Int64, in values: [Int64]) -> Int {
        values.withUnsafeBufferPointer { values in
            // Without a branch on the data the processor does not guess wrong half of the time.
            var base = 0
            var length = values.count
            while length > 1 {
                let half = length / 2
                base = values[base + half - 1] <= bound ? base + half : base
                length -= half
            }
            return length == 1 && values[base] <= bound ? base + 1 : base
        }
    }
}

/// Collects changes of an offset, in order, and leaves out those that change nothing.
private struct ZoneChanges {
    var instants: [Int64] = []
    var offsets: [Int32]

    init(first: Int32) {
        offsets = [first]
    }

    mutating func append(_ instant: Int64, offset: Int32) {
        if instants.last == instant {
            instants.removeLast()
            offsets.removeLast()
        }
        guard offsets.last != offset else { return }
        instants.append(instant)
        offsets.append(offset)
    }
}

/// `number / divisor`, rounded down; `divisor` is positive.
@inline(__always)
func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
    let quotient = number / divisor
    return number % divisor < 0 ? quotient - 1 : quotient
}
