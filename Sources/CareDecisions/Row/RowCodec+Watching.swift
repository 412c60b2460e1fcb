import CareLogic
import CareValues

extension RowCodec {
    /// The watched values and what waits for its wall time: most customers have none, and no byte of it.
    static func encodeWatching(_ memory: Memory, into writer: inout ByteWriter) {
        writer.list(memory.watched) { state, writer in
            writer.bytes.append(state.kind.rawValue)
            writer.string(state.name)
            state.value.encode(into: &writer)
            writer.varint(UInt64(state.entered))
            writer.varint(UInt64(state.left))
        }
        writer.list(memory.delayed) { delayed, writer in
            encode(delayed.occurrence, into: &writer)
            writer.signed(delayed.firedAt.milliseconds)
        }
    }

    /// Reads what ``encodeWatching(_:into:)`` wrote.
    static func decodeWatching(into memory: inout Memory, from reader: inout ByteReader) throws {
        memory.watched = try reader.list { reader in
            guard let kind = WatchedState.Kind(rawValue: try reader.byte()) else { throw ByteDecodingError.malformed }
            return WatchedState(
                kind: kind, name: try reader.string(), value: try LogicValue.decode(from: &reader),
                entered: Int(truncatingIfNeeded: try reader.varint()),
                left: Int(truncatingIfNeeded: try reader.varint()))
        }
        memory.delayed = try reader.list { reader in
            DelayedOccurrence(
                occurrence: try decodeOccurrence(from: &reader),
                firedAt: Timestamp(milliseconds: try reader.signed()))
        }
    }
}
