import CareValues
import Testing

/// What the values of one fact may be, so that they can be read back.
@Suite struct FactLimitsTests {
    /// An object that stands `depth` deep, itself counted.
    private static func nested(_ depth: Int) -> JSONObject {
        var value = JSONValue.number(1)
        for _ in 1..<depth { value = .array([value]) }
        return ["a": value]
    }

    @Test(arguments: [(1, true), (63, true), (64, true), (65, false), (300, false)])
    func `values are nested so deep and no deeper`(depth: Int, isWithin: Bool) {
        #expect(Self.nested(depth).isWithinDepth == isWithin)
    }

    @Test func `empty lists and objects count as a level`() {
        #expect((["a": .object([:])] as JSONObject).isWithinDepth)
        var value = JSONValue.array([])
        for _ in 0..<62 { value = .array([value]) }
        #expect((["a": value] as JSONObject).isWithinDepth)
        #expect(!(["a": .array([value])] as JSONObject).isWithinDepth)
    }

    @Test(arguments: [(190_649, true), (190_650, false)])
    func `a short number counts with all the digits it is stored with`(count: Int, isWithin: Bool) {
        let object: JSONObject = ["a": .array([JSONValue](repeating: .number(1e20), count: count))]
        #expect((CanonicalJSON.bytes(.object(object)).count <= FactLimits.bytes) == isWithin)
        #expect(object.isWithinBytes == isWithin)
    }

    @Test(arguments: [(FactLimits.bytes - 8, true), (FactLimits.bytes - 7, false)])
    func `text counts as it is written`(count: Int, isWithin: Bool) {
        #expect((["a": .string(String(repeating: "x", count: count))] as JSONObject).isWithinBytes == isWithin)
    }

    @Test func `all that is within can be read back, also inside something larger`() throws {
        var value = JSONValue.object(Self.nested(FactLimits.depth))
        for _ in 0..<20 { value = ["a": value] }
        #expect(JSONValue(storedText: value.canonicalText) == value)
        #expect(JSONValue(jsonText: value.canonicalText) == nil)
        #expect(JSONValue(storedText: "{") == nil)
    }
}
