import CareDispatch
import CareValues
import Foundation

/// Messages from the outbox to a broker or a mail server on this machine: sent, acknowledged, recorded, committed.
enum BrokerBench {
    /// The destinations that `--broker` can name, by the scheme of its URL. `http` is RabbitMQ's management interface, with
    /// the login of `RABBITMQ_USER` and `RABBITMQ_PASSWORD` and a queue `bench`.
    private static let kinds = [
        "mqtt": #""type": "mqtt", "topic": "bench", "url""#, "nats": #""type": "nats", "subject": "bench", "url""#,
        "redis": #""type": "redis", "stream": "bench", "url""#,
        "http":
            #""type": "queue", "routingKey": "bench", "user": "env:RABBITMQ_USER", "password": "env:RABBITMQ_PASSWORD", "url""#,
        "smtp":
            #""type": "mail", "tls": "never", "from": "care@acme.example", "template": "bench", "server""#,
    ]

    static func measure(_ url: String, count: Int, runs: Int) throws {
        let scheme = String(url.prefix { $0 != ":" })
        guard let kind = kinds[scheme] else {
            throw Failure("--broker needs a URL of \(kinds.keys.sorted().joined(separator: ", "))")
        }
        let text = #"{ "bench": { \#(kind): "\#(url)", "allowPrivateAddresses": true } }"#
        let document = try JSONDocument(file: "bench", bytes: Array(text.utf8))
        var findings: [Diagnostic] = []
        guard let settings = DestinationSettings.read(document.root, document, &findings).first else {
            throw Failure(findings.map(\.message).joined(separator: "; "))
        }
        let (templates, mistakes) = MessageTemplates.read([
            TemplateSource(
                file: "bench.txt", path: "bench.txt",
                bytes: Array("Subject: Happy birthday\n\nDear {{data.customer}},\n{{data.note}}\n".utf8))
        ])
        guard mistakes.isEmpty else { throw Failure(mistakes.map(\.message).joined(separator: "; ")) }
        let destination = try Destination(settings, secrets: .system(folder: ""), templates: templates)
        let bytes = try destination.body(of: DeliveryBench.order(0)).count
        print("\(count) messages of \(bytes) bytes to \(url), \(settings.concurrency) at once")
        print(" run   care/s   CPU us each: network   store   of one core")
        var rates: [Double] = []
        for number in 1...runs {
            let run = try DeliveryBench.deliver(count, to: destination)
            rates.append(run.perSecond)
            // What is left of the time the other side takes, or the disk.
            let share = (run.networkMicroseconds + run.storeMicroseconds) * run.perSecond / 1e6
            print(
                DeliveryBench.pad("\(number)", 4) + DeliveryBench.pad("\(Int(run.perSecond))", 9)
                    + DeliveryBench.pad(DeliveryBench.rounded(run.networkMicroseconds), 23)
                    + DeliveryBench.pad(DeliveryBench.rounded(run.storeMicroseconds), 8)
                    + DeliveryBench.pad(DeliveryBench.rounded(share), 14))
        }
        print("median \(Int(DeliveryBench.middle(rates)))/s")
    }
}
