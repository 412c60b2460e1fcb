import CareStoreConformance
import CareStoreSQLite
import Foundation
import Testing

@Suite struct ConformanceTests {
    @Test func `passes the store conformance suite`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "care-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var n = 0
        try exercise {
            n += 1
            return try SQLiteStore(path: folder.appending(path: "\(n).sqlite").path, access: .readWrite(owner: "test"))
        }
    }
}
