import CareEngine
import CareThreads
import CareValues
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// What a server speaks TLS with: a certificate that can be renewed while it runs.
public final class ServerTLS: Sendable {
    private let files: TLSFiles
    private let shown: @Sendable (String) -> String
    private let current: Lock<ServerCertificate>

    /// TLS by the certificate of these files.
    ///
    /// - Parameter shown: a path as people read it. - Throws: a ``ServerCertificate/Refusal``.
    public init(
        _ files: TLSFiles, shown: @escaping @Sendable (String) -> String
    ) throws(ServerCertificate.Refusal) {
        self.files = files
        self.shown = shown
        current = Lock(try ServerCertificate(files, shown: shown))
    }

    /// The certificate that connections are shown.
    public var certificate: ServerCertificate { current.withLock { $0 } }

    /// What there is to say of it.
    public func inUse(_ now: Timestamp) -> ServerEvent {
        let certificate = certificate
        return .certificateInUse(until: certificate.notAfter, days: certificate.days(from: now))
    }

    /// Reads the files anew: new connections are shown the certificate that they hold now. One that cannot be used, or
    /// does not hold at `now`, is not taken, and the one before stays.
    ///
    /// - Returns: what there is to say of that; nil: it is the same as before.
    public func renew(_ now: Timestamp) -> ServerEvent? {
        do {
            let new = try ServerCertificate(files, shown: shown)
            if new.chain == certificate.chain { return nil }
            let name = shown(files.certificatePath)
            if new.notAfter <= now {
                return .certificateRefused(reason: "the certificate in \(name) ended \(new.notAfter.iso8601)")
            }
            if new.notBefore > now {
                return .certificateRefused(reason: "the certificate in \(name) holds from \(new.notBefore.iso8601) on")
            }
            current.withLock { $0 = new }
            return inUse(now)
        } catch {
            return .certificateRefused(reason: error.message)
        }
    }
}

/// Connections that speak TLS before they speak HTTP, each by the certificate in use when it begins.
struct TLSChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let plain: HTTP1Channel
    let tls: ServerTLS

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let context = tls.certificate.context
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }.flatMap {
            plain.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await plain.handle(value: value, logger: logger)
    }
}
