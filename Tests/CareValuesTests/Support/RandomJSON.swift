@testable import CareValues

/// Made-up JSON values and texts.
enum RandomJSON {
    static let pieces = ["a", "b", "tier", "\"", "\\", "/", "\n", "\u{1}", "é", "客户", "😀", " ", "0", "{", "]", ","]

    static func string(using random: inout SplitMix64) -> String {
        (0..<Int.random(in: 0...9, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
    }

    static func number(using random: inout SplitMix64) -> Double {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return Double(Int.random(in: -1000...1000, using: &random))
        case 1: return Double(Int.random(in: -100_000...100_000, using: &random)) / 100
        case 2: return Double(Int64.random(in: .min ... .max, using: &random))
        default:
            let number = Double(bitPattern: random.next())
            return number.isFinite ? number : 0.5
        }
    }

    static func value(depth: Int, using random: inout SplitMix64) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .number(number(using: &random))
        case 3: return .string(string(using: &random))
        case 4, 5:
            return .array(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in value(depth: depth - 1, using: &random) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                object[string(using: &random)] = value(depth: depth - 1, using: &random)
            }
            return .object(object)
        }
    }

    /// A text of `value` with other spacing and needless escapes.
    static func text(_ value: JSONValue, using random: inout SplitMix64) -> String {
        func space() -> String { ["", "", " ", "\n", "\t ", "\r\n"].randomElement(using: &random) ?? "" }
        func quoted(_ string: String) -> String {
            var text = "\""
            for unit in string.utf16 {
                let isPlain = unit >= 0x20 && unit < 0x7F && unit != 0x22 && unit != 0x5C
                if isPlain && Bool.random(using: &random) {
                    text += String(UnicodeScalar(UInt8(unit)))
                } else {
                    let hex = String(unit, radix: 16, uppercase: Bool.random(using: &random))
                    text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            }
            return text + "\""
        }
        switch value {
        case .array(let elements):
            return "[" + space() + elements.map { text($0, using: &random) + space() }.joined(separator: ",") + "]"
        case .object(let object):
            let members = object.members.map {
                quoted($0.name) + space() + ":" + space() + text($0.value, using: &random)
            }
            return "{" + space() + members.joined(separator: space() + "," + space()) + space() + "}"
        case .string(let string): return quoted(string)
        default: return value.canonicalText
        }
    }
}
