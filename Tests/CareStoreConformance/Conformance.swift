import CareStore
import CareValues
import Testing

/// The one suite that every store must pass.
///
/// `make` gives a new empty store each time it is called, open for writing.
public func exercise(_ make: () throws -> any CareStore) throws {
    try exerciseCustomers(make)
}

/// Runs `body` on a new store and closes it.
func with(_ make: () throws -> any CareStore, _ body: (any CareStore) throws -> Void) throws {
    let store = try make()
    try body(store)
    try store.close()
}

func exerciseCustomers(_ make: () throws -> any CareStore) throws {
    try with(make) { store in
        try store.write { try $0.save(id: "a", wakeUp: nil, epoch: 1, row: [1], expectedVersion: 0) }
        #expect(try store.read { try $0.customer("a")?.row } == [1])
    }
}
