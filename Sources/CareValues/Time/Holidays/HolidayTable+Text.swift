extension HolidayTable {
    /// The canonical JSON of the regions called by `codes` (nil: of all), as a holiday file that stands alone; empty
    /// when there is none of them.
    ///
    /// What an activation stores, and what its fingerprint covers: the same text gives the same days for ever.
    public func canonicalText(codes: Set<String>? = nil) -> String {
        let wanted = codes.map { codes in Set(codes.compactMap { region($0)?.code }) }
        let chosen = regions.filter { wanted?.contains($0.code) ?? true }
        guard !chosen.isEmpty else { return "" }
        let members = chosen.map { (name: $0.code, value: $0.definition.json) }
        return JSONValue.object(["regions": .object(JSONObject(uniqueMembers: members))]).canonicalText
    }

    /// The table that ``canonicalText(codes:)`` wrote; nil when it did not.
    public init?(canonicalText text: String) {
        guard !text.isEmpty else {
            self = .empty
            return
        }
        var reader = HolidayReader()
        reader.read(file: "holidays", bytes: Array(text.utf8))
        guard reader.diagnostics.isEmpty else { return nil }
        self = reader.table
    }
}

extension HolidayRegion.Definition {
    /// As a holiday file holds it.
    fileprivate var json: JSONValue {
        var object = JSONObject()
        if !also.isEmpty { object["also"] = .array(also.map(JSONValue.string)) }
        if bridge { object["bridge"] = .bool(true) }
        if since != 1 { object["since"] = .number(Double(since)) }
        object["holidays"] = .object(
            JSONObject(uniqueMembers: holidays.map { (name: $0.key, value: .array($0.value.map(\.json))) }))
        if !published.isEmpty {
            object["published"] = .object(
                JSONObject(
                    uniqueMembers: published.map {
                        (
                            name: String($0.key),
                            value: .object(["off": dates($0.value.off), "work": dates($0.value.work)])
                        )
                    }))
        }
        return .object(object)
    }
}

extension HolidaySpan {
    /// As a holiday file holds it.
    fileprivate var json: JSONValue {
        var object = JSONObject()
        if case .dates(let list) = day { object["day"] = dates(list) } else { object["day"] = .string(day.text) }
        if plus != 0 { object["plus"] = .number(Double(plus)) }
        if years != 1...9999 {
            object["years"] = .array([.number(Double(years.lowerBound)), .number(Double(years.upperBound))])
        }
        if !daysOff.isEmpty { object["off"] = .array(daysOff.map { .number(Double($0)) }) }
        if observed != .no { object["observed"] = .string(observed.rawValue) }
        return .object(object)
    }
}

private func dates(_ dates: [CivilDate]) -> JSONValue { .array(dates.map { .string($0.text) }) }
