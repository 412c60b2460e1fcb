import CareValues
import Testing

@testable import CareIntake

/// Reads `text` as one file, in chunks of `chunk` bytes; one line for each record or refusal.
func read(
    _ text: String, kind: IntakeKind = .events, shape: FileShape = .delimited(.byte(44), hasHeader: true, columns: nil),
    mapping: IntakeMapping = IntakeMapping(), zone: Zone = .utc, declared: DeclaredTypes = .none, chunk: Int = .max
) throws -> [String] {
    try outcomes(
        Array(text.utf8), kind: kind, shape: shape, mapping: mapping, zone: zone, declared: declared, chunk: chunk
    ).map(described)
}

func outcomes(
    _ bytes: [UInt8], kind: IntakeKind, shape: FileShape, mapping: IntakeMapping, zone: Zone = .utc,
    declared: DeclaredTypes = .none, chunk: Int = .max
) throws -> [IntakeOutcome] {
    var reader = IntakeReader(kind: kind, shape: shape, mapping: mapping, zone: zone, declared: declared)
    var outcomes: [IntakeOutcome] = []
    var position = 0
    repeat {
        let end = chunk == .max ? bytes.count : min(position + chunk, bytes.count)
        let piece = Array(bytes[position..<end])
        try piece.withUnsafeBytes { try reader.read($0, isLast: end == bytes.count, into: &outcomes) }
        position = end
    } while position < bytes.count
    return outcomes
}

func described(_ outcome: IntakeOutcome) -> String {
    switch outcome {
    case .refusal(let refusal):
        let field = refusal.field.isEmpty ? "" : " \(refusal.field)"
        let shown = refusal.shown.map { " \"\($0)\"" } ?? ""
        return "\(refusal.extent.line): \(refusal.code.rawValue)\(field)\(shown): \(refusal.reason)"
    case .record(let record):
        let flag = record.sentinelField.map { " sentinel \($0)" } ?? ""
        switch record.content {
        case .event(let type, let id, let source, let time, let properties):
            let named = (id.map { " id \($0)" } ?? "") + (source.map { " source \($0)" } ?? "")
            return "\(record.extent.line): \(record.customer) \(type) \(time.iso8601)\(named) "
                + JSONValue.object(properties).canonicalText + flag
        case .attributes(let values, let time):
            return "\(record.extent.line): \(record.customer)\(time.map { " \($0.iso8601)" } ?? "") "
                + JSONValue.object(values).canonicalText + flag
        }
    }
}
