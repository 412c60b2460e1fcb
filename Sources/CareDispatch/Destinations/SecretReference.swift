import Glibc

/// Where a secret is to be found: files of settings never hold one.
public enum SecretReference: Sendable, Hashable {
    /// `env:NAME`: an environment variable.
    case environment(String)
    /// `file:PATH`: the first line of a file; a relative path is one beside the settings.
    case file(String)

    /// Reads `env:NAME` or `file:PATH`; nil: another text, perhaps a secret, so never repeat it in a message.
    public init?(_ text: String) {
        if text.hasPrefix("env:"), !text.dropFirst(4).isEmpty, !text.dropFirst(4).contains("=") {
            self = .environment(String(text.dropFirst(4)))
        } else if text.hasPrefix("file:"), !text.dropFirst(5).isEmpty {
            self = .file(String(text.dropFirst(5)))
        } else {
            return nil
        }
    }

    /// As written: `env:NAME` or `file:PATH`.
    public var text: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        }
    }
}

/// Gets secrets by their references.
public struct SecretSource: Sendable {
    /// The value of an environment variable, or nil.
    public var environment: @Sendable (String) -> String?
    /// The bytes of a file, or nil.
    public var file: @Sendable (String) -> [UInt8]?
    /// The folder of the settings, from which relative paths count; empty: the working directory.
    public var folder: String

    /// A source with these ways.
    public init(
        environment: @escaping @Sendable (String) -> String?, file: @escaping @Sendable (String) -> [UInt8]?,
        folder: String = ""
    ) {
        self.environment = environment
        self.file = file
        self.folder = folder
    }

    /// The process's environment, and files: relative ones beside the settings, in `folder`.
    public static func system(folder: String) -> SecretSource {
        SecretSource(
            environment: { name in getenv(name).map { String(cString: $0) } },
            file: { path in readFile(absolute(path, in: folder)) }, folder: folder)
    }

    /// Where a file of the settings is: a relative path counts from their folder.
    func path(_ path: String) -> String { Self.absolute(path, in: folder) }

    private static func absolute(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") || folder.isEmpty ? path : "\(folder)/\(path)"
    }

    /// The secret, without the line end behind it.
    ///
    /// - Throws: ``DestinationError`` that names the reference, never the value.
    public func value(_ reference: SecretReference, for destination: String) throws(DestinationError) -> String {
        switch reference {
        case .environment(let name):
            guard let value = environment(name), !value.isEmpty else {
                throw DestinationError(
                    destination: destination, message: "the environment variable \(name) is not set",
                    help: "set it to the secret that the receiver knows, then start again")
            }
            return value
        case .file(let path):
            guard let bytes = file(path) else {
                throw DestinationError(
                    destination: destination, message: "the secret's file \(path) cannot be read",
                    help: "its path counts from the folder of the settings")
            }
            let line = String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
            guard !line.isEmpty else {
                throw DestinationError(
                    destination: destination, message: "the secret's file \(path) has an empty first line",
                    help: "the secret is expected there")
            }
            return line
        }
    }

    /// A secret of several lines: the whole variable, or the whole file.
    ///
    /// - Throws: ``DestinationError`` that names the reference, never the value.
    public func document(_ reference: SecretReference, for destination: String) throws(DestinationError) -> String {
        guard case .file(let path) = reference, let bytes = file(path), !bytes.isEmpty else {
            return try value(reference, for: destination)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func readFile(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // No secret is longer: what is, is another file.
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &bytes, bytes.count)
        return count < 0 ? nil : Array(bytes.prefix(count))
    }
}

/// Why a destination cannot be used as it is set.
public struct DestinationError: Error, Sendable, Hashable {
    /// The destination's name.
    public var destination: String
    /// What is wrong, one sentence without a full stop; never a secret.
    public var message: String
    /// What to do.
    public var help: String

    /// An error about `destination`.
    public init(destination: String, message: String, help: String) {
        self.destination = destination
        self.message = message
        self.help = help
    }
}
