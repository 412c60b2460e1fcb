import CareLogic
import CareRules
import CareValues
import Foundation
import Testing

/// The rule files in `rules/`.
struct ShippedRulesTests {
    @Test func `check clean against the shipped environment`() throws {
        let environment = try #require(JSONValue(jsonText: try ProjectFiles.text("care.json")))
        guard case .object(let root) = environment, case .object(let destinations)? = root["destinations"] else {
            Issue.record("care.json has no destinations")
            return
        }
        let result = RuleSetLoader.load(try ProjectFiles.rules(), destinations: Set(destinations.members.map(\.name)))
        #expect(result.diagnostics.rendered() == "")
        #expect(result.ruleSet != nil)
    }

    @Test func `are the campaigns a care team runs`() throws {
        let ruleSet = try #require(RuleSetLoader.load(try ProjectFiles.rules(), destinations: nil).ruleSet)
        #expect(
            ruleSet.campaigns.map(\.name) == [
                "birthday", "birthday-vip", "complaint-aftercare", "complaint-care", "first-purchase",
                "first-purchase-anniversary", "membership-anniversary", "nps-detractor", "promoter-referral",
                "tier-downgrade-rescue", "tier-upgrade", "vip-follow-up", "win-back",
            ])
    }

    @Test func `each campaign says what it is for, and is found by a tag`() throws {
        let ruleSet = try #require(RuleSetLoader.load(try ProjectFiles.rules(), destinations: nil).ruleSet)
        for campaign in ruleSet.campaigns {
            #expect(campaign.description.count > 30, "\(campaign.name)")
            #expect(!campaign.tags.isEmpty, "\(campaign.name)")
        }
    }

    @Test func `together they use the kinds of trigger that most shops need`() throws {
        let ruleSet = try #require(RuleSetLoader.load(try ProjectFiles.rules(), destinations: nil).ruleSet)
        var kinds: Set<String> = []
        for campaign in ruleSet.campaigns {
            switch campaign.trigger {
            case .event: kinds.insert("event")
            case .change: kinds.insert("change")
            case .anniversary: kinds.insert("anniversary")
            case .inactivity: kinds.insert("inactivity")
            default: break
            }
        }
        #expect(kinds == ["event", "change", "anniversary", "inactivity"])
    }

    @Test func `point editors at the schema`() throws {
        for source in try ProjectFiles.rules() {
            let document = try JSONDocument(file: source.file, bytes: source.bytes)
            #expect(document.root["$schema"]?.string == "../docs/schema/rules.schema.json", "\(source.file)")
        }
    }
}
