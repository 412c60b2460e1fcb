import CareValues

extension IntakeMapping {
    /// The largest mapping that is read, in bytes.
    public static let maximumBytes = 1 << 20

    /// Reads a mapping file.
    ///
    /// - Parameters:
    ///   - file: its name, for messages.
    ///   - kind: what the mapped file holds; decides whether `attributes` or `properties` may be named.
    /// - Returns: the mapping, nil if there is any error; and all findings.
    public static func read(
        file: String, bytes: [UInt8], kind: IntakeKind
    ) -> (mapping: IntakeMapping?, diagnostics: [Diagnostic]) {
        let (document, diagnostics) = JSONDocument.read(file: file, bytes: bytes)
        guard let document else { return (nil, diagnostics) }
        var reader = MappingReader(document: document, kind: kind, diagnostics: diagnostics)
        let mapping = reader.read()
        return (reader.diagnostics.hasErrors ? nil : mapping, reader.diagnostics.sorted())
    }
}

/// Walks the members of a mapping and collects what is wrong with them.
struct MappingReader {
    let document: JSONDocument
    let kind: IntakeKind
    var diagnostics: [Diagnostic]

    private static let sourceKeys = ["column", "constant", "type", "format", "decimal", "separator", "values"]
    private static let types = ["string", "number", "boolean", "date", "instant", "list", "birthday"]

    private var keys: [String] {
        let common = ["$schema", "description", "format", "delimiter", "header", "columns", "zone", "customer", "time"]
        return common + (kind == .customers ? ["attributes"] : ["type", "id", "source", "properties"])
    }

    mutating func read() -> IntakeMapping {
        var mapping = IntakeMapping()
        guard document.root.kind == .object else {
            report(document.root, "map.wrong-type", "a mapping is one JSON object", nil)
            return mapping
        }
        for (key, value) in document.root.members {
            switch key.string ?? "" {
            case let name where !keys.contains(name): unknown(key, name)
            case "zone": mapping.zone = text(value, "zone")
            case "customer": mapping.customer = source(value, isTime: false)
            case "type": mapping.type = source(value, isTime: false)
            case "time": mapping.time = source(value, isTime: true)
            case "id": mapping.id = source(value, isTime: false)
            case "source": mapping.source = source(value, isTime: false)
            case "attributes", "properties": mapping.members = members(value)
            default: break
            }
        }
        mapping.shape = shape()
        return mapping
    }

    // MARK: The file's layout

    private mutating func shape() -> FileShape? {
        let root = document.root
        let format = root["format"].flatMap { text($0, "format") }
        let isDelimited = root["delimiter"] != nil || root["header"] != nil || root["columns"] != nil
        switch format {
        case "jsonl"?:
            if isDelimited, let node = root.key("format") {
                report(node, "map.wrong-value", "jsonl has no delimiter, header or columns", nil)
            }
            return .jsonLines
        case "csv"?, nil: break
        case let other?:
            if let node = root["format"] {
                report(node, "map.wrong-value", "no format '\(other)'", "csv or jsonl")
            }
            return nil
        }
        guard isDelimited || format == "csv" else { return nil }
        var delimiter = Delimiter.byte(UInt8(ascii: ","))
        if let node = root["delimiter"] { delimiter = self.delimiter(node) ?? delimiter }
        var columns: [String]?
        if let node = root["columns"] { columns = self.columns(node) }
        var hasHeader = true
        if let node = root["header"] {
            if let bool = node.bool {
                hasHeader = bool
            } else {
                report(node, "map.wrong-type", "header is true or false", nil)
            }
        }
        return .delimited(delimiter, hasHeader: hasHeader, columns: columns)
    }

    private mutating func delimiter(_ node: JSONNode) -> Delimiter? {
        switch node.string {
        case "blanks"?: return .blanks
        case "tab"?: return .byte(0x09)
        case let text?:
            if text.utf8.count == 1, let byte = text.utf8.first, byte != 0x22, byte != 0x0A, byte != 0x0D, byte < 0x80 {
                return .byte(byte)
            }
        case nil: break
        }
        report(node, "map.wrong-value", "delimiter is one ASCII character, \"tab\" or \"blanks\"", nil)
        return nil
    }

    private mutating func columns(_ node: JSONNode) -> [String]? {
        var names: [String] = []
        for element in node.elements {
            guard let name = element.string, !name.isEmpty, !names.contains(name) else {
                report(element, "map.wrong-value", "columns are different names, one for each column", nil)
                return nil
            }
            names.append(name)
        }
        if names.isEmpty { report(node, "map.wrong-type", "columns is a list of names, one for each column", nil) }
        return names.isEmpty ? nil : names
    }

    // MARK: Where values come from

    private mutating func members(_ node: JSONNode) -> [NamedSource] {
        guard node.kind == .object else {
            report(node, "map.wrong-type", "this is an object: name to column", nil)
            return []
        }
        var members: [NamedSource] = []
        for (key, value) in node.members {
            if let source = source(value, isTime: false) {
                members.append(NamedSource(name: key.string ?? "", source: source))
            }
        }
        return members
    }

    private mutating func source(_ node: JSONNode, isTime: Bool) -> FieldSource? {
        guard node.kind == .object else {
            guard let column = column(node) else {
                report(node, "map.wrong-type", "a column's name, its position from 1, or an object", nil)
                return nil
            }
            return FieldSource(column)
        }
        for (key, _) in node.members {
            let name = key.string ?? ""
            if !Self.sourceKeys.contains(name) {
                report(
                    key, "map.unknown-key", "unknown key '\(name)'",
                    nearest(name, in: Self.sourceKeys).map { "did you mean '\($0)'?" })
            }
        }
        if let constant = node["constant"] {
            if isTime || node["column"] != nil {
                report(constant, "map.wrong-value", "a constant stands alone, and time has none", nil)
                return nil
            }
            return FieldSource(.constant(constant.value))
        }
        guard let columnNode = node["column"], let column = column(columnNode) else {
            report(node, "map.missing-key", "no column: a name, or a position from 1", nil)
            return nil
        }
        var values: [String: JSONValue]?
        if let table = node["values"] {
            values = [:]
            for (key, value) in table.members { values?[key.string ?? ""] = value.value }
            if table.kind != .object {
                report(table, "map.wrong-type", "values is an object: what the file says to what it means", nil)
            }
        }
        return FieldSource(column, type: type(of: node, isTime: isTime), values: values)
    }

    private func column(_ node: JSONNode) -> FieldSource.Column? {
        if let name = node.string, !name.isEmpty { return .name(name) }
        if let number = node.number, number >= 1, number <= 10_000, number == number.rounded() {
            return .position(Int(number))
        }
        return nil
    }

    private mutating func type(of node: JSONNode, isTime: Bool) -> FieldType? {
        var format = TimeFormat.iso8601
        if let formatNode = node["format"] {
            if let read = formatNode.string.flatMap(TimeFormat.init(text:)) {
                format = read
            } else {
                report(
                    formatNode, "map.wrong-value", "this is no format of dates",
                    "iso8601, unix, unix-ms, or a pattern of yyyy MM dd HH mm ss SSS")
            }
        }
        if isTime { return .instant(format) }
        guard let typeNode = node["type"] else {
            if let formatNode = node["format"] {
                report(formatNode, "map.missing-key", "a format needs a type", "\"type\": \"date\" or \"instant\"")
            }
            return nil
        }
        switch typeNode.string {
        case "string"?: return .text
        case "number"?:
            switch node["decimal"].map({ $0.string ?? "" }) {
            case nil, "."?: return .number(decimalComma: false)
            case ","?: return .number(decimalComma: true)
            default:
                report(typeNode, "map.wrong-value", "decimal is \".\" or \",\"", nil)
                return nil
            }
        case "boolean"?: return .boolean
        case "date"?: return .date(format)
        case "instant"?: return .instant(format)
        case "birthday"?: return node["format"] == nil ? .birthday : .date(format)
        case "list"?:
            guard let separator = node["separator"]?.string, separator.unicodeScalars.count == 1 else {
                report(typeNode, "map.missing-key", "a list needs a separator of one character", "\"separator\": \";\"")
                return nil
            }
            return .list(separator: separator)
        case let other:
            report(
                typeNode, "map.wrong-value", "no type '\(other ?? typeNode.text)'",
                other.flatMap { nearest($0, in: Self.types) }.map { "did you mean '\($0)'?" }
                    ?? Self.types.joined(separator: ", "))
            return nil
        }
    }

    // MARK: Findings

    private mutating func text(_ node: JSONNode, _ key: String) -> String? {
        guard let text = node.string, !text.isEmpty else {
            report(node, "map.wrong-type", "\(key) is text that is not empty", nil)
            return nil
        }
        return text
    }

    private mutating func unknown(_ key: JSONNode, _ name: String) {
        let other = kind == .customers ? ["type", "id", "source", "properties"] : ["attributes"]
        let help =
            other.contains(name)
            ? "a mapping of \(kind.rawValue) has none" : nearest(name, in: keys).map { "did you mean '\($0)'?" }
        report(key, "map.unknown-key", "unknown key '\(name)'", help)
    }

    private mutating func report(_ node: JSONNode, _ code: String, _ message: String, _ help: String?) {
        diagnostics.append(document.diagnostic(at: node, code: code, message: message, help: help))
    }
}
