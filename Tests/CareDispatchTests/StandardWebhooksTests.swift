import Testing

@testable import CareDispatch

/// The vectors of Standard Webhooks' libraries, and further ones computed with Python's `hmac`.
@Suite struct StandardWebhooksTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        var id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
        var timestamp: Int64 = 1_614_265_330
        var body = #"{"test": 2432232314}"#
        var signature: String
        var testDescription: String { signature }
    }

    static let vectors = [
        Vector(signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
        Vector(
            secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", id: "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            timestamp: 1_649_367_553, body: #"{"email":"test@example.com","username":"test_user"}"#,
            signature: "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
        Vector(
            id: "msg_utf8", timestamp: 1_700_000_000, body: #"{"name":"生日快乐🎂"}"#,
            signature: "v1,McfbhZpia+R45wUyxVEAc+FeFByvFqdiZNebsyFvgjk="),
        Vector(
            id: "msg_empty", timestamp: 1_700_000_000, body: "",
            signature: "v1,LrOGikvEp3ovC4ipwU5sfXzzFy9SMN1tDL3jPPGtLmc="),
        Vector(
            secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
            signature: "v1,LVOXivKoo4FWasi/IaHvzhE/u+7/cu2AME+zS/nXqzk="),
        Vector(
            secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr",
            signature: "v1,yK2tMbA6BHPrMEJ1lLv7UlJJbgFoqGenJkiajZ29evg="),
        Vector(
            id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", timestamp: 1_674_087_231,
            body:
                #"{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}"#,
            signature: "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ="),
    ]

    @Test(arguments: vectors) func `signs as the published vectors say`(_ vector: Vector) throws {
        let secret = try SigningKey(vector.secret)
        let made = StandardWebhooks.signature(
            id: vector.id, timestamp: vector.timestamp, body: Array(vector.body.utf8), keys: [secret])
        #expect(made == vector.signature)
    }

    static func verify(
        _ signature: String?, id: String? = vectors[0].id, timestamp: String? = "1614265330",
        body: String = vectors[0].body,
        secrets: [String] = [vectors[0].secret], now: Int64 = 1_614_265_330
    ) throws -> StandardWebhooks.Verdict {
        StandardWebhooks.verify(
            id: id, timestamp: timestamp, signature: signature, body: Array(body.utf8),
            keys: try secrets.map { try SigningKey($0) }, nowSeconds: now)
    }

    static let good = vectors[0].signature

    @Test func `accepts a good signature among unknown versions and bad ones`() throws {
        let bad = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
        #expect(try Self.verify(Self.good) == .valid(ageSeconds: 0, version: "v1"))
        #expect(
            try Self.verify("\(bad) v2,\(bad.dropFirst(3)) \(Self.good) \(bad)") == .valid(ageSeconds: 0, version: "v1")
        )
    }

    static let refused: [(String, StandardWebhooks.Verdict)] = [
        ("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=", .noMatch), ("", .noMatch), ("v1,", .noMatch),
        ("v1", .noMatch), ("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", .noMatch),
        ("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", .noMatch), ("v1,g0hM9SsE", .noMatch), ("v1,!!!!", .noMatch),
    ]

    @Test(arguments: refused) func `refuses other signatures`(
        _ signature: String, _ verdict: StandardWebhooks.Verdict
    ) throws {
        #expect(try Self.verify(signature) == verdict)
    }

    @Test func `refuses what was changed on the way, and missing headers`() throws {
        #expect(try Self.verify(Self.good, body: #"{"test": 2432232315}"#) == .noMatch)
        #expect(try Self.verify(Self.good, id: "msg_other") == .noMatch)
        #expect(try Self.verify(Self.good, timestamp: "1614265331") == .noMatch)
        #expect(try Self.verify(Self.good, secrets: []) == .noMatch)
        #expect(try Self.verify(nil) == .missingHeader("webhook-signature"))
        #expect(try Self.verify(Self.good, id: nil) == .missingHeader("webhook-id"))
        #expect(try Self.verify(Self.good, id: "") == .missingHeader("webhook-id"))
        #expect(try Self.verify(Self.good, timestamp: nil) == .missingHeader("webhook-timestamp"))
        for text in ["", "x", "-1", "1614265330.5", "99999999999999999999"] {
            #expect(try Self.verify(Self.good, timestamp: text) == .badTimestamp)
        }
    }

    static let ages: [(Int64, Bool)] = [(-301, false), (-300, true), (0, true), (300, true), (301, false)]

    @Test(arguments: ages) func `takes timestamps up to five minutes off, either way`(
        _ age: Int64, _ isValid: Bool
    ) throws {
        let verdict = try Self.verify(Self.good, now: 1_614_265_330 + age)
        #expect(verdict == (isValid ? .valid(ageSeconds: age, version: "v1") : .outOfTolerance(ageSeconds: age)))
    }

    @Test func `signs with every secret, and any of them verifies`() throws {
        let texts = [Self.vectors[0].secret, Self.vectors[1].secret]
        let header = StandardWebhooks.signature(
            id: "dlv_x", timestamp: 1_614_265_330, body: [1], keys: try texts.map { try SigningKey($0) })
        #expect(header.split(separator: " ").count == 2)
        for text in texts {
            let verdict = StandardWebhooks.verify(
                id: "dlv_x", timestamp: "1614265330", signature: header, body: [1], keys: [try SigningKey(text)],
                nowSeconds: 1_614_265_330)
            #expect(verdict.isValid)
        }
    }

    static let badSecrets: [(String, SigningKey.Problem)] = [
        ("", .empty), ("whsec_", .empty), ("whsec_=", .notBase64), ("whsec_!!", .notBase64), ("a", .notBase64),
        ("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", .publicHalf), ("whsk_", .empty), ("whsk_!", .notBase64),
        // Cut by one character, by one byte; and one whose public half belongs to another key.
        ("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kv", .notBase64),
        ("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6K", .notAPair),
        ("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvw==", .notAPair),
    ]

    static let pair = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="

    /// On Linux Ed25519 signatures are deterministic, so that the published one can be compared.
    @Test func `signs with an Ed25519 pair as the published vector says`() throws {
        let made = StandardWebhooks.signature(
            id: Self.vectors[0].id, timestamp: 1_614_265_330, body: Array(Self.vectors[0].body.utf8),
            keys: [try SigningKey(Self.pair)])
        #expect(
            made
                == "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==")
        #expect(try Self.verify(made, secrets: [Self.pair]) == .valid(ageSeconds: 0, version: "v1a"))
        #expect(try Self.verify(made, body: "{}", secrets: [Self.pair]) == .noMatch)
        // The bytes alone do not say of which kind they are.
        #expect(try Self.verify("v1," + made.dropFirst(4), secrets: [Self.pair]) == .noMatch)
    }

    @Test func `signs with both kinds at once, for those who change over`() throws {
        let header = StandardWebhooks.signature(
            id: "dlv_x", timestamp: 1_614_265_330, body: [1],
            keys: [try SigningKey(Self.pair), try SigningKey(Self.vectors[0].secret)])
        #expect(header.split(separator: " ").map { $0.prefix { $0 != "," } } == ["v1a", "v1"])
        for text in [Self.pair, Self.vectors[0].secret] {
            #expect(
                StandardWebhooks.verify(
                    id: "dlv_x", timestamp: "1614265330", signature: header, body: [1], keys: [try SigningKey(text)],
                    nowSeconds: 1_614_265_330
                ).isValid)
        }
    }

    @Test(arguments: badSecrets) func `refuses what is no signing key`(_ text: String, _ problem: SigningKey.Problem) {
        #expect(throws: problem) { try SigningKey(text) }
    }

    @Test(arguments: 0..<70) func `writes and reads base64 of every length`(_ length: Int) {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
        let text = Base64.text(bytes)
        #expect(text.utf8.count == (length + 2) / 3 * 4)
        #expect(Base64.bytes(text) == bytes)
        #expect(Base64.bytes(String(text.prefix { $0 != "=" })) == bytes)
    }
}
