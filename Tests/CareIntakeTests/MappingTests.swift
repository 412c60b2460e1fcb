import CareValues
import Testing

@testable import CareIntake

@Suite struct MappingTests {
    static let findings: [(String, [String])] = [
        (#"[]"#, ["m.json:1:1: error: a mapping is one JSON object [map.wrong-type]"]),
        (#"{"colums": []}"#, ["m.json:1:2: error: unknown key 'colums' [map.unknown-key]"]),
        (#"{"attributes": {}}"#, ["m.json:1:2: error: unknown key 'attributes' [map.unknown-key]"]),
        (#"{"format": "xml"}"#, ["m.json:1:12: error: no format 'xml' [map.wrong-value]"]),
        (
            #"{"format": "jsonl", "header": true}"#,
            ["m.json:1:2: error: jsonl has no delimiter, header or columns [map.wrong-value]"]
        ),
        (
            #"{"delimiter": ",,"}"#,
            [#"m.json:1:15: error: delimiter is one ASCII character, "tab" or "blanks" [map.wrong-value]"#]
        ),
        (
            #"{"columns": ["a","a"]}"#,
            ["m.json:1:18: error: columns are different names, one for each column [map.wrong-value]"]
        ),
        (
            #"{"customer": 0}"#,
            ["m.json:1:14: error: a column's name, its position from 1, or an object [map.wrong-type]"]
        ),
        (
            #"{"customer": {"colum": "a"}}"#,
            [
                "m.json:1:14: error: no column: a name, or a position from 1 [map.missing-key]",
                "m.json:1:15: error: unknown key 'colum' [map.unknown-key]",
            ]
        ),
        (
            #"{"time": {"column": "t", "format": "yy"}}"#,
            ["m.json:1:36: error: this is no format of dates [map.wrong-value]"]
        ),
        (
            #"{"time": {"constant": "t"}}"#,
            ["m.json:1:23: error: a constant stands alone, and time has none [map.wrong-value]"]
        ),
        (
            #"{"properties": {"a": {"column": 1, "type": "nmber"}}}"#,
            ["m.json:1:44: error: no type 'nmber' [map.wrong-value]"]
        ),
        (
            #"{"properties": {"a": {"column": 1, "type": "list"}}}"#,
            ["m.json:1:44: error: a list needs a separator of one character [map.missing-key]"]
        ),
        (
            #"{"properties": {"a": {"column": 1, "format": "unix"}}}"#,
            ["m.json:1:46: error: a format needs a type [map.missing-key]"]
        ),
        (#"{"header": "no"}"#, ["m.json:1:12: error: header is true or false [map.wrong-type]"]),
    ]

    @Test(arguments: findings) func `names the place of every mistake`(_ text: String, _ expected: [String]) {
        let read = IntakeMapping.read(file: "m.json", bytes: Array(text.utf8), kind: .events)
        #expect(read.mapping == nil)
        #expect(read.diagnostics.map { $0.rendered().split(separator: "\n").first.map(String.init) ?? "" } == expected)
    }

    @Test(arguments: [
        ("id,type,time\nc1,p,2026-03-01\n", FileShape.delimited(.byte(44), hasHeader: true, columns: nil)),
        (#"{"id":"c1","type":"p","time":"2026-03-01"}"#, FileShape.jsonLines),
    ]) func `a column with a role has no other one by convention`(_ text: String, _ shape: FileShape) throws {
        let map = Array(#"{ "customer": "id" }"#.utf8)
        let mapping = try #require(IntakeMapping.read(file: "m", bytes: map, kind: .events).mapping)
        let lines = try read(text, shape: shape, mapping: mapping)
        #expect(lines.map { String($0.dropFirst(3)) } == ["c1 p 2026-03-01T00:00:00.000Z {}"])
    }

    @Test func `the same row always gets the same id, and only the same row`() {
        let time = Timestamp(seconds: 852_076_800)
        let row = EventIdentity(customer: "00004", type: "purchase", time: time, properties: ["a": .number(1)])
        #expect(
            row.id(number: 1)
                == EventIdentity(customer: "00004", type: "purchase", time: time, properties: ["a": .number(1)]).id(
                    number: 1))
        #expect(row.id(number: 1) != row.id(number: 2))
        let corrected = EventIdentity(customer: "00004", type: "purchase", time: time, properties: ["a": .number(2)])
        #expect(corrected.prefix == row.prefix)
        #expect(corrected.properties != row.properties)
        for other in [
            EventIdentity(customer: "00005", type: "purchase", time: time, properties: [:]),
            EventIdentity(customer: "00004", type: "refund", time: time, properties: [:]),
            EventIdentity(customer: "00004", type: "purchase", time: time.advanced(byMilliseconds: 1), properties: [:]),
        ] { #expect(other.prefix != row.prefix) }
        #expect(row.propertiesPart(of: corrected.id(number: 3)) == corrected.properties)
        #expect(row.propertiesPart(of: "o-17") == nil)
        // Later rows have later ids, so that the store's index grows at its end.
        let later = EventIdentity(
            customer: "00004", type: "purchase", time: Timestamp(seconds: 1_772_355_600), properties: [:])
        #expect(row.prefix < later.prefix)
    }
}
