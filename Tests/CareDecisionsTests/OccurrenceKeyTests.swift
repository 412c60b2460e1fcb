import CareDecisions
import CareValues
import Testing

/// Occurrence keys byte for byte: what they are decides what is done once.
@Suite struct OccurrenceKeyTests {
    @Test func `an event's key is its source and id as canonical JSON text`() throws {
        var world = try World(rules: Rules.oneStepAfterExit, start: "2026-05-01 00:00")
        try world.event("purchase", at: "2026-05-18 12:00", id: "evt.\"1\" é")
        #expect(world.decisions.map(\.key.occurrence) == [#"["test","evt.\"1\" é"]"#])
        #expect(world.decisions[0].key.text == #"["thanks","c1","[\"test\",\"evt.\\\"1\\\" é\"]","1","1"]"#)
    }

    @Test func `an anniversary's key is its year and the offset's position`() throws {
        var world = try World(
            rules: Rules.file(
                """
                "b": { "trigger": { "anniversary": { "of": "birthday", "offset": ["-P7D", "P0D"] } },
                  "actions": [{ "send": "crm", "type": "care.b", "data": {} }] }
                """), start: "2026-12-01 00:00")
        try world.set(["birthday": "1990-01-03"], at: "2026-12-02 10:00")
        try world.pass(until: "2027-02-01 00:00")
        // Seven days before 3 January is in the old year; the key is that of the anniversary.
        #expect(world.decisions.map(\.key.occurrence) == ["2027/1", "2027/2"])
        #expect(world.log == ["12-27 09:00 b/1 act", "01-03 09:00 b/1 act"])
    }

    @Test func `a silence's key is the last event's instant and its firing`() throws {
        var world = try World(rules: Rules.file(Rules.winBack), start: "2026-01-01 00:00")
        try world.event("purchase", at: "2026-01-02 12:00")
        try world.pass(until: "2026-03-10 00:00")
        #expect(world.decisions.map(\.key.occurrence) == ["2026-01-02T04:00:00.000Z#1"])
    }

    @Test(arguments: [
        (hasOwnTime: true, key: "tier:silver>gold@2026-03-01T09:00:00.000Z"),
        (hasOwnTime: false, key: "tier:silver>gold@2026-03-02T01:00:00.000Z"),
    ])
    func `a change's key is what changed and the fact's time, or its receipt without one`(
        hasOwnTime: Bool, key: String
    ) throws {
        var world = try World(
            rules: Rules.file(
                """
                "up": { "trigger": { "change": { "of": "tier", "direction": "up" } },
                  "actions": [{ "send": "crm", "type": "care.up", "data": { "from": "{{entry.from}}", "to": "{{entry.to}}" } }] }
                """), start: "2026-02-01 00:00")
        try world.set(["tier": "silver"], at: "2026-02-02 09:00")
        let time = try world.instant("2026-03-01 17:00")
        try world.request(
            [
                .attributes(
                    AttributeFact(values: ["tier": "gold"], time: time, receivedAt: time, hasOwnTime: hasOwnTime))
            ],
            at: "2026-03-02 09:00")
        #expect(world.decisions.map(\.key.occurrence) == [key])
        #expect(world.decisions[0].order?.data == ["from": "silver", "to": "gold"])
    }

    @Test func `the delivery id is the key's hash in base32`() {
        let key = DecisionKey(
            campaign: "birthday-gold", customer: "c1", occurrence: "2026/1", step: "1", action: "1")
        #expect(key.text == #"["birthday-gold","c1","2026/1","1","1"]"#)
        let text = DeliveryID(hashing: key.text).text
        #expect(text.hasPrefix("dlv_"))
        #expect(text.utf8.count == 30)
        // printf '%s' '["birthday-gold","c1","2026/1","1","1"]' | sha256sum, first 16 bytes, base32
        #expect(DeliveryID(text: text) == DeliveryID(hashing: key.text))
    }
}
