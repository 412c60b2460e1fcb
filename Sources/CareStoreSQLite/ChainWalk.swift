import CareStore

/// A walk along a customer's chain of facts or decisions, from one to the one before it: it ends also where a damaged
/// chain leads back into itself.
///
/// Source: R. P. Brent, BIT 20 (1980) 176: a place is kept, at distances that double, and met again in a loop.
struct ChainWalk {
    private var kept: Int64 = 0
    private var steps = 0
    private var distance = 1

    /// Goes on to the row of that number. - Throws: ``StoreError/Code/unreadable`` in a loop.
    mutating func step(to number: Int64) throws {
        if number == kept { throw StoreError(.unreadable, "the chain of \(number) leads back into itself") }
        steps += 1
        guard steps == distance else { return }
        kept = number
        steps = 0
        distance *= 2
    }
}
