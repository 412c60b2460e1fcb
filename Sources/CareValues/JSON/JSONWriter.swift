/// JSON for people and programs that look at it: members in the order in which they were put in.
///
/// Strings and numbers are written as ``CanonicalJSON`` writes them, so that reading back gives an equal value.
public enum JSONWriter {
    /// One line without spaces: `{"file":"a.json","line":3}`.
    public static func text(_ value: JSONValue) -> String {
        var output: [UInt8] = []
        write(value, indent: nil, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// A line for every member and element, indented by two spaces a level; empty ones stay `[]` and `{}`. No line end
    /// at the last.
    public static func indentedText(_ value: JSONValue) -> String {
        var output: [UInt8] = []
        write(value, indent: 0, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends `value`; `indent` is the level it stands at, nil for one line.
    private static func write(_ value: JSONValue, indent: Int?, into output: inout [UInt8]) {
        switch value {
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                breakLine(indent.map { $0 + 1 }, &output)
                write(element, indent: indent.map { $0 + 1 }, into: &output)
            }
            if !elements.isEmpty { breakLine(indent, &output) }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                breakLine(indent.map { $0 + 1 }, &output)
                CanonicalJSON.write(member.name, into: &output)
                output.append(UInt8(ascii: ":"))
                if indent != nil { output.append(UInt8(ascii: " ")) }
                write(member.value, indent: indent.map { $0 + 1 }, into: &output)
            }
            if !object.isEmpty { breakLine(indent, &output) }
            output.append(UInt8(ascii: "}"))
        default: CanonicalJSON.write(value, into: &output)
        }
    }

    private static func breakLine(_ level: Int?, _ output: inout [UInt8]) {
        guard let level else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }
}
