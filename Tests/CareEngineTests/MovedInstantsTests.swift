import CareCalendar
import CareDecisions
import CareLogic
import CarePlanning
import CareRules
import CareValues
import Testing

/// What the facts of one request make of instants, one after another; and of a row whose clock is ahead.
@Suite struct MovedInstantsTests {
    static let start = CaseMaker.start

    private static func decider(_ campaigns: String, _ attributes: String) throws -> Decider {
        let text = "{ \"attributes\": { \(attributes) }, \"campaigns\": { \(campaigns) } }"
        let candidate = try EngineWorld.candidate(text, .utc)
        return Decider(
            ActiveRules(
                rules: candidate.rules, epoch: 1, activatedAt: start.advanced(byMilliseconds: -90 * 86_400_000),
                starts: [:], projectZone: .utc, zones: EngineWorld.zones))
    }

    private static func fact(_ name: String, _ value: String, at time: Timestamp, receivedAt: Timestamp) -> Fact {
        .attributes(
            AttributeFact(values: [name: .string(value)], time: time, receivedAt: receivedAt, hasOwnTime: true))
    }

    private static func hours(_ hours: Int64) -> Timestamp { start.advanced(byMilliseconds: hours * 3_600_000) }

    @Test(arguments: ["", #", "every": "P1D""#], [[-24, -28 * 24], [-28 * 24, -24], [-28 * 24]])
    func `a silence is over when the last fact of a request says, in a replay too`(
        every: String, begins: [Int64]
    ) throws {
        let decider = try Self.decider(
            """
            "silent": { "trigger": { "inactivity": { "of": "purchase", "orSince": "signedUpAt", "for": "P30D"\(every) } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, #""signedUpAt": { "type": "instant" }"#)
        let facts = begins.enumerated().map { place, begin in
            Self.fact(
                "signedUpAt", Self.hours(begin).iso8601, at: Self.hours(Int64(place) - 10), receivedAt: Self.start)
        }
        // Before the silence that the younger date begins can be over.
        let end: Int64 = 25 * 24
        let until = Self.hours(end)
        let replayed = Replay(decider: decider, from: Self.start, until: until).run(customer: "c", facts: facts)
        var (row, outcome) = decider.touch(
            decider.newRow(customer: "c", asOf: Self.start), facts: facts, clock: Self.start)
        var live = outcome.decisions
        while let next = outcome.wakeUp, next < until {
            (row, outcome) = decider.touch(row, clock: next)
            live += outcome.decisions
        }
        #expect(replayed.decisions == live)
        // Thirty days after the last beginning that was said, and each day from then on.
        let first = 30 * 24 + (begins.last ?? 0)
        #expect(live.first?.now == (first < end ? Self.hours(first) : nil))
        #expect(live.count == (first >= end ? 0 : every.isEmpty ? 1 : Int((end - 1 - first) / 24) + 1))
        #expect(live.allSatisfy { $0.outcome == .act })
    }

    @Test(arguments: [(clock: 30, isDone: true), (clock: -50, isDone: false)])
    func `a first step waits for a clock that was set back behind its row`(clock: Int64, isDone: Bool) throws {
        let decider = try Self.decider(
            """
            "birthday": { "trigger": { "anniversary": { "of": "birthday", "at": "09:30" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, #""birthday": { "type": "birthday" }"#)
        let today = Zone.utc.startOfDay(Zone.utc.date(at: Self.start))
        let due = today.advanced(byMilliseconds: 34_200_000)
        // An hour after it fell due the row was looked at; the clock says so many minutes from then.
        let row = decider.newRow(customer: "c", asOf: due.advanced(byMilliseconds: 3_600_000))
        let now = due.advanced(byMilliseconds: clock * 60_000)
        let born = Zone.utc.date(at: due).components
        let date = try #require(CivilDate(year: born.year - 30, month: born.month, day: born.day))
        let fact = Self.fact("birthday", date.text, at: now, receivedAt: now)
        let (after, outcome) = decider.touch(row, facts: [fact], clock: now)
        #expect(outcome.decisions.map(\.outcome) == (isDone ? [.act] : []))
        guard !isDone else { return }
        // Not before the row's own clock.
        #expect(decider.touch(after, clock: after.asOf).outcome.decisions.map(\.outcome) == [.act])
    }
}
