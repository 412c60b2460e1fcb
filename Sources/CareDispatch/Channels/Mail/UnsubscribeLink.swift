import CareStore
import CareTransport
import CareValues
import Crypto

/// The address that one click unsubscribes at: text with places, filled anew for each delivery.
///
/// `https://shop.example/unsubscribe?c={{customer.id}}&t={{token}}`: whoever answers there computes the token again and
/// knows that the link came from here.
struct UnsubscribeLink: Sendable {
    /// A longer one does not fit on a line of a header.
    static let longest = 900
    /// What can be filled in.
    static let names = ["customer.id", "campaign", "type", "address", "id", "token"]

    /// A piece of it.
    enum Piece: Sendable, Hashable {
        case literal(String)
        case place(String)
    }

    /// Why a text is none.
    enum Problem: Error, Hashable {
        case notHTTPS
        case malformed
        case unclosed
        case unknownName(String)
        case placeInHost
    }

    let pieces: [Piece]

    /// Reads a text with places.
    init(_ text: String) throws(Problem) {
        guard text.hasPrefix("https://") else { throw .notHTTPS }
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            pieces.append(.literal(String(rest[..<open.lowerBound])))
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else { throw .unclosed }
            var name = rest[open.upperBound..<close.lowerBound]
            while name.first == " " { name = name.dropFirst() }
            while name.last == " " { name = name.dropLast() }
            guard Self.names.contains(String(name)) else { throw .unknownName(String(name)) }
            pieces.append(.place(String(name)))
            rest = rest[close.upperBound...]
        }
        pieces.append(.literal(String(rest)))
        guard case .literal(let first)? = pieces.first, pieces.count == 1 || first.dropFirst(8).contains("/") else {
            throw .placeInHost
        }
        // What is filled in is percent-encoded: a letter stands for it.
        let sample = pieces.map { if case .literal(let text) = $0 { text } else { "x" } }.joined()
        guard (try? TargetURL(sample)) != nil, sample.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3E })
        else {
            throw .malformed
        }
        self.pieces = pieces
    }

    /// Whether it holds a token.
    var isSigned: Bool { pieces.contains(.place("token")) }

    /// Filled for one delivery, percent-encoded.
    func url(for order: NewDelivery, key: SymmetricKey?) -> String {
        pieces.reduce(into: "") { url, piece in
            switch piece {
            case .literal(let text): url += text
            case .place(let name): url += PercentEncoding.text(value(name, order, key))
            }
        }
    }

    private func value(_ name: String, _ order: NewDelivery, _ key: SymmetricKey?) -> String {
        switch name {
        case "customer.id": order.customer
        case "campaign": order.campaign
        case "type": order.type
        case "address": order.address
        case "id": order.id.text
        default: key.map { Self.token(of: order.customer, key: $0) } ?? ""
        }
    }

    /// base64url without padding of HMAC-SHA256 over `unsubscribe:` and the customer's id.
    static func token(of customer: String, key: SymmetricKey) -> String {
        let code = HMAC<Crypto.SHA256>.authenticationCode(for: Array("unsubscribe:\(customer)".utf8), using: key)
        return Base64.text(Array(code)).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
