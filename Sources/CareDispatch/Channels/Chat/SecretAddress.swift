import CareTransport
import CareValues

extension HTTPSettings {
    /// Reads the keys of HTTP of a channel whose address is fixed, or a secret by itself: `url` is left alone.
    ///
    /// - Parameter usual: where requests go unless the channel says otherwise.
    init?(_ reader: inout DestinationReader, ownHeaders: [String] = [], fixed usual: String) {
        self.init(&reader, ownHeaders: ownHeaders, url: (key: "", usual: usual))
    }
}

extension DestinationReader {
    /// An address that holds a key, so that only its reference may stand in the settings.
    mutating func secretURL(_ key: String = "url") -> SecretReference? {
        guard let value = node[key] else {
            fail(
                node, "config.missing-key", "destination '\(name)' has no \(key)",
                "the robot's whole address is a secret: write \"\(key)\": \"env:NAME\" or \"file:PATH\"")
            return nil
        }
        return reference(value, key)
    }

    /// A reference that must be there.
    mutating func requiredReference(_ key: String) -> SecretReference? {
        guard let value = node[key] else {
            fail(
                node, "config.missing-key", "destination '\(name)' has no \(key)",
                "name where to find it: \"\(key)\": \"env:NAME\" or \"file:PATH\"")
            return nil
        }
        return reference(value, key)
    }

    /// A text or reference that must be there.
    mutating func requiredText(_ key: String) -> SettingText? {
        guard let value = node[key] else {
            fail(node, "config.missing-key", "destination '\(name)' has no \(key)")
            return nil
        }
        return text(value)
    }

    /// One of a few words, the first of them where the key is missing.
    mutating func choice<Choice>(_ key: String) -> Choice
    where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
        let all = Array(Choice.allCases)
        guard let value = node[key], let text = word(value, of: all.map(\.rawValue)), let read = Choice(rawValue: text)
        else { return all[0] }
        return read
    }
}

extension ChannelParts {
    /// The address behind a reference, perhaps with a query that the vendor shows with it.
    func url(_ reference: SecretReference) throws(DestinationError) -> TargetURL {
        let text = try value(reference)
        do throws(TargetURL.Problem) {
            return try TargetURL(text)
        } catch {
            throw self.error(
                "\(reference.text) holds no http or https address",
                help: "it is the robot's whole address with its key, as the vendor shows it")
        }
    }

    /// The secret behind a reference, which is to stand in an address, a header or a signature: one word.
    func word(_ reference: SecretReference) throws(DestinationError) -> String {
        let text = try value(reference)
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw error("\(reference.text) holds a blank or a character outside ASCII", help: "a key is one word")
        }
        return text
    }

    /// The text as it is written, or the word behind its reference.
    func word(_ text: SettingText) throws(DestinationError) -> String {
        switch text {
        case .literal(let value): value
        case .secret(let reference): try word(reference)
        }
    }
}
