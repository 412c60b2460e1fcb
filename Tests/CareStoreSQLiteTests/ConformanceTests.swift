import CareStoreConformance
import CareStoreSQLite
import Testing

@Suite struct ConformanceTests {
    @Test func `passes the store conformance suite`() throws {
        let folder = try Folder()
        var count = 0
        try exercise {
            count += 1
            return try folder.open("\(count).sqlite")
        }
    }
}
