import CCurl
import Glibc

/// A target as requests carry it: by reference, its texts made into C's once, as a request changes hands often.
///
// Safety: everything is written in `init` only.
final class SharedTarget: @unchecked Sendable {
    let target: TransferTarget
    /// Without its time limits; points into `texts`.
    private let prepared: care_target
    private let texts: [UnsafeMutablePointer<CChar>?]

    /// A target to be dialled as `url`; nil: as its own says.
    init(_ target: TransferTarget, dialling url: String? = nil) {
        self.target = target
        texts = [
            url ?? target.url.text, target.authoritiesFile, target.clientCertificate?.certificateFile,
            target.clientCertificate?.keyFile, target.clientCertificate?.keyPassword, target.proxy?.text,
            target.proxy?.user, target.proxy?.password,
        ].map { $0.flatMap { strdup($0) } }
        let texts = texts.map { UnsafePointer<CChar>($0) }
        var prepared = care_target()
        prepared.url = texts[0]
        prepared.ca_file = texts[1]
        prepared.client_certificate = texts[2]
        prepared.client_key = texts[3]
        prepared.client_key_password = texts[4]
        prepared.proxy = texts[5]
        prepared.proxy_user = texts[6]
        prepared.proxy_password = texts[7]
        prepared.allow_private = target.dialledAddresses.allowsPrivate ? 1 : 0
        prepared.allowed = UnsafePointer(target.dialledAddresses.blocks.baseAddress)
        prepared.allowed_count = Int32(target.dialledAddresses.blocks.count)
        self.prepared = prepared
    }

    deinit {
        for text in texts { free(text) }
    }

    /// The target for C; valid while `body` runs, its allowed addresses as long as the policy lives.
    ///
    /// - Parameter timeout: how much of the time is left, in milliseconds.
    /// - Parameter connectTimeout: how much of the time to connect is, if less than usual.
    func withC<Result>(
        timeout: Int64, connectTimeout: Int64? = nil, _ body: (care_target) -> Result
    ) -> Result {
        var target = prepared
        target.timeout_ms = timeout
        target.connect_timeout_ms = min(self.target.connectTimeoutMilliseconds, timeout, connectTimeout ?? .max)
        return withExtendedLifetime(self) { body(target) }
    }
}
