import CareLogic
import CareValues

/// What the columns of one block say of its customers in a sieve's period: a row of bits for each.
///
/// A condition that moves with the local date alone is asked at several instants of the period, so that each date of it is
/// asked about; only who does not match on any of them is said not to match.
public struct PeriodAnswers: ~Copyable {
    /// What is asked, and where in a customer's row the answers lie: first, by place among the timed campaigns, whether none
    /// of its instants lies in the period; then, by campaign, whether it does not match.
    struct Questions: Sendable {
        let program: BatchProgram
        let timedCount: Int
        /// How many words a row has.
        let words: Int
        /// The bit of each answer.
        let bits: [Int]
        /// What moves with the date.
        let byDay: ByDay

        /// - Parameters:
        ///   - bits: by answer of `program`: its bit.
        ///   - moving: the answers that move with the date.
        init(
            _ program: BatchProgram, bits: [Int], moving: [Int], timedCount: Int, campaignCount: Int,
            from: Timestamp, until: Timestamp
        ) {
            self.program = program
            self.bits = bits
            self.timedCount = timedCount
            words = (timedCount + campaignCount + 63) / 64
            byDay = ByDay(moving, of: program, from: from, until: until)
        }
    }

    /// The conditions that move with the date.
    struct ByDay: Sendable {
        /// A period longer than this is not asked about by days: few would not match on all of them.
        private static let longest: Int64 = 7 * 86_400_000
        /// How far instants lie apart: closer than the beginnings of local dates, of which the shortest lack an hour or two.
        /// Clocks are put on by a day, or back over midnight, where a date begins; one that were put back after it has begun
        /// would show that date too briefly.
        private static let step: Int64 = 12 * 3_600_000

        /// By answer of the sieve's program: its place among those of ``program``; -1: it does not move.
        let places: [Int]
        /// The same program, of them alone.
        let program: BatchProgram
        /// The instants of the period at which they are asked, after its first.
        let instants: [Timestamp]

        init(_ answers: [Int], of program: BatchProgram, from: Timestamp, until: Timestamp) {
            var places = [Int](repeating: -1, count: program.conditions.count)
            for (place, answer) in answers.enumerated() { places[answer] = place }
            self.places = places
            self.program = program.narrowed(to: answers)
            var instants: [Timestamp] = []
            var next = from.advanced(byMilliseconds: Self.step)
            while !answers.isEmpty, next < until {
                instants.append(next)
                next = next.advanced(byMilliseconds: Self.step)
            }
            let last = until.advanced(byMilliseconds: -1)
            if !answers.isEmpty, last > from, instants.last != last { instants.append(last) }
            self.instants = instants
        }

        /// Whether a period is short enough to be asked about so.
        static func canAsk(from: Timestamp, until: Timestamp) -> Bool {
            until.milliseconds(since: from) <= longest
        }
    }

    /// The room for a later instant; each keeps what its clock has fixed.
    private final class Room {
        var scratch: BatchScratch

        init(_ program: BatchProgram) { scratch = BatchScratch(for: program) }
    }

    /// As many instants as a plan of one day asks about have a room each; those of longer periods share them.
    private static let roomCount = 3

    private let questions: Questions
    private var scratch: BatchScratch
    private let rooms: [Room]
    /// By customer of the block its row of bits.
    private var rows: [UInt64]
    /// By answer that moves with the date, a byte for each customer: whether it is yes now and at each later instant.
    private var throughout: [UInt8]

    init(_ questions: Questions) {
        self.questions = questions
        scratch = BatchScratch(for: questions.program)
        rooms = (0..<min(Self.roomCount, questions.byDay.instants.count)).map { _ in Room(questions.byDay.program) }
        rows = [UInt64](repeating: 0, count: ColumnBlock.capacity * questions.words)
        throughout = [UInt8](
            repeating: 0, count: ColumnBlock.capacity * questions.byDay.program.conditions.count)
    }

    /// Asks about another block, which is as of the period's first instant.
    public mutating func ask(_ block: ColumnBlock) {
        questions.program.evaluate(block, &scratch) { _ in nil }
        askThroughout(block)
        // Taken out, so that pointers into it are not pointers into what is read beside.
        var rows: [UInt64] = []
        swap(&rows, &self.rows)
        rows.withUnsafeMutableBufferPointer { rows in
            guard let start = rows.baseAddress else { return }
            rows.update(repeating: 0)
            for (answer, bit) in questions.bits.enumerated() {
                let place = questions.byDay.places[answer]
                if place < 0 {
                    questions.program.withAnswers(to: answer, scratch) { spread($0, block.count, to: bit, of: start) }
                } else {
                    throughout.withUnsafeBufferPointer { answers in
                        guard let first = answers.baseAddress else { return }
                        spread(first + place * ColumnBlock.capacity, block.count, to: bit, of: start)
                    }
                }
            }
        }
        swap(&rows, &self.rows)
    }

    /// Asks what moves with the date at each later instant too.
    private mutating func askThroughout(_ block: ColumnBlock) {
        let byDay = questions.byDay
        var throughout: [UInt8] = []
        swap(&throughout, &self.throughout)
        throughout.withUnsafeMutableBufferPointer { answers in
            guard let start = answers.baseAddress else { return }
            for (answer, place) in byDay.places.enumerated() where place >= 0 {
                questions.program.withAnswers(to: answer, scratch) {
                    (start + place * ColumnBlock.capacity).update(from: $0, count: block.count)
                }
            }
            for (number, instant) in byDay.instants.enumerated() {
                let room = rooms[number % rooms.count]
                byDay.program.evaluate(block.asOf(instant), &room.scratch) { _ in nil }
                for place in byDay.program.conditions.indices {
                    let kept = start + place * ColumnBlock.capacity
                    byDay.program.withAnswers(to: place, room.scratch) { masks in
                        for row in 0..<block.count { kept[row] &= masks[row] }
                    }
                }
            }
        }
        swap(&throughout, &self.throughout)
    }

    /// Puts answers, 0 or 1 for each customer, into their rows.
    private func spread(
        _ masks: UnsafePointer<UInt8>, _ count: Int, to bit: Int, of rows: UnsafeMutablePointer<UInt64>
    ) {
        let (first, shift, words) = (rows + bit / 64, UInt64(bit % 64), questions.words)
        for row in 0..<count { first[row &* words] |= UInt64(masks[row]) &<< shift }
    }

    /// What is known of a customer of the block.
    public func look(at position: Int) -> PeriodLook {
        let start = position * questions.words
        return PeriodLook(words: rows[start..<(start + questions.words)], timedCount: questions.timedCount)
    }

    /// Whether none of the instants of a timed campaign lies in the period.
    ///
    /// - Parameter place: among the decider's timed campaigns.
    func isFree(place: Int, at position: Int) -> Bool { isSet(place, at: position) }

    /// Whether a customer does not match a campaign, in the whole period.
    func isFalse(campaign: Int, at position: Int) -> Bool { isSet(questions.timedCount + campaign, at: position) }

    private func isSet(_ bit: Int, at position: Int) -> Bool {
        rows[position * questions.words + bit / 64] >> UInt64(bit % 64) & 1 != 0
    }
}

/// What is known of a customer in a period without facts before it is run through, by columns: what cannot fall due, and
/// who does not match.
public struct PeriodLook: Sendable {
    /// The customer's row of ``PeriodAnswers``.
    fileprivate let words: ArraySlice<UInt64>
    fileprivate let timedCount: Int

    /// Whether none of the instants of the timed campaign at `place` lies in the period.
    func isFree(place: Int) -> Bool { isSet(place) }

    /// Whether a campaign's `where` or its condition is false in the whole period; else that is to be asked.
    func isFalse(campaign: Int) -> Bool { isSet(timedCount + campaign) }

    private func isSet(_ bit: Int) -> Bool {
        words[words.startIndex + bit / 64] >> UInt64(bit % 64) & 1 != 0
    }
}
