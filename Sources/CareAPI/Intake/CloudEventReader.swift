import CareValues
import Foundation

/// CloudEvents 1.0: the customer is the extension `customer`, else the `subject`; `data` is the properties.
///
/// Source: CloudEvents specification 1.0.2, its JSON format and its HTTP binding.
struct CloudEventReader {
    let facts: FactReader

    /// The event of a JSON object, in structured mode or out of a batch.
    func read(_ node: JSONNode) -> Result<IntakeItem, ItemRefusal> {
        Result { () throws(ItemRefusal) in try structured(node) }
    }

    /// The event of a request in binary mode.
    ///
    /// - Parameter attributes: the `ce-` headers without that beginning, as they came.
    func read(
        _ attributes: [(name: String, value: String)], contentType: String?, body: [UInt8]
    ) -> Result<
        IntakeItem, ItemRefusal
    > {
        Result { () throws(ItemRefusal) in try binary(attributes, contentType, body) }
    }

    private func structured(_ node: JSONNode) throws(ItemRefusal) -> IntakeItem {
        guard node.kind == .object else { throw ItemRefusal("bad-event", "a CloudEvent is a JSON object") }
        var attributes: [String: String] = [:]
        var data: JSONValue?
        var packed: String?
        for (key, value) in node.members {
            switch key.string ?? "" {
            case "data": data = value.value
            case let name where value.isNull:
                // The last of equal names counts, and null is none.
                if name == "data_base64" { packed = nil } else { attributes[name] = nil }
            case "data_base64":
                guard let text = value.string else { throw ItemRefusal("bad-data", "data_base64 is text") }
                packed = text
            case let name:
                attributes[name] = value.string ?? value.text
            }
        }
        if let packed {
            guard data == nil, let bytes = Data(base64Encoded: packed) else {
                throw ItemRefusal("bad-data", "data_base64 is no base64, or stands beside data")
            }
            data = try json(Array(bytes), attributes["datacontenttype"], isKnownJSON: false)
        }
        return try item(attributes, data)
    }

    private func binary(
        _ headers: [(name: String, value: String)], _ contentType: String?, _ body: [UInt8]
    ) throws(ItemRefusal) -> IntakeItem {
        var attributes: [String: String] = [:]
        for (name, value) in headers {
            guard let text = Self.decoded(value) else {
                throw ItemRefusal("bad-header", "ce-\(name) is not in percent-encoding")
            }
            attributes[name] = text
        }
        let data = body.isEmpty ? nil : try json(body, contentType, isKnownJSON: contentType == nil)
        return try item(attributes, data)
    }

    /// A header's value: out of its quotes, one round of percent-decoding.
    private static func decoded(_ value: String) -> String? {
        var text = Substring(value)
        if text.count >= 2, text.first == "\"", text.last == "\"" {
            text = text.dropFirst().dropLast()
            return PercentDecoding.text(text.replacing("\\\"", with: "\"").replacing("\\\\", with: "\\"))
        }
        return PercentDecoding.text(text)
    }

    private func json(_ bytes: [UInt8], _ type: String?, isKnownJSON: Bool) throws(ItemRefusal) -> JSONValue {
        guard isKnownJSON || MediaType(type ?? "").isJSON else {
            throw ItemRefusal("unsupported-data", "the data is not JSON")
        }
        guard let document = JSONDocument.read(file: "data", bytes: bytes, limits: .data).document else {
            throw ItemRefusal("bad-data", "the data is no JSON")
        }
        return document.root.value
    }

    private func item(_ attributes: [String: String], _ data: JSONValue?) throws(ItemRefusal) -> IntakeItem {
        guard attributes["specversion"] == "1.0" else {
            throw ItemRefusal("bad-specversion", "specversion is 1.0")
        }
        guard let id = attributes["id"], let source = attributes["source"], let type = attributes["type"] else {
            throw ItemRefusal("bad-event", "a CloudEvent has id, source and type")
        }
        guard let customer = attributes["customer"] ?? attributes["subject"] else {
            throw ItemRefusal("bad-customer", "whom it is about stands in subject, or in the extension customer")
        }
        var time: Timestamp?
        if let text = attributes["time"] {
            guard let instant = Timestamp(iso8601: text) else {
                throw ItemRefusal("bad-time", "time is an instant like 2026-03-01T09:00:00Z")
            }
            time = instant
        }
        let properties: JSONObject
        switch data {
        case nil, .null?: properties = [:]
        case .object(let object)?: properties = object
        case let value?: properties = ["data": value]
        }
        return try facts.event(
            customer: customer, type: type, source: source, id: id, time: time, properties: properties)
    }
}

/// A media type as headers have it.
struct MediaType: Hashable {
    /// Type and subtype, lowercase: `application/json`.
    var name: String

    init(_ text: String) {
        name = text.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }

    /// Whether it is JSON, or built on it.
    var isJSON: Bool { name.hasSuffix("/json") || name.hasSuffix("+json") }
}
