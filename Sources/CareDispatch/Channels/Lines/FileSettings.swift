import CareTransport
import CareValues

/// What `care.json` says of a file that deliveries are appended to: for trials.
package struct FileSettings: ChannelSettings, Hashable {
    /// `"type": "file"`.
    package static let type = "file"
    /// Its own.
    package static let keys = ["path", "source"]
    /// So many lines are written before the file is synchronised.
    package static let usualConcurrency = 256

    /// The file; a relative path counts from the folder of the settings.
    package var path: String
    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// Reads a file; nil: its path is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let node = reader.node["path"] else {
            reader.fail(
                reader.node, "config.missing-key", "destination '\(reader.name)' has no path",
                #"for example "path": "deliveries.jsonl""#)
            return nil
        }
        guard let path = reader.string(node) else { return nil }
        self.path = path
        if let value = reader.node["source"], let text = reader.string(value) { source = text }
    }

    /// Appends to the file.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        LinesChannel(sink: LineSink(.file(parts.secrets.path(path))), source: source)
    }
}

/// What `care.json` says of standard output as a destination: for trials.
package struct StandardOutputSettings: ChannelSettings, Hashable {
    /// `"type": "stdout"`.
    package static let type = "stdout"
    /// Its own.
    package static let keys = ["source"]
    /// So many lines are written in one round.
    package static let usualConcurrency = 256

    /// The CloudEvents `source`.
    package var source = CloudEvent.usualSource

    /// Reads it.
    package init?(_ reader: inout DestinationReader) {
        if let value = reader.node["source"], let text = reader.string(value) { source = text }
    }

    /// Writes to standard output.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        LinesChannel(sink: LineSink(.descriptor(1)), source: source)
    }
}
