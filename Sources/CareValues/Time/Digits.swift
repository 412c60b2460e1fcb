/// The texts of dates and times are made often, for keys of occurrences: byte by byte, not joined from parts.
enum Digits {
    /// Writes `number`, not negative, as `width` decimal digits from `index` on; digits that have no room are left out.
    static func put(
        _ number: Int, _ width: Int, into bytes: UnsafeMutableBufferPointer<UInt8>, at index: Int
    ) {
        var number = number
        for place in stride(from: index + width - 1, through: index, by: -1) {
            bytes.initializeElement(at: place, to: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
            number /= 10
        }
    }

    /// Writes `YYYY-MM-DD`, 10 bytes, of a year of four digits.
    static func put(
        year: Int, month: Int, day: Int, into bytes: UnsafeMutableBufferPointer<UInt8>, at index: Int = 0
    ) {
        put(year, 4, into: bytes, at: index)
        bytes.initializeElement(at: index + 4, to: UInt8(ascii: "-"))
        put(month, 2, into: bytes, at: index + 5)
        bytes.initializeElement(at: index + 7, to: UInt8(ascii: "-"))
        put(day, 2, into: bytes, at: index + 8)
    }

    /// Writes `HH:MM`, or `HH:MM:SS` when the seconds are not zero.
    ///
    /// - Returns: how many bytes.
    static func put(
        _ time: LocalTime, into bytes: UnsafeMutableBufferPointer<UInt8>, at index: Int = 0
    ) -> Int {
        let seconds = Int(time.millisecondsOfDay) / 1000
        put(seconds / 3600, 2, into: bytes, at: index)
        bytes.initializeElement(at: index + 2, to: UInt8(ascii: ":"))
        put(seconds / 60 % 60, 2, into: bytes, at: index + 3)
        guard seconds % 60 != 0 else { return 5 }
        bytes.initializeElement(at: index + 5, to: UInt8(ascii: ":"))
        put(seconds % 60, 2, into: bytes, at: index + 6)
        return 8
    }
}
