import CareEngine
import CareValues
import NIOSSL

/// A certificate that a server shows, and its key: read, and known to belong together.
public struct ServerCertificate: Sendable {
    /// Why files are no certificate and key; names the file, and repeats nothing of what it holds.
    public struct Refusal: Error, Sendable, Hashable {
        /// What is wrong, as part of a sentence.
        public var message: String
    }

    /// A certificate that ends in fewer days than these wants to be renewed.
    public static let fewDays = 14
    /// The largest file that is read, in bytes.
    public static let maximumBytes = 1 << 20

    /// From when on it holds.
    public let notBefore: Timestamp
    /// Until when it holds.
    public let notAfter: Timestamp
    /// It and those that vouch for it, in their order.
    let chain: [NIOSSLCertificate]
    /// What connections are made with.
    let context: NIOSSLContext

    /// Reads both files and holds one against the other.
    ///
    /// - Parameter shown: a path as people read it. - Throws: a ``Refusal``.
    public init(_ files: TLSFiles, shown: (String) -> String) throws(Refusal) {
        let certificateName = shown(files.certificatePath)
        let keyName = shown(files.keyPath)
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(try Self.bytes(files.certificatePath, certificateName))
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(message: "\(certificateName) holds no certificate in PEM")
        }
        guard let leaf = chain.first else { throw Refusal(message: "\(certificateName) holds no certificate in PEM") }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: try Self.bytes(files.keyPath, keyName), format: .pem)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(message: "\(keyName) holds no private key in PEM that is without a password")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            // Each by itself is good, so it is the two together that are not.
            throw Refusal(message: "\(keyName) is not the key of the certificate in \(certificateName)")
        }
        notBefore = Timestamp(seconds: Int64(leaf.notValidBefore))
        notAfter = Timestamp(seconds: Int64(leaf.notValidAfter))
    }

    /// Whole days from `now` until it ends; negative: since it has ended.
    public func days(from now: Timestamp) -> Int {
        let milliseconds = notAfter.milliseconds(since: now)
        // Rounded down, so that what has ended an hour ago has not 0 days left.
        return Int((milliseconds - (milliseconds < 0 ? 86_399_999 : 0)) / 86_400_000)
    }

    private static func bytes(_ path: String, _ name: String) throws(Refusal) -> [UInt8] {
        do {
            return try Files.read(path, atMost: maximumBytes)
        } catch let error as FileReadError {
            throw Refusal(message: "\(name) cannot be read: \(error.reason)")
        } catch {
            throw Refusal(message: "\(name) cannot be read")
        }
    }
}
