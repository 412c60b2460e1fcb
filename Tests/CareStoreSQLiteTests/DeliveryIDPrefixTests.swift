import CareStore
import CareValues
import Testing

@testable import CareStoreSQLite

@Suite struct DeliveryIDPrefixTests {
    @Test(arguments: UInt64(1)...20) func `finds an id by every beginning of its text`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let id = DeliveryID(high: random.next(), low: random.next())
        for length in 0...id.text.count {
            let range = try #require(DeliveryIDPrefix.range(String(id.text.prefix(length))))
            #expect(number(range.lowest) <= number(id) && number(id) <= number(range.highest))
            if length >= 4 { #expect(range.lowest.text.hasPrefix(id.text.prefix(length))) }
            if length >= 4 { #expect(range.highest.text.hasPrefix(id.text.prefix(length))) }
            // The next lower and higher ids begin otherwise.
            if length > 4, number(range.lowest) > 0 {
                #expect(!name(number(range.lowest) - 1).hasPrefix(id.text.prefix(length)))
            }
            if length > 4, number(range.highest) < .max {
                #expect(!name(number(range.highest) + 1).hasPrefix(id.text.prefix(length)))
            }
        }
    }

    @Test(arguments: ["x", "dlv-", "DLV_", "dlv_0", "dlv_1", "dlv_8", "dlv_é", "dlv_aaaaaaaaaaaaaaaaaaaaaaaaab"])
    func `finds nothing by what no id begins with`(prefix: String) {
        #expect(DeliveryIDPrefix.range(prefix) == nil)
    }

    private func number(_ id: DeliveryID) -> UInt128 {
        UInt128(id.high) << 64 | UInt128(id.low)
    }

    private func name(_ number: UInt128) -> String {
        DeliveryID(high: UInt64(number >> 64), low: UInt64(truncatingIfNeeded: number)).text
    }
}
