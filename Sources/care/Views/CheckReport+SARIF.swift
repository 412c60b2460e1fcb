import CareRules
import CareValues

/// Findings for tools that read SARIF 2.1.0: code hosts, editors.
extension CheckReport {
    /// One run with all findings; a finding about a whole file has no region.
    var sarif: JSONValue {
        let codes = Set(diagnostics.map(\.code)).sorted()
        let rules = codes.map { code -> JSONValue in
            .object([
                "id": .string(code),
                "shortDescription": .object(["text": .string(FindingCode.meaning(of: code) ?? code)]),
            ])
        }
        let results = diagnostics.map { result($0, ruleIndex: codes.firstIndex(of: $0.code) ?? 0) }
        let driver = JSONValue.object([
            "name": .string("care"), "semanticVersion": .string(Version.number), "rules": .array(rules),
        ])
        return .object(
            JSONObject(uniqueMembers: [
                ("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")), ("version", .string("2.1.0")),
                (
                    "runs",
                    .array([
                        .object(
                            JSONObject(uniqueMembers: [
                                ("tool", .object(["driver": driver])), ("columnKind", .string("unicodeCodePoints")),
                                ("results", .array(results)),
                            ]))
                    ])
                ),
            ]))
    }

    private func result(_ finding: Diagnostic, ruleIndex: Int) -> JSONValue {
        var place: [(name: String, value: JSONValue)] = [
            ("artifactLocation", .object(["uri": .string(Self.uri(finding.file))]))
        ]
        if finding.line > 0 {
            let column = finding.column
            place.append(
                (
                    "region",
                    .object(
                        JSONObject(uniqueMembers: [
                            ("startLine", .number(Double(finding.line))), ("startColumn", .number(Double(column))),
                            ("endColumn", .number(Double(column + finding.length))),
                        ]))
                ))
        }
        let text = finding.message + (finding.help.map { "; \($0)" } ?? "")
        return .object(
            JSONObject(uniqueMembers: [
                ("ruleId", .string(finding.code)), ("ruleIndex", .number(Double(ruleIndex))),
                ("level", .string(finding.severity.rawValue)), ("message", .object(["text": .string(text)])),
                ("locations", .array([.object(["physicalLocation": .object(JSONObject(uniqueMembers: place))])])),
                ("properties", .object(["path": .string(finding.path)])),
            ]))
    }

    /// A file's name as a URI reference (RFC 3986): what is not plain is percent-encoded.
    private static func uri(_ file: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
        let hex = Array("0123456789ABCDEF")
        var text = file.hasPrefix("/") ? "file://" : ""
        for byte in file.utf8 {
            if plain.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + String(hex[Int(byte >> 4)]) + String(hex[Int(byte & 15)])
            }
        }
        return text
    }
}
