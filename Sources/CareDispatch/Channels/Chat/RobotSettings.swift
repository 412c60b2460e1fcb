import CareTransport

/// What `care.json` says of every robot whose address is its key: WeCom, DingTalk, Feishu.
package struct RobotSettings: Sendable, Hashable {
    /// How the text is written.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        case text
        /// The vendor's Markdown.
        case markdown

        /// The template's part that is sent.
        var part: TemplateKind { self == .text ? .text : .markdown }
    }

    /// Those of HTTP, and the template's.
    static let keys = HTTPSettings.keys + ["template"]

    /// The robot's address with its key.
    package var url: SecretReference
    /// What signs; nil: the robot is protected by keywords or addresses, or knows no signature.
    package var secret: SecretReference?
    /// How requests are made.
    package var http: HTTPSettings
    /// Text, or Markdown where the vendor has it.
    package var format: Format
    /// What the messages look like; nil: they are the texts of `data`.
    package var choice: TemplateChoice?

    /// Reads a robot; nil: its address is missing.
    ///
    /// - Parameter usual: an address of the vendor, which the robot's own takes the place of.
    init?(_ reader: inout DestinationReader, fixed usual: String) {
        guard let url = reader.secretURL(), let http = HTTPSettings(&reader, fixed: usual) else { return nil }
        self.url = url
        self.http = http
        secret = reader.node["secret"].flatMap { reader.reference($0, "secret") }
        format = reader.choice("format")
        choice = TemplateChoice(&reader)
    }

    /// Which template the messages are made by, and what of it is sent.
    var template: (choice: TemplateChoice, needs: TemplateNeeds)? {
        choice.map { ($0, TemplateNeeds(oneOf: [format.part], subject: false)) }
    }

    /// The request that all attempts begin with, and the word that signs.
    ///
    /// - Throws: ``DestinationError``: a secret is missing or malformed.
    func request(
        _ parts: ChannelParts, contentType: String = "application/json; charset=utf-8"
    ) throws(DestinationError) -> (template: HTTPRequest, key: String?) {
        var template = try http.template(parts)
        template.target.url = try parts.url(url)
        template.headers.append(("content-type", contentType))
        template.keptAnswerBytes = 4_096
        guard let secret else { return (template, nil) }
        return (template, try parts.word(secret))
    }
}
