import CareStore
import CareTransport
import CareValues

extension Destination {
    /// The name of the host it connects to, its proxy's where it has one, for a look at whether it resolves; nil: it speaks to none, to an address, or to
    /// one that only a message tells.
    public var host: String? {
        let order = NewDelivery(
            id: DeliveryID(hashing: "host"), customer: "", campaign: "", key: "", destination: name,
            address: "nobody@example.com", type: "care.sample", data: "{}", decidedAt: Timestamp(milliseconds: 0),
            expiresAt: nil)
        let request = channel.request(for: order, body: [], now: Timestamp(milliseconds: 0))
        guard let host = request.dialledHost else { return nil }
        let isAddress = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
        return host.isEmpty || isAddress ? nil : host
    }
}
