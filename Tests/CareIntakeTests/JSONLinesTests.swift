import CareValues
import Testing

@testable import CareIntake

@Suite struct JSONLinesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var kind = IntakeKind.events
        var line: String
        var expected: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "an event by convention",
            line:
                #"{"customer":"c1","type":"p","time":"2026-03-01T09:00:00+08:00","id":"o1","source":"/s","amount":9.5,"a":[1]}"#,
            expected: #"1: c1 p 2026-03-01T01:00:00.000Z id o1 source /s {"a":[1],"amount":9.5}"#),
        Case(
            name: "a numeric customer, properties inside",
            line: #"{"customer":17,"type":"p","time":"2026-03-01","properties":{"amount":1,"sku":"\u0041"}}"#,
            expected: #"1: 17 p 2026-03-01T00:00:00.000Z {"amount":1,"sku":"A"}"#),
        Case(
            name: "a customer by id", kind: .customers, line: #"{"id":17,"tier":"gold","points":null}"#,
            expected: #"1: 17 {"points":null,"tier":"gold"}"#),
        Case(
            name: "customer goes before id", kind: .customers, line: #"{"id":"x","customer":"c1","tier":"gold"}"#,
            expected: #"1: c1 {"tier":"gold"}"#),
        Case(name: "a list", line: "[1]", expected: "1: import.broken-line: not a JSON object"),
        Case(
            name: "not JSON", line: #"{"customer":"c1","#,
            expected: "1: import.broken-line: the text ends too early, at byte 18"),
        Case(
            name: "an empty id", line: #"{"customer":"","type":"p","time":"2026-03-01"}"#,
            expected: "1: import.no-customer customer: no customer id"),
        Case(
            name: "a customer that is no id", line: #"{"customer":{},"type":"p","time":"2026-03-01"}"#,
            expected: "1: import.no-customer customer: neither text nor a number"),
        Case(
            name: "a number for a time", line: #"{"customer":"c","type":"p","time":1772355600}"#,
            expected: "1: import.bad-date time \"1772355600\": no such day or time, or not of the form "
                + "2026-03-01 or 2026-03-01T09:00:00Z"),
        Case(
            name: "no time", line: #"{"customer":"c","type":"p"}"#, expected: "1: import.no-time time: no time"),
        Case(
            name: "an id that is too long",
            line: #"{"customer":"\#(String(repeating: "c", count: 257))","type":"p","time":"2026-03-01"}"#,
            expected: "1: import.no-customer customer: longer than 256 bytes"),
        Case(
            name: "of two members the last wins", line: #"{"customer":"c","type":"p","time":"2026-03-01","a":1,"a":2}"#,
            expected: #"1: c p 2026-03-01T00:00:00.000Z {"a":2}"#),
    ]

    @Test(arguments: cases) func `reads lines and refuses single ones`(_ test: Case) throws {
        #expect(try read(test.line, kind: test.kind, shape: .jsonLines) == [test.expected])
        let between = #"{"customer":"z","type":"p","time":"2026-03-01"}"#
        for size in [1, 5, 64] {
            let text = "\n" + test.line + "\r\n" + between
            let lines = try read(text, kind: test.kind, shape: .jsonLines, chunk: size)
            #expect(lines.count == 2)
            #expect(lines.first == "2" + test.expected.dropFirst())
        }
    }

    @Test func `a mapping names members, also inside of others, their formats and values`() throws {
        let map = #"""
            { "customer": "user.id", "type": { "column": "kind", "values": { "P": "purchase", "R": "refund" } },
              "time": { "column": "ts", "format": "unix" }, "id": "order",
              "properties": { "amount": { "column": "sum", "type": "number", "decimal": "," }, "shop": { "constant": "web" } } }
            """#
        let mapping = try #require(IntakeMapping.read(file: "m", bytes: Array(map.utf8), kind: .events).mapping)
        let text = #"""
            {"user":{"id":"c1"},"kind":"P","ts":1772355600.25,"order":7,"sum":"1.234,50"}
            {"user":{"id":"c1"},"kind":"X","ts":"1772355600","order":7}
            {"user":{"id":"c1"},"kind":"R","ts":"1772355600"}
            """#
        #expect(
            try read(text, shape: .jsonLines, mapping: mapping) == [
                #"1: c1 purchase 2026-03-01T09:00:00.250Z id 7 {"amount":1234.5,"shop":"web"}"#,
                "2: import.unknown-type kind \"X\": not among the mapping's values",
                "3: import.no-id order: no event id",
            ])
    }

    @Test func `declared dates are put into one form, others stay as they are`() throws {
        let declared = DeclaredTypes(
            attribute: {
                [
                    "born": .birthday, "since": .instant(.iso8601), "on": .date(.iso8601),
                    "n": .number(decimalComma: false),
                ][$0]
            },
            property: { _, _ in nil })
        #expect(
            try read(
                #"{"id":"c","since":"2026-03-01 10:00","on":"2026-03-01T10:00:00Z","born":"1970-01-01","n":"7","x":1}"#,
                kind: .customers, shape: .jsonLines, declared: declared) == [
                    #"1: c {"born":"1970-01-01","n":"7","on":"2026-03-01","since":"2026-03-01T10:00:00.000Z"} sentinel born"#
                ])
    }
}
