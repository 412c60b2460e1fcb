import CareStore
import CareStoreSQLite
import Foundation

/// A temporary folder, removed with its last owner.
final class Folder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "care-store-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String = "care.sqlite") -> String {
        url.appending(path: name).path
    }

    func open(_ name: String = "care.sqlite") throws -> SQLiteStore {
        try SQLiteStore(path: path(name), access: .readWrite(owner: "care test"))
    }

    func bytes(_ name: String = "care.sqlite") throws -> Data {
        try Data(contentsOf: url.appending(path: name))
    }

    /// The names of the files in the folder, sorted.
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
    }
}

/// The `StoreError` that `body` throws, or nil.
func storeErrorThrown(_ body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError
    }
}
