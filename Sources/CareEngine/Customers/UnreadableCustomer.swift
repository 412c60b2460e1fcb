import CareStore
import CareValues

/// A customer of whom something stored cannot be read: by where it stands in the store, never by whom it is.
public struct UnreadableCustomer: Error, Sendable, Hashable {
    /// The number of the customer's row in the store.
    public var place: Int64
    /// What cannot be read; no customer data.
    public var detail: String

    /// After that long it is looked at again, in milliseconds: somebody may have repaired it.
    static let pauseMilliseconds: Int64 = 3_600_000

    /// What cannot be read when `error` is about one customer; nil: it is about more.
    package static func detail(of error: any Error) -> String? {
        switch error {
        case EngineError.unreadableRow, is ByteDecodingError: "the row cannot be decoded"
        case let error as StoreError where error.code == .unreadable: error.message
        default: nil
        }
    }

    /// Whether `error`, thrown while one customer was looked at, says that something stored of that one cannot be read:
    /// who looks at many leaves it out and counts it.
    package static func isCause(of error: any Error) -> Bool { detail(of: error) != nil }
}
