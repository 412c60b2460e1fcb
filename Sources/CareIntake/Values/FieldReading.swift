import CareValues

/// What is wrong with one field.
struct FieldFault: Error {
    var code: RefusalCode
    var reason: String
    var shown: String?
}

/// Turns the text of fields into values, in one zone.
struct FieldReading {
    /// The zone of local times.
    let zone: Zone
    /// Whether the last date read was one that stands for "unknown" in many systems.
    var sawSentinel = false

    init(zone: Zone) {
        self.zone = zone
    }

    /// The bytes without blanks at both ends.
    static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// The bytes as text. - Throws: they are not UTF-8.
    static func text(_ bytes: UnsafeRawBufferPointer) throws(FieldFault) -> String {
        guard let text = String(validating: bytes.bindMemory(to: UInt8.self), as: UTF8.self) else {
            throw FieldFault(code: .brokenLine, reason: "the text is not UTF-8")
        }
        return text
    }

    /// A piece of the bytes that is fit for a message.
    static func shown(_ bytes: UnsafeRawBufferPointer) -> String {
        let text = String(decoding: bytes.prefix(160), as: UTF8.self)
        let clean = text.unicodeScalars.prefix(40).map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        return String(clean) + (text.unicodeScalars.count > 40 ? "…" : "")
    }

    /// An identifier: trimmed text of 1...``IntakeLimits/identifierBytes`` bytes; nil: empty.
    static func identifier(_ bytes: UnsafeRawBufferPointer, code: RefusalCode) throws(FieldFault) -> String? {
        let trimmed = trimmed(bytes)
        if trimmed.isEmpty { return nil }
        guard trimmed.count <= IntakeLimits.identifierBytes else {
            throw FieldFault(code: code, reason: "longer than \(IntakeLimits.identifierBytes) bytes")
        }
        return try text(trimmed)
    }

    /// The instant a field names. - Throws: ``RefusalCode/badDate``.
    mutating func instant(_ bytes: UnsafeRawBufferPointer, format: TimeFormat) throws(FieldFault) -> Timestamp {
        switch try time(bytes, format: format) {
        case .instant(let instant):
            note(zone.date(at: instant))
            return instant
        case .local(let local):
            note(local.date)
            return zone.instant(of: local)
        }
    }

    /// The value of a field of `type`; nil: the field is empty.
    mutating func value(
        _ bytes: UnsafeRawBufferPointer, type: FieldType
    ) throws(FieldFault) -> JSONValue? {
        if bytes.isEmpty { return nil }
        if case .text = type { return .string(try FieldReading.text(bytes)) }
        let trimmed = FieldReading.trimmed(bytes)
        if trimmed.isEmpty { return nil }
        switch type {
        case .text:
            return .string(try FieldReading.text(bytes))
        case .number(let decimalComma):
            guard let number = readNumber(trimmed, decimalComma: decimalComma) else {
                throw FieldFault(
                    code: .badNumber, reason: "not a number", shown: FieldReading.shown(trimmed))
            }
            return .number(number)
        case .boolean:
            guard let bool = FieldReading.boolean(trimmed) else {
                throw FieldFault(
                    code: .badValue, reason: "neither true nor false", shown: FieldReading.shown(trimmed))
            }
            return .bool(bool)
        case .date(let format):
            let date: CivilDate
            switch try time(trimmed, format: format) {
            case .local(let local): date = local.date
            case .instant(let instant): date = zone.date(at: instant)
            }
            note(date)
            return .string(date.text)
        case .instant(let format):
            return .string(try instant(trimmed, format: format).iso8601)
        case .birthday:
            let text = try FieldReading.text(trimmed)
            if let date = CivilDate(text: text) { note(date) }
            return .string(text)
        case .list(let separator):
            let text = try FieldReading.text(trimmed)
            guard let first = separator.unicodeScalars.first else { return .array([.string(text)]) }
            let parts = text.unicodeScalars.split(separator: first).map { part in
                JSONValue.string(String(String.UnicodeScalarView(part)))
            }
            return .array(parts)
        }
    }

    private func time(_ bytes: UnsafeRawBufferPointer, format: TimeFormat) throws(FieldFault) -> ReadTime {
        let trimmed = FieldReading.trimmed(bytes)
        guard let time = format.read(trimmed) else {
            throw FieldFault(
                code: .badDate, reason: "no such day or time, or not of the form \(format.example)",
                shown: FieldReading.shown(trimmed))
        }
        return time
    }

    private mutating func note(_ date: CivilDate) {
        if SentinelDate.isSentinel(date) { sawSentinel = true }
    }

    private static func boolean(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        guard bytes.count <= 5 else { return nil }
        switch String(decoding: bytes.map { $0 | 0x20 }, as: UTF8.self) {
        case "true", "yes", "1": return true
        case "false", "no", "0": return false
        default: return nil
        }
    }
}
