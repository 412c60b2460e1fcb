import CareTransport

/// What `care.json` says of a queue of Amazon SQS.
package struct QueueServiceSettings: ChannelSettings, Hashable {
    /// `"type": "sqs"`.
    package static let type = "sqs"
    /// Those of Amazon's services, and the queue.
    package static let keys = AmazonAccess.keys + ["queue"]
    /// The service answers within some 20 ms.
    package static let usualConcurrency = 16

    /// As whom, and where.
    package var access: AmazonAccess
    /// The queue's URL, as SQS shows it; its host says where to send.
    package var queue: TargetURL
    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// Reads a queue; nil: its URL or the keys are missing.
    package init?(_ reader: inout DestinationReader) {
        guard let queue = reader.url("queue") else { return nil }
        // https://sqs.REGION.amazonaws.com/ACCOUNT/NAME
        let labels = queue.host.split(separator: ".")
        let region = labels.count > 3 && labels[0] == "sqs" && labels[2] == "amazonaws" ? String(labels[1]) : nil
        let root = "\(queue.isTLS ? "https" : "http")://\(queue.host):\(queue.port)/"
        guard let access = AmazonAccess(&reader, region: region, endpoint: { _ in root }) else { return nil }
        self.access = access
        self.queue = queue
        if let node = reader.node["source"], let text = reader.string(node) { source = text }
    }

    /// Sends with the keys behind the references.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        var template = try access.template(parts, service: "sqs")
        template.headers.append(("content-type", "application/x-amz-json-1.0"))
        template.headers.append(("x-amz-target", "AmazonSQS.SendMessage"))
        return QueueServiceChannel(template: template, queue: queue.text, source: source)
    }
}
