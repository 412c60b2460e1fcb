import CareValues
import Testing

@testable import CareRules

/// Every object of the format refuses what it does not know, and names what is not built yet.
struct KeyTests {
    /// One good file for each table, with a place `@` for one more key.
    static let places: [String: String] = [
        "file": #"{ @"$schema": "x" }"#,
        "policies": #"{ "policies": { @"at": "09:00" } }"#,
        "quietHours": #"{ "policies": { "quietHours": { @"from": "21:00", "until": "08:00" } } }"#,
        "window": #"{ "policies": { "windows": { "w": { @"from": "09:00", "until": "18:00" } } } }"#,
        "cap": #"{ "policies": { "caps": [{ @"name": "m", "max": 2, "per": { "calendar": "month" } }] } }"#,
        "capPeriod": #"{ "policies": { "caps": [{ "name": "m", "max": 2, "per": { @"rolling": "P7D" } }] } }"#,
        "pause": #"{ "policies": { "pauses": [{ @"name": "p", "when": { "var": "optedOut" }, "then": "hold" }] } }"#,
        "holdout": Samples.campaign(#""trigger": { "event": "purchase" }, "holdout": { @"fraction": 0.1 }"#),
        "campaignCaps": Samples.campaign(#""trigger": { "event": "purchase" }, "caps": { @"counts": false }"#),
        "choice":
            #"{ "campaigns": { "c": { "trigger": { "event": "purchase" }, "actions": [{ @"firstOf": [{ "send": "crm", "type": "t" }] }] } } }"#,
        "campaign":
            #"{ "campaigns": { "c": { @"trigger": { "event": "purchase" }, "actions": [{ "send": "crm", "type": "t" }] } } }"#,
        "trigger": Samples.campaign(#""trigger": { @"event": "purchase" }"#),
        "change": Samples.campaign(#""trigger": { "change": { @"of": "tier" } }"#),
        "anniversary": Samples.campaign(#""trigger": { "anniversary": { @"of": "birthday" } }"#),
        "segmentTrigger": Samples.campaign(#""trigger": { "segment": { @"entered": "vip" } }"#),
        "date": Samples.campaign(#""trigger": { "date": { @"of": "firstPurchaseAt" } }"#),
        "holiday": Samples.campaign(#""trigger": { "holiday": { @"name": "easter", "region": "DE" } }"#),
        "schedule": Samples.campaign(#""trigger": { "schedule": { @"cron": "0 10 1 * *" } }"#),
        "inactivity": Samples.campaign(#""trigger": { "inactivity": { @"of": "purchase", "for": "P60D" } }"#),
        "exit": Samples.campaign(#""trigger": { "change": { "of": "tier" } }, "exit": { @"event": "purchase" }"#),
        "cooldown": Samples.campaign(#""trigger": { "event": "purchase" }, "reentry": { @"cooldown": "P30D" }"#),
        "campaignZone": Samples.campaign(#""trigger": { "event": "purchase" }, "zone": { @"fixed": "Asia/Shanghai" }"#),
        "goal": Samples.campaign(
            #""trigger": { "event": "purchase" }, "goal": { @"event": "purchase", "within": "P30D" }"#),
        "step":
            #"{ "campaigns": { "c": { "trigger": { "event": "purchase" }, "steps": [{ @"actions": [{ "send": "crm", "type": "t" }] }] } } }"#,
        "action":
            #"{ "campaigns": { "c": { "trigger": { "event": "purchase" }, "actions": [{ @"send": "crm", "type": "t" }] } } }"#,
    ]

    static let later = KeyTable.all.flatMap { table in table.later.keys.sorted().map { (table.schemaName, $0) } }

    @Test(arguments: later) func `refuses a key that is not built yet, and says what to do`(
        table: String, key: String
    ) throws {
        let known = try #require(KeyTable.all.first { $0.schemaName == table })
        let place = try #require(Self.places[table])
        expectFindings(
            in: place.replacing("@", with: "1️⃣\"\(key)\": {}, "),
            [
                .error(
                    "1️⃣", "rule.not-supported", "'\(key)' of \(known.noun) is not supported yet", help: known.later[key])
            ])
    }

    @Test(arguments: KeyTable.all.map(\.schemaName))
    func `refuses a key that no rule file has, and lists those there are`(
        table: String
    ) throws {
        let known = try #require(KeyTable.all.first { $0.schemaName == table })
        let place = try #require(Self.places[table])
        expectFindings(
            in: place.replacing("@", with: "1️⃣\"qqqqqqqqqqqq\": {}, "),
            [
                .error(
                    "1️⃣", "rule.unknown-key", "unknown key 'qqqqqqqqqqqq' in \(known.noun)",
                    help: "\(known.noun) may have \(known.keys.joined(separator: ", "))")
            ])
    }

    static let known = KeyTable.all.flatMap { table in table.keys.filter { $0.count > 3 }.map { (table.schemaName, $0) }
    }

    @Test(arguments: known) func `suggests the key that was meant`(table: String, key: String) throws {
        let known = try #require(KeyTable.all.first { $0.schemaName == table })
        let place = try #require(Self.places[table])
        // Two neighbours swapped: the commonest slip.
        var letters = Array(key)
        letters.swapAt(letters.count - 2, letters.count - 1)
        let slip = String(letters)
        guard slip != key else { return }
        expectFindings(
            in: place.replacing("@", with: "1️⃣\"\(slip)\": {}, "),
            [.error("1️⃣", "rule.unknown-key", "unknown key '\(slip)' in \(known.noun)", help: "did you mean '\(key)'?")])
    }

    @Test(arguments: KeyTable.all.map(\.schemaName)) func `accepts the file without the additional key`(
        table: String
    ) throws {
        let place = try #require(Self.places[table])
        expectFindings(in: place.replacing("@", with: ""), [])
    }

    @Test(arguments: KeyTable.all.map(\.schemaName)) func `no key is both there and not built yet`(table: String) throws
    {
        let known = try #require(KeyTable.all.first { $0.schemaName == table })
        #expect(known.keys.filter { known.later[$0] != nil } == [])
        #expect(Set(known.keys).count == known.keys.count)
    }
}
