import CareValues

extension FactCache {
    /// The date that a trigger watches, straight from stored bytes: the value of one attribute, or of a trait that is the
    /// moment of an event.
    ///
    /// - Parameter bytes: what ``encode(into:schema:)`` wrote for `schema`.
    /// - Returns: the value, missing where there is none; nil: it is no date, or cannot be told without making the cache.
    public static func storedDate(
        of source: BatchColumn.Source, in bytes: UnsafeRawBufferPointer, schema: Schema
    ) -> LogicValue? {
        let place: Int
        var missing = LogicValue.missing
        switch source {
        case .attribute(let index):
            place = index
            missing = schema.attributes[index].defaultValue ?? .missing
        case .trait(let index):
            guard case .moment(let moment)? = schema.plan.slots[index] else { return nil }
            place = schema.attributes.count + moment
        }
        // A trait over its limit is no value.
        guard var scanner = CacheScanner(bytes), scanner.fixed64() == schema.layoutHash, scanner.byte() == 0 else {
            return nil
        }
        if scanner.byte() == 1 { scanner.skipVarint() }
        for _ in 0..<place {
            if case .absent = scanner.value() { continue }
            scanner.skipVarint()
            scanner.skipVarint()
        }
        let value = scanner.value()
        guard !scanner.isDamaged else { return nil }
        switch value {
        case .absent, .missing: return missing
        case .instant(let instant): return .instant(instant)
        case .date(let date): return .date(date)
        case .birthday(let text): return Birthday(text: String(decoding: text, as: UTF8.self)).map(LogicValue.birthday)
        case .flag, .number, .text, .word, .json: return nil
        }
    }
}
