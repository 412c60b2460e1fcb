import CareStore

extension CloudEvent {
    /// The headers of binary mode; the body is `data` alone.
    ///
    /// Source: CloudEvents 1.0.2, "HTTP Protocol Binding", sections 3.1.3.1 and 3.1.3.2.
    static func headers(of order: NewDelivery, source: String) -> [(name: String, value: String)] {
        var headers = [
            ("ce-specversion", "1.0"), ("ce-id", order.id.text), ("ce-source", headerValue(source)),
            ("ce-type", headerValue(order.type)), ("ce-time", order.decidedAt.iso8601),
            ("ce-carekey", headerValue(order.key)),
        ]
        if !order.customer.isEmpty { headers.append(("ce-subject", headerValue(order.customer))) }
        if !order.address.isEmpty { headers.append(("ce-careaddress", headerValue(order.address))) }
        return headers.map { (name: $0.0, value: $0.1) }
    }

    /// Space, quote, percent and everything outside U+0021 … U+007E as percent-encoded UTF-8.
    static func headerValue(_ text: String) -> String {
        PercentEncoding.encoded(text) { byte in
            (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "%")
        }
    }

    /// What a header of binary mode says: the percent-encoding undone, once.
    package static func text(ofHeader value: String) -> String {
        var bytes: [UInt8] = []
        var rest = value.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
