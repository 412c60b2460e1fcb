import CareLogic
import CareRules
import CareValues
import Testing

/// What a good rule file becomes.
struct ReadingTests {
    @Test func `a campaign with every key`() throws {
        let campaign = try Samples.onlyCampaign(
            """
            { "campaigns": { "c": {
              "description": "words", "tags": ["x", "y"], "priority": -3, "maxLateness": "P5D",
              "trigger": { "event": ["purchase", "visit"], "where": { ">": [{ "var": "event.amount" }, 5] } },
              "condition": { "segment": "vip" },
              "exit": [{ "event": "gone", "where": { "==": [{ "var": "event.id" }, { "var": "entry.id" }] } }, { "condition": { "var": "optedOut" } }],
              "reentry": { "cooldown": "P1M", "since": "act" }, "entryKey": { "var": "event.items" },
              "steps": [
                { "actions": [{ "send": "crm", "type": "t" }] },
                { "name": "late", "after": "PT90M", "at": "10:30", "condition": { ">": [{ "var": "purchases" }, 1] },
                  "actions": [{ "name": "x", "send": "tasks", "type": "u", "to": { "var": "name" }, "audience": "staff", "condition": { "var": "optedOut" }, "data": { "a": 1 } }] },
                { "name": "last", "sinceEntry": "P7D", "actions": [{ "send": "crm", "type": "v" }] }
              ] } } }
            """)
        #expect(campaign.name == "c")
        #expect(campaign.description == "words")
        #expect(campaign.tags == ["x", "y"])
        #expect(campaign.priority == -3)
        #expect(campaign.maxLateness == .within(ISODuration(days: 5)))
        #expect(campaign.reentry == .cooldown(ISODuration(months: 1), since: .act))
        #expect(campaign.entryKey != nil && campaign.condition != nil && campaign.triggerWhere != nil)
        guard case .event(let types) = campaign.trigger else {
            Issue.record("no event")
            return
        }
        #expect(types == ["purchase", "visit"])
        #expect(campaign.exits.count == 2)
        guard case .event(let exitTypes, let narrowed) = campaign.exits[0], case .condition = campaign.exits[1] else {
            Issue.record("other exits")
            return
        }
        #expect(exitTypes == ["gone"])
        #expect(narrowed != nil)
        #expect(campaign.steps.map(\.name) == ["1", "late", "last"])
        #expect(
            campaign.steps.map(\.wait) == [
                .none, .after(ISODuration(milliseconds: 5_400_000)), .sinceEntry(ISODuration(days: 7)),
            ])
        #expect(campaign.steps[1].at == LocalTime(text: "10:30"))
        #expect(campaign.steps[1].condition != nil)
        let action = campaign.steps[1].actions[0]
        #expect(action.name == "x")
        #expect(action.destination == "tasks")
        #expect(action.type == "u")
        #expect(action.audience == .staff)
        #expect(action.to != nil && action.condition != nil)
        #expect(campaign.steps[0].actions[0].name == "1")
        #expect(campaign.steps[0].actions[0].audience == .customer)
    }

    @Test func `a campaign with actions is one step without a wait`() throws {
        let campaign = try Samples.onlyCampaign(Samples.campaign(#""trigger": { "event": "purchase" }"#))
        #expect(campaign.steps.map(\.name) == ["1"])
        #expect(campaign.steps[0].wait == .none)
        #expect(campaign.reentry == .always)
        #expect(campaign.maxLateness == nil)
        #expect(campaign.exits.isEmpty)
        #expect(campaign.tags == [])
        #expect(campaign.priority == 0)
    }

    static let reentries: [(String, Reentry)] = [
        (#""always""#, .always), (#""once""#, .once), (#""afterExit""#, .afterExit),
        (#"{ "cooldown": "P30D" }"#, .cooldown(ISODuration(days: 30), since: .entry)),
        (#"{ "cooldown": "PT2H", "since": "entry" }"#, .cooldown(ISODuration(milliseconds: 7_200_000), since: .entry)),
    ]

    @Test(arguments: reentries) func `reads re-entry`(text: String, expected: Reentry) throws {
        let campaign = try Samples.onlyCampaign(
            Samples.campaign(#""trigger": { "event": "purchase" }, "reentry": \#(text)"#))
        #expect(campaign.reentry == expected)
    }

    @Test func `lateness without end`() throws {
        let campaign = try Samples.onlyCampaign(
            Samples.campaign(#""trigger": { "event": "purchase" }, "maxLateness": "none""#))
        #expect(campaign.maxLateness == .unlimited)
    }

    @Test func `an anniversary takes the time of the policies, offsets and the leap day`() throws {
        let text = """
            { "policies": { "at": "07:30" }, "campaigns": { "c": {
              "trigger": { "anniversary": { "of": "birthday", "offset": ["-P7D", "P0D", "P1M"], "leapDay": "skip", "calendar": "own" } },
              "actions": [{ "send": "crm", "type": "t" }] } } }
            """
        let campaign = try Samples.onlyCampaign(text)
        guard case .anniversary(let trigger) = campaign.trigger else {
            Issue.record("no anniversary")
            return
        }
        #expect(trigger.at == LocalTime(text: "07:30"))
        #expect(trigger.offsets == [ISODuration(days: -7), .zero, ISODuration(months: 1)])
        #expect(trigger.leapDay == .skip)
        #expect(trigger.name == "birthday")
        let ruleSet = try #require(Samples.load(Samples.base, text).ruleSet)
        #expect(ruleSet.defaultAt == LocalTime(text: "07:30"))
        #expect(trigger.of == .attribute(try #require(ruleSet.schema.attributeIndex("birthday"))))
    }

    @Test func `a change of a tier and of a trait`() throws {
        let campaign = try Samples.onlyCampaign(
            Samples.campaign(
                #""trigger": { "change": { "of": "tier", "from": ["gold", null], "to": "silver", "direction": "down" } }"#
            ))
        guard case .change(let trigger) = campaign.trigger else {
            Issue.record("no change")
            return
        }
        #expect(trigger.from == [.string("gold"), .missing])
        #expect(trigger.to == [.string("silver")])
        #expect(trigger.direction == .down)

        let other = try Samples.onlyCampaign(
            Samples.campaign(#""trigger": { "change": { "of": "purchases", "to": 10 } }"#))
        guard case .change(let trait) = other.trigger, case .trait = trait.of else {
            Issue.record("no change of a trait")
            return
        }
        #expect(trait.from == nil)
        #expect(trait.to == [.number(10)])
    }

    @Test func `inactivities over the same types share one hidden trait`() throws {
        let text = """
            { "campaigns": {
              "a": { "trigger": { "inactivity": { "of": ["purchase", "visit"], "for": "P60D" } }, "actions": [{ "send": "crm", "type": "t" }] },
              "b": { "trigger": { "inactivity": { "of": ["visit", "purchase"], "for": "P90D", "at": "10:00" } }, "actions": [{ "send": "crm", "type": "t" }] },
              "c": { "trigger": { "inactivity": { "of": "purchase", "for": "P90D" } }, "actions": [{ "send": "crm", "type": "t" }] } } }
            """
        let ruleSet = try #require(Samples.load(Samples.base, text).ruleSet)
        let traits = ruleSet.campaigns.compactMap { campaign -> Int? in
            guard case .inactivity(let trigger) = campaign.trigger else { return nil }
            return trigger.lastTrait
        }
        #expect(traits.count == 3)
        #expect(traits[0] == traits[1] && traits[0] != traits[2])
        for index in traits { #expect(ruleSet.schema.traits[index].isHidden) }
        guard case .inactivity(let timed) = ruleSet.campaigns[1].trigger else { return }
        #expect(timed.at == LocalTime(text: "10:00"))
        #expect(timed.duration == ISODuration(days: 90))
    }
}
