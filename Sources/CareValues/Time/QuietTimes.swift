/// The wall times at which one customer is left alone, by the clock of one zone: what a delivery takes along, so that
/// no attempt is made in them.
public struct QuietTimes: Sendable, Hashable {
    /// The zone's IANA name.
    public var zone: String
    /// Each `[from, until)`, every day; not empty.
    public var spans: [LocalSpan]

    /// Quiet times in `zone`; nil: no span, nothing is quiet.
    public init?(zone: String, spans: [LocalSpan]) {
        guard !spans.isEmpty else { return nil }
        self.zone = zone
        self.spans = spans
    }

    /// As they are stored: `Europe/Berlin 21:00-08:00,12:00-13:30`.
    public var text: String {
        zone + " " + spans.map { $0.from.text + "-" + $0.until.text }.joined(separator: ",")
    }

    /// Reads ``text``; nil for anything else.
    public init?(text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        var spans: [LocalSpan] = []
        for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2, let from = LocalTime(text: String(ends[0])),
                let until = LocalTime(text: String(ends[1]))
            else { return nil }
            spans.append(LocalSpan(from: from, until: until))
        }
        self.init(zone: String(parts[0]), spans: spans)
    }

    /// The first instant at or after `instant` that is not quiet, on the clock of `zone`.
    ///
    /// Spans that leave no moment of the day free have no such instant: one at most a few days on is returned then, at
    /// which the question is to be asked again.
    public func free(from instant: Timestamp, zone: Zone) -> Timestamp {
        var instant = instant
        for _ in 0...(2 * spans.count) {
            let end = spans.lazy.compactMap { $0.end(around: instant, zone: zone) }.max()
            guard let end else { return instant }
            instant = end
        }
        return instant
    }
}
