import CareStore
import CareValues

/// The body that webhooks and queues carry: a CloudEvents 1.0 event in structured JSON.
///
/// `id` is the delivery id, `time` the decision's instant, `subject` the customer; the extension `carekey` is the
/// readable key whose hash the id is, `careaddress` the address at the destination, where the action names one.
///
/// Source: CloudEvents 1.0.2, "JSON Event Format", section 3.
package enum CloudEvent {
    /// The `source` where `care.json` names none: a URI reference that names the sender.
    static let usualSource = "/care"
    /// The content type of structured mode.
    static let contentType = "application/cloudevents+json; charset=UTF-8"

    /// The event for `order`.
    ///
    /// - Parameter source: a URI reference that names the sender.
    static func body(of order: NewDelivery, source: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(order.data.utf8.count + order.key.utf8.count * 2 + 320)
        bytes.append(contentsOf: #"{"specversion":"1.0","id":""#.utf8)
        bytes.append(contentsOf: order.id.text.utf8)
        bytes.append(UInt8(ascii: "\""))
        member("source", source, into: &bytes)
        member("type", order.type, into: &bytes)
        member("time", order.decidedAt.iso8601, into: &bytes)
        // A subject must not be empty; without one the receiver still has the key.
        if !order.customer.isEmpty { member("subject", order.customer, into: &bytes) }
        bytes.append(contentsOf: #","datacontenttype":"application/json""#.utf8)
        member("carekey", order.key, into: &bytes)
        if !order.address.isEmpty { member("careaddress", order.address, into: &bytes) }
        if !order.data.isEmpty {
            bytes.append(contentsOf: #","data":"#.utf8)
            bytes.append(contentsOf: order.data.utf8)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private static func member(_ name: StaticString, _ value: String, into bytes: inout [UInt8]) {
        bytes.append(contentsOf: #",""#.utf8)
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: "\":".utf8)
        JSONText.append(value, into: &bytes, escapingC1: true)
    }
}

/// JSON strings, written straight into bytes.
enum JSONText {
    private static let hex = Array("0123456789abcdef".utf8)

    /// Appends `text` in quotes.
    ///
    /// - Parameter escapingC1: also U+007F–U+009F, so that text whose every character counts survives those who drop
    ///   control characters, which CloudEvents forbids in attributes.
    static func append(_ text: String, into bytes: inout [UInt8], escapingC1: Bool = false) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            var index = 0
            while index < utf8.count {
                let byte = utf8[index]
                let isC1 = byte == 0xC2 && escapingC1 && index + 1 < utf8.count && utf8[index + 1] < 0xA0
                if byte >= 0x20 && byte != 0x22 && byte != 0x5C && byte != 0x7F && !isC1 {
                    index += 1
                    continue
                }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
                switch byte {
                case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
                case 0x0A: bytes.append(contentsOf: [0x5C, UInt8(ascii: "n")])
                default:
                    let code = isC1 ? utf8[index + 1] : byte
                    bytes.append(contentsOf: #"\u00"#.utf8)
                    bytes.append(hex[Int(code >> 4)])
                    bytes.append(hex[Int(code & 15)])
                }
                index += isC1 ? 2 : 1
                start = index
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
