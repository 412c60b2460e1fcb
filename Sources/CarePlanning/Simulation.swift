import CareDecisions
import CareValues

/// What one customer would get in a period, if no new fact came.
public struct CustomerForecast: Sendable {
    /// The decisions in the order they would be taken. Of one key the last counts: an error may become an act.
    public var decisions: [Decision] = []
    /// What each of them rests on.
    public var bases: [PlanBasis] = []
    /// Campaigns that would be entered, by name, once for each entry.
    public var entered: [String] = []
    /// Occurrences whose `where` or condition would be false at entry, by campaign.
    public var notMatching: [String] = []

    /// Nothing would be decided.
    public init() {}
}

/// Runs a customer's future on a virtual clock: the same `decide` as live, told the time of each wake-up.
///
/// What needs approval is taken as approved: a plan is what is put before the person who approves. Belongs to one
/// thread, and is made once for many customers.
public struct Simulation {
    /// Decides.
    public let decider: Decider
    /// The period's first instant: the clock of the plan. What is overdue then is decided then.
    public let from: Timestamp
    /// The first instant after the period.
    public let until: Timestamp
    /// A customer that would be woken more often than this in one period is cut off: a defect, never a loop.
    public static let maximumWakeUps = 100_000

    /// The ticks that wake nobody; nil: there are none.
    private let ticks: TickCalendar?
    private let onlyCounts: Bool

    /// The future in `[from, until)`.
    ///
    /// - Parameter onlyCounts: whether decisions may come without what they order and rest on.
    public init(decider: Decider, from: Timestamp, until: Timestamp, onlyCounts: Bool = false) {
        self.decider = decider
        self.onlyCounts = onlyCounts
        self.from = from
        self.until = until
        ticks = decider.hasTicks ? TickCalendar(decider: decider, from: from, until: until) : nil
    }

    /// What `row`, which must be looked at next at `wakeUp`, would get in the period.
    ///
    /// - Parameters:
    ///   - assumed: facts that come in the period, by the time they are received at; each is a request.
    ///   - look: what is known of the customer in the period beforehand; nil: nothing.
    public func forecast(
        _ row: consuming CustomerRow, wakeUp: Timestamp?, assumed: [Fact] = [], look: PeriodLook? = nil
    ) -> CustomerForecast {
        var forecast = CustomerForecast()
        var row = row
        var notes = BasisNotes(row)
        // What waits for approval would be approved at once.
        let approved = row.memory.waiting.contains { $0.cause == .approval } ? min(wakeUp ?? from, from) : wakeUp
        guard !row.memory.factsAhead.isEmpty || !assumed.isEmpty else {
            var course = Course(
                decider, row, hasFacts: false, maximum: Simulation.maximumWakeUps, onlyCounts: onlyCounts)
            course.advance(wakeUp: approved, from: from, until: until, ticks: ticks, look: look)
            forecast.add(course.finish())
            for decision in forecast.decisions {
                forecast.bases.append(notes.basis(of: decision, decider))
            }
            return forecast
        }
        var next = earlier(approved, tick(of: row))
        var count = 0
        var rest = assumed[...]
        var instants = NextInstants()
        while count < Simulation.maximumWakeUps {
            count += 1
            let outcome: TouchOutcome
            let ahead = row.memory.factsAhead.count
            if let fact = rest.first, fact.receivedAt <= next ?? .distantFuture {
                rest.removeFirst()
                // A late event would need the stored ones after it; what is assumed comes as it happens.
                (row, outcome) = decider.touch(row, facts: [fact], clock: fact.receivedAt, approves: true)
                instants = NextInstants()
                notes.note(outcome, row, by: .assumed)
            } else {
                guard let instant = next, instant < until else { break }
                (row, outcome) = decider.touch(
                    row, clock: max(instant, from), approves: true, instants: &instants)
                if row.memory.factsAhead.count < ahead { notes.note(outcome, row, by: .known) }
            }
            forecast.add(outcome)
            for decision in outcome.decisions {
                forecast.bases.append(notes.basis(of: decision, decider))
            }
            next = earlier(outcome.wakeUp, tick(of: row))
        }
        return forecast
    }

    /// When a scan touches the customer next: at once where one that is due has not come by yet.
    private func tick(of row: CustomerRow) -> Timestamp? {
        guard let ticks else { return nil }
        if row.asOf < from, decider.hasTick(row, through: from) { return from }
        return ticks.next(after: max(row.asOf, from), row)
    }

    private func earlier(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }
}

extension CustomerForecast {
    /// Adds what one touch decided.
    public mutating func add(_ outcome: TouchOutcome) {
        if decisions.isEmpty { decisions = outcome.decisions } else { decisions += outcome.decisions }
        entered += outcome.entered
        notMatching += outcome.whereFalse
        notMatching += outcome.conditionFalse
    }
}

extension CustomerForecast {
    /// Adds what happens after this.
    public mutating func add(_ later: CustomerForecast) {
        if decisions.isEmpty, entered.isEmpty, notMatching.isEmpty {
            self = later
            return
        }
        // What was decided before without a ground of its own is of what was under way.
        while bases.count < decisions.count { bases.append(.running) }
        decisions += later.decisions
        bases += later.bases
        entered += later.entered
        notMatching += later.notMatching
    }
}
