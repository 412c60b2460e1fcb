import CareDispatch
import CareValues
import Foundation

/// Messages from the outbox to a broker on this machine: sent, acknowledged, recorded, committed.
enum BrokerBench {
    /// The destinations that `--broker` can name, by the scheme of its URL.
    private static let kinds = [
        "mqtt": #""type": "mqtt", "topic": "bench""#, "nats": #""type": "nats", "subject": "bench""#,
        "redis": #""type": "redis", "stream": "bench""#,
    ]

    static func measure(_ url: String, count: Int, runs: Int) throws {
        let scheme = String(url.prefix { $0 != ":" })
        guard let kind = kinds[scheme] else { throw Failure("--broker needs a URL of mqtt, nats or redis") }
        let text = #"{ "bench": { \#(kind), "url": "\#(url)", "allowPrivateAddresses": true } }"#
        let document = try JSONDocument(file: "bench", bytes: Array(text.utf8))
        var findings: [Diagnostic] = []
        guard let settings = DestinationSettings.read(document.root, document, &findings).first else {
            throw Failure(findings.map(\.message).joined(separator: "; "))
        }
        let nothing = SecretSource(environment: { _ in nil }, file: { _ in nil })
        let destination = try Destination(settings, secrets: nothing)
        let bytes = try destination.body(of: DeliveryBench.order(0)).count
        print("\(count) messages of \(bytes) bytes to \(url)")
        print(" run   care/s   CPU us each: network   store")
        var rates: [Double] = []
        for number in 1...runs {
            let run = try DeliveryBench.deliver(count, to: destination)
            rates.append(run.perSecond)
            print(
                DeliveryBench.pad("\(number)", 4) + DeliveryBench.pad("\(Int(run.perSecond))", 9)
                    + DeliveryBench.pad(DeliveryBench.rounded(run.networkMicroseconds), 23)
                    + DeliveryBench.pad(DeliveryBench.rounded(run.storeMicroseconds), 8))
        }
        print("median \(Int(DeliveryBench.middle(rates)))/s")
    }
}
