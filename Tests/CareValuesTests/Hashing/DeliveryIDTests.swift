import Testing

@testable import CareValues

@Suite struct DeliveryIDTests {
    /// The keys of actions and their ids, made with another language's SHA-256 and base32.
    static let stories: [(key: [String], id: String)] = [
        (["birthday-gold", "c2077", "2026/1", "1", "1"], "dlv_ikifley4civm2u2hmcdafeicwq"),
        (["birthday-gold", "c1042", "2026/1", "1", "1"], "dlv_4qasbmsejwlqwuq3m7in3pqv3a"),
        (["promoter-referral", "c2077", #"["/survey","nps-88412"]"#, "invite", "1"], "dlv_7zujwkovxr7d45sl4sbti7ccpi"),
        (["生日", "客户-1", "2027/1", "1", "1"], "dlv_px65xqqwsary3umlecqa43sn7m"),
    ]

    @Test(arguments: stories)
    func `the id of an action is the same everywhere`(key: [String], id: String) {
        let delivery = DeliveryID(hashing: CanonicalJSON.array(of: key))
        #expect(delivery.text == id)
        #expect(DeliveryID(text: id) == delivery)
        #expect(DeliveryID(bytes: delivery.bytes) == delivery)
        #expect(delivery.bytes == Array(SHA256.hash(utf8: CanonicalJSON.array(of: key))[..<16]))
    }

    @Test func `every part of the key makes another id`() {
        let key = ["c", "k", "o", "s", "a"]
        var ids: Set<DeliveryID> = [DeliveryID(hashing: CanonicalJSON.array(of: key))]
        for index in key.indices {
            var other = key
            other[index] += "x"
            ids.insert(DeliveryID(hashing: CanonicalJSON.array(of: other)))
        }
        // Parts do not run into each other either.
        ids.insert(DeliveryID(hashing: CanonicalJSON.array(of: ["ck", "", "o", "s", "a"])))
        ids.insert(DeliveryID(hashing: CanonicalJSON.array(of: ["c\",\"k", "o", "s", "a"])))
        #expect(ids.count == 8)
    }

    @Test(arguments: [
        "", "dlv_", "ikifley4civm2u2hmcdafeicwq", "DLV_ikifley4civm2u2hmcdafeicwq", "dlv_ikifley4civm2u2hmcdafeicw",
        "dlv_ikifley4civm2u2hmcdafeicwqa", "dlv_IKIFLEY4CIVM2U2HMCDAFEICWQ", "dlv_ikifley4civm2u2hmcdafeicwr",
        "dlv_ikifley4civm2u2hmcdafeicw1", "dlv_ikifley4civm2u2hmcdafeicwq=",
    ])
    func `a text that is not exactly an id is refused`(text: String) {
        #expect(DeliveryID(text: text) == nil)
    }

    @Test(arguments: [0, 15, 17]) func `sixteen bytes make an id, no other count`(count: Int) {
        #expect(DeliveryID(bytes: Array(repeating: 1, count: count)) == nil)
    }
}
