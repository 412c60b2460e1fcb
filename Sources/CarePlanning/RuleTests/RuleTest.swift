import CareDecisions
import CareRules
import CareValues

/// A rule test: customers, what happens to them over virtual time, and what must be decided.
package struct RuleTest: Sendable {
    /// A customer as it is when the test begins.
    package struct Customer: Sendable {
        var id: String
        /// Its attributes; nil: nobody has heard of it yet.
        var attributes: JSONObject?
    }

    /// What a line tells of a customer.
    enum Deed: Sendable {
        /// An event happens; `happened` nil: now. Without an id it is another one than all before.
        case event(type: String, source: String, id: String?, properties: JSONObject, happened: Timestamp?)
        /// Attributes become so; `since` nil: now.
        case set(JSONObject, since: Timestamp?)
        /// A campaign with an `api` trigger is called; without a key it is another call than all before.
        case call(campaign: String, key: String?, properties: JSONObject)
    }

    /// What happens at one instant.
    enum Happening: Sendable {
        /// Time passes.
        case nothing
        /// One request of one customer, with everything it brings.
        case request(customer: String, [Deed])
        /// Other rules are activated.
        case activation(RuleSet)
        /// The service does not run until that instant; then it makes one pass.
        case sleep(until: Timestamp)
    }

    /// One line of the story.
    struct Line: Sendable {
        /// When it happens.
        var at: Timestamp
        /// The line of the file it begins in.
        var line: Int
        /// What happens.
        var happening: Happening
        /// What is decided then, and nothing else; nil: nothing, as with an empty list.
        var expected: [Expectation]
    }

    /// One decision that must be taken, or one look at a customer that must lead to none.
    struct Expectation: Sendable {
        /// What must come of it.
        enum Outcome: Sendable, Hashable {
            /// A decision.
            case decision(CareDecisions.Outcome, Reason?)
            /// No entry and no row: the trigger's `where` was false.
            case whereFalse
            /// No entry and no row: the campaign's condition was false.
            case conditionFalse
        }
        var customer: String
        /// The campaign's name, as the test writes it.
        var campaign: String
        /// Its identity, which decisions carry.
        var identity: String
        /// nil: at entry, or the only step.
        var step: String?
        /// nil: any action of the step.
        var action: String?
        var outcome: Outcome
        /// The destination; nil: any.
        var destination: String?
        /// The address; nil: any.
        var address: String?
        /// The message type; nil: any.
        var type: String?
        /// The whole of the message's data; nil: any.
        var data: JSONValue?
        /// Members that the message's data must have, beside others; nil: any.
        var dataIncludes: JSONObject?
        /// The line of the file it stands in.
        var line: Int
    }

    /// Its name, unique in its file.
    package var name: String
    /// The line of the file its name stands in.
    package var line: Int
    /// The rules it begins under.
    var rules: RuleSet
    /// The campaigns it is about, which are the only ones; nil: all.
    var campaigns: [String]?
    /// The project's zone.
    var zone: Zone
    /// The activation of the rules, and what the customers' clocks read.
    var start: Timestamp
    /// How often the service looks, in milliseconds; nil: whenever something is due.
    var ticks: Int64?
    var customers: [Customer]
    /// What happened before the start, as an import brings it.
    var history: [(customer: String, time: Timestamp, deed: Deed)]
    var story: [Line]
}

/// The tests of one file.
package struct RuleTestFile: Sendable {
    /// The file's name as the user gave it.
    package var file: String
    /// Its tests in the order of the file.
    package var tests: [RuleTest]
}

extension RuleTest.Expectation {
    /// `win-back/hello`, with the action where one is named.
    var subject: String {
        ([campaign] + [step, action].compactMap { $0 }).joined(separator: "/")
    }

    /// `suppress frequency_cap`, `none where`.
    var outcomeText: String {
        switch outcome {
        case .decision(let outcome, let reason): outcome.rawValue + (reason.map { " " + $0.rawValue } ?? "")
        case .whereFalse: "none where"
        case .conditionFalse: "none condition"
        }
    }
}

/// The keys of a rule-test file; a test holds them against `docs/schema/rule-tests.schema.json`.
package struct RuleTestKeys: Sendable {
    /// What such an object is called in a sentence.
    package let noun: String
    /// Its definition in the JSON Schema.
    package let schemaName: String
    /// The keys it may have.
    package let keys: [String]

    /// The root.
    package static let file = RuleTestKeys(
        noun: "a file of rule tests", schemaName: "file",
        keys: ["$schema", "description", "timeZone", "campaigns", "customers", "cutPoints", "tests"])
    /// One of `tests`.
    package static let test = RuleTestKeys(
        noun: "a test", schemaName: "test",
        keys: ["description", "timeZone", "campaigns", "start", "ticks", "customers", "cutPoints", "history", "story"])
    /// One line of `story`.
    package static let line = RuleTestKeys(
        noun: "a line of a story", schemaName: "line",
        keys: [
            "at", "note", "customer", "event", "set", "call", "with", "id", "source", "key", "happened", "facts",
            "activate", "sleepUntil", "expect",
        ])
    /// One of `facts`.
    package static let fact = RuleTestKeys(
        noun: "a fact", schemaName: "fact",
        keys: ["event", "set", "call", "with", "id", "source", "key", "happened"])
    /// One of `history`.
    package static let past = RuleTestKeys(
        noun: "a line of the history", schemaName: "past",
        keys: ["at", "note", "customer", "event", "set", "with", "id", "source"])
    /// One of `expect` written as an object.
    package static let expectation = RuleTestKeys(
        noun: "an expectation", schemaName: "expectation",
        keys: ["decision", "customer", "send", "to", "type", "data", "dataIncludes"])

    /// All of them.
    package static let all: [RuleTestKeys] = [.file, .test, .line, .fact, .past, .expectation]
}
