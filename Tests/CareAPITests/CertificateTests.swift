import CareEngine
import CareValues
import Foundation
import Testing

@testable import CareAPI

/// The certificate that a server shows: `long` holds from 2026 to 2126, `short` in September 2026; both are for localhost.
@Suite struct CertificateTests {
    /// A folder of its own, with the files that a server is told of.
    final class Folder {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("care-tls-\(UUID().uuidString)").path
        var files: TLSFiles { TLSFiles(certificatePath: path + "/care.pem", keyPath: path + "/care.key") }

        init(certificate: String, key: String) throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try put(certificate: certificate, key: key)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func put(certificate: String, key: String) throws {
            try Data(certificate.utf8).write(to: URL(fileURLWithPath: files.certificatePath))
            try Data(key.utf8).write(to: URL(fileURLWithPath: files.keyPath))
        }

        /// What is wrong with the files; nil: nothing.
        func refusal() -> String? {
            do {
                _ = try ServerCertificate(files) { String($0.split(separator: "/").last ?? "") }
                return nil
            } catch {
                return error.message
            }
        }

        func tls() throws -> ServerTLS {
            try ServerTLS(files) { String($0.split(separator: "/").last ?? "") }
        }
    }

    static func fixture(_ name: String) throws -> String {
        try String(
            contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Fixtures/\(name)"), encoding: .utf8)
    }

    static func at(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text)) }

    @Test func `a certificate and its key are read, with the days that are left`() throws {
        let folder = try Folder(certificate: Self.fixture("short.pem"), key: Self.fixture("short.key"))
        let certificate = try folder.tls().certificate
        #expect(certificate.notBefore.iso8601 == "2026-09-01T00:00:00.000Z")
        #expect(certificate.notAfter.iso8601 == "2026-10-01T00:00:00.000Z")
        for (now, days) in [
            ("2026-09-30T00:00:00Z", 1), ("2026-09-30T00:00:01Z", 0), ("2026-10-01T00:00:00Z", 0),
            ("2026-10-01T00:00:01Z", -1),
        ] {
            let instant = try Self.at(now)
            #expect(certificate.days(from: instant) == days, "\(now)")
        }
    }

    @Test func `those that vouch for a certificate stand behind it in its file`() throws {
        let both = try Self.fixture("long.pem") + Self.fixture("short.pem")
        let folder = try Folder(certificate: both, key: Self.fixture("long.key"))
        let certificate = try folder.tls().certificate
        #expect(certificate.chain.count == 2)
        #expect(certificate.notAfter.iso8601 == "2126-01-01T00:00:00.000Z")
    }

    @Test func `files that cannot be used are told apart, and what a key holds is never said`() throws {
        let (certificate, key) = (try Self.fixture("long.pem"), try Self.fixture("long.key"))
        let folder = try Folder(certificate: certificate, key: key)
        #expect(folder.refusal() == nil)
        for (certificate, key, words) in [
            ("", key, "care.pem holds no certificate in PEM"),
            ("nonsense", key, "care.pem holds no certificate in PEM"),
            (key, key, "care.pem holds no certificate in PEM"),
            (certificate.replacing("MII", with: "MIJ"), key, "care.pem holds no certificate in PEM"),
            (certificate, "", "care.key holds no private key in PEM that is without a password"),
            (certificate, certificate, "care.key holds no private key in PEM that is without a password"),
            (
                certificate, try Self.fixture("short.key"),
                "care.key is not the key of the certificate in care.pem"
            ),
            (
                certificate, String(repeating: "x", count: ServerCertificate.maximumBytes + 1),
                "care.key cannot be read: larger than 1048576 bytes"
            ),
        ] {
            try folder.put(certificate: certificate, key: key)
            #expect(folder.refusal() == words)
        }
        try FileManager.default.removeItem(atPath: folder.files.certificatePath)
        #expect(folder.refusal() == "care.pem cannot be read: No such file or directory")
    }

    @Test func `a renewed certificate is taken up, and one that cannot be used leaves the one before`() throws {
        let (now, long) = (try Self.at("2026-09-10T00:00:00Z"), try Self.at("2126-01-01T00:00:00Z"))
        let folder = try Folder(certificate: Self.fixture("long.pem"), key: Self.fixture("long.key"))
        let tls = try folder.tls()
        #expect(tls.renew(now) == nil)
        // The certificate is there, its key not yet.
        try folder.put(certificate: Self.fixture("short.pem"), key: Self.fixture("long.key"))
        #expect(
            tls.renew(now)
                == .certificateRefused(reason: "care.key is not the key of the certificate in care.pem"))
        #expect(tls.certificate.notAfter == long)
        try folder.put(certificate: Self.fixture("short.pem"), key: Self.fixture("short.key"))
        let (early, late) = (try Self.at("2026-08-31T23:59:59Z"), try Self.at("2026-10-01T00:00:00Z"))
        #expect(
            tls.renew(early)
                == .certificateRefused(reason: "the certificate in care.pem holds from 2026-09-01T00:00:00.000Z on"))
        #expect(
            tls.renew(late)
                == .certificateRefused(reason: "the certificate in care.pem ended 2026-10-01T00:00:00.000Z"))
        #expect(tls.certificate.notAfter == long)
        #expect(tls.renew(now) == .certificateInUse(until: late, days: 21))
        #expect(tls.certificate.notAfter == late)
    }

    /// A route that sets a cookie.
    struct CookieRoutes: RouteSet {
        func add(to routes: RouteTable) {
            routes.get("/cookie", .anyone) { call in call.endingSession(on: call.json([:])) }
        }
    }

    @Test func `whoever comes by TLS gets cookies for TLS only`() async throws {
        let folder = try Folder(certificate: Self.fixture("long.pem"), key: Self.fixture("long.key"))
        let world = try APIWorld(sets: [HealthRoutes(), CookieRoutes()], tls: folder.tls())
        let answer = try await world.send("GET", "/cookie")
        #expect(answer.headers["strict-transport-security"] == "max-age=31536000")
        #expect(answer.headers["set-cookie"]?.hasSuffix("; Secure") == true)
        let metrics = try await world.send("GET", "/metrics", token: world.token(.read))
        #expect(metrics.text.contains("\ncare_tls_certificate_end_seconds 4922899200\n"))
        let plain = try APIWorld(sets: [HealthRoutes(), CookieRoutes()])
        let open = try await plain.send("GET", "/cookie")
        #expect(open.headers["strict-transport-security"] == nil)
        #expect(open.headers["set-cookie"]?.contains("Secure") == false)
        let none = try await plain.send("GET", "/metrics", token: plain.token(.read))
        #expect(none.status == 200 && !none.text.contains("care_tls"))
    }
}
