import CareLogic
import CareValues

extension RowCodec {
    /// What pauses, approvals and goals leave in a memory: most customers have none of it, and no byte.
    static func hasTerms(_ memory: Memory) -> Bool {
        !memory.goals.isEmpty || !memory.overdue.isEmpty
            || memory.waiting.contains { $0.cause != .error || $0.pausedFor != 0 }
            || memory.entries.contains { entry in entry.pending.contains { $0.pausedFor != 0 } }
    }

    static func encodeTerms(_ memory: Memory, into writer: inout ByteWriter) {
        writer.list(memory.goals) { goal, writer in
            writer.string(goal.campaign)
            writer.string(goal.occurrence)
            writer.signed(goal.instant.milliseconds)
            writer.signed(goal.since.milliseconds)
            writer.object(goal.values)
        }
        writer.list(memory.overdue) { step, writer in
            writer.string(step.campaign)
            writer.string(step.occurrence)
            writer.string(step.step)
            writer.signed(step.due.milliseconds)
        }
        writer.list(memory.waiting) { waiting, writer in
            writer.bytes.append(waiting.cause.rawValue)
            writer.signed(waiting.pausedFor)
        }
        let paused = memory.entries.flatMap { entry in entry.pending.map(\.pausedFor) }
        writer.list(paused) { milliseconds, writer in writer.signed(milliseconds) }
    }

    /// Reads what ``encodeTerms(_:into:)`` wrote, after the lists it belongs to.
    static func decodeTerms(into memory: inout Memory, from reader: inout ByteReader) throws {
        memory.goals = try reader.list { reader in
            AwaitedGoal(
                campaign: try reader.string(), occurrence: try reader.string(),
                instant: Timestamp(milliseconds: try reader.signed()),
                since: Timestamp(milliseconds: try reader.signed()), values: try reader.object())
        }
        memory.overdue = try reader.list { reader in
            OverdueStep(
                campaign: try reader.string(), occurrence: try reader.string(), step: try reader.string(),
                due: Timestamp(milliseconds: try reader.signed()))
        }
        let causes = try reader.list { reader -> (WaitingOccurrence.Cause, Int64) in
            guard let cause = WaitingOccurrence.Cause(rawValue: try reader.byte()) else {
                throw ByteDecodingError.malformed
            }
            return (cause, try reader.signed())
        }
        guard causes.count == memory.waiting.count else { throw ByteDecodingError.malformed }
        for (index, (cause, pausedFor)) in causes.enumerated() {
            memory.waiting[index].cause = cause
            memory.waiting[index].pausedFor = pausedFor
        }
        var paused = try reader.list { try $0.signed() }[...]
        for entry in memory.entries.indices {
            for action in memory.entries[entry].pending.indices {
                guard let milliseconds = paused.popFirst() else { throw ByteDecodingError.malformed }
                memory.entries[entry].pending[action].pausedFor = milliseconds
            }
        }
        guard paused.isEmpty else { throw ByteDecodingError.malformed }
    }
}
