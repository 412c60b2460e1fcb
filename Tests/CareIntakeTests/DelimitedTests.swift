import CareValues
import Testing

@testable import CareIntake

@Suite struct DelimitedTests {
    static let good = "customer,type,time,amount\nc1,purchase,2026-03-01T09:00:00Z,9.50\n"

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var expected: [String]
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "plain", text: good, expected: [#"2: c1 purchase 2026-03-01T09:00:00.000Z {"amount":"9.50"}"#]),
        Case(
            name: "CRLF, a byte order mark, no last line end",
            text: "\u{FEFF}customer,type,time\r\nc1,p,2026-03-01\r\nc2,p,2026-03-02",
            expected: ["2: c1 p 2026-03-01T00:00:00.000Z {}", "3: c2 p 2026-03-02T00:00:00.000Z {}"]),
        Case(
            name: "quotes, doubled quotes, delimiters and line ends inside",
            text:
                "customer,type,time,note\n\"c,1\",p,2026-03-01,\"he said \"\"no\"\"\nthen left\"\nc2,p,2026-03-01,\"\"\n",
            expected: [
                #"2: c,1 p 2026-03-01T00:00:00.000Z {"note":"he said \"no\"\nthen left"}"#,
                "4: c2 p 2026-03-01T00:00:00.000Z {}",
            ]),
        Case(
            name: "a quote inside an unquoted field is text",
            text: "customer,type,time,size\nc1,p,2026-03-01,5\" pipe\n",
            expected: [#"2: c1 p 2026-03-01T00:00:00.000Z {"size":"5\" pipe"}"#]),
        Case(
            name: "text behind a closing quote loses that line only",
            text: "customer,type,time\n\"c1\"x,p,2026-03-01\nc2,p,2026-03-01\n",
            expected: [
                "2: import.broken-line: text follows a closing quote", "3: c2 p 2026-03-01T00:00:00.000Z {}",
            ]),
        Case(
            name: "an open quote loses that line only",
            text: "customer,type,time\n\"c1,p,2026-03-01\nc2,p,2026-03-01\nc3,p,2026-03-01\n",
            expected: [
                "2: import.broken-line: a quote has no end", "3: c2 p 2026-03-01T00:00:00.000Z {}",
                "4: c3 p 2026-03-01T00:00:00.000Z {}",
            ]),
        Case(
            name: "an open quote that a later one closes loses its own line, and the other",
            text: "customer,type,time\nc1,p,\"2026-03-01\nc2,p,2026-03-01\nc3,\"p\",2026-03-01\n",
            expected: [
                "2: import.broken-line: text follows a closing quote", "3: c2 p 2026-03-01T00:00:00.000Z {}",
                "4: c3 p 2026-03-01T00:00:00.000Z {}",
            ]),
        Case(
            name: "another number of fields",
            text: "customer,type,time\nc1,p\nc2,p,2026-03-01,more\n\nc3,p,2026-03-01\n",
            expected: [
                "2: import.broken-line: 2 fields, the header has 3",
                "3: import.broken-line: 4 fields, the header has 3",
                "5: c3 p 2026-03-01T00:00:00.000Z {}",
            ]),
        Case(
            name: "no customer, no time, no type",
            text: "customer,type,time\n ,p,2026-03-01\nc1,p,\nc1,,2026-03-01\n",
            expected: [
                "2: import.no-customer customer: no customer id", "3: import.no-time time: no time",
                "4: import.unknown-type type: no event type",
            ]),
        Case(
            name: "no such day, both sides of the month's end",
            text: "customer,type,time\nc1,p,2026-02-28\nc1,p,2026-02-30\n",
            expected: [
                "2: c1 p 2026-02-28T00:00:00.000Z {}",
                "3: import.bad-date time \"2026-02-30\": no such day or time, or not of the form "
                    + "2026-03-01 or 2026-03-01T09:00:00Z",
            ]),
        Case(
            name: "a sentinel date is taken and flagged",
            text: "customer,type,time\nc1,p,1900-01-01\nc1,p,1900-01-02\n",
            expected: ["2: c1 p 1900-01-01T00:00:00.000Z {} sentinel time", "3: c1 p 1900-01-02T00:00:00.000Z {}"]),
        Case(
            name: "id and source by convention",
            text: "customer,type,time,id,source\nc1,p,2026-03-01,o-1,/pos\nc1,p,2026-03-01,,\n",
            expected: [
                "2: c1 p 2026-03-01T00:00:00.000Z id o-1 source /pos {}", "3: c1 p 2026-03-01T00:00:00.000Z {}",
            ]),
        Case(name: "an empty file", text: "", expected: []),
        Case(name: "a header alone", text: "customer,type,time\n", expected: []),
    ]

    @Test(arguments: cases) func `reads records and refuses single lines`(_ test: Case) throws {
        #expect(try read(test.text) == test.expected)
    }

    @Test(arguments: cases) func `reads the same in chunks of any size`(_ test: Case) throws {
        for size in [1, 2, 3, 7, 16] {
            #expect(try read(test.text, chunk: size) == test.expected, "chunks of \(size)")
        }
    }

    @Test func `reads files with runs of blanks and no header by position`() throws {
        let map = #"""
            { "delimiter": "blanks", "header": false, "columns": ["customer", "sample", "date", "units", "amount"],
              "type": { "constant": "purchase" }, "time": { "column": "date", "format": "yyyyMMdd" },
              "properties": { "units": { "column": 4, "type": "number" }, "amount": { "column": "amount", "type": "number" } } }
            """#
        let mapping = try #require(IntakeMapping.read(file: "m", bytes: Array(map.utf8), kind: .events).mapping)
        let text =
            " 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n 00005 0002 19970199  1 1.00\r\n"
        let shape = try #require(mapping.shape)
        #expect(
            try read(text, shape: shape, mapping: mapping) == [
                #"1: 00004 purchase 1997-01-01T00:00:00.000Z {"amount":29.33,"units":2}"#,
                #"2: 00004 purchase 1997-01-18T00:00:00.000Z {"amount":29.73,"units":2}"#,
                "3: import.bad-date date \"19970199\": no such day or time, or not of the form yyyyMMdd",
            ])
    }

    @Test func `bytes that are not UTF-8 refuse their line`() throws {
        let bytes =
            Array("customer,type,time,note\nc1,p,2026-03-01,".utf8) + [0xFF] + Array("\nc2,p,2026-03-01,ok\n".utf8)
        let result = try outcomes(
            bytes, kind: .events, shape: .delimited(.byte(44), hasHeader: true, columns: nil), mapping: IntakeMapping())
        #expect(
            result.map(described) == [
                "2: import.broken-line note: the text is not UTF-8", #"3: c2 p 2026-03-01T00:00:00.000Z {"note":"ok"}"#,
            ])
    }

    @Test func `says where a refused record stands in the file`() throws {
        let text = "customer,type,time\nc1,p,2026-03-01\nc2,p,never\n"
        let result = try outcomes(
            Array(text.utf8), kind: .events, shape: .delimited(.byte(44), hasHeader: true, columns: nil),
            mapping: IntakeMapping(), chunk: 5)
        guard case .refusal(let refusal)? = result.last else { return #expect(Bool(false), "no refusal") }
        let bytes = Array(text.utf8)
        let line = bytes[refusal.extent.offset..<(refusal.extent.offset + refusal.extent.length)]
        #expect(String(decoding: line, as: UTF8.self) == "c2,p,never")
    }

    @Test func `a record beyond the limit is refused and reading goes on`() throws {
        let long = String(repeating: "x", count: IntakeLimits.recordBytes)
        let text = "customer,type,time,note\nc1,p,2026-03-01,\"\(long)\nc2,p,2026-03-01,ok\n"
        let result = try read(text, chunk: 1 << 16)
        #expect(result.count == 2)
        #expect(result.last == #"3: c2 p 2026-03-01T00:00:00.000Z {"note":"ok"}"#)
    }

    @Test func `a column that is missing is said before anything is read`() throws {
        #expect {
            try read("custmer,type,time\nc1,p,2026-03-01\n")
        } throws: { error in
            (error as? IntakeProblem)
                == IntakeProblem(
                    code: "import.no-column",
                    message: "the file has no column 'customer'; it has 'custmer', 'type', 'time'",
                    help: "did you mean 'custmer'?")
        }
    }

    @Test func `customers take declared attributes, empty cells take a value away`() throws {
        let declared = DeclaredTypes(
            attribute: { ["tier": .text, "points": .number(decimalComma: false), "vip": .boolean][$0] },
            property: { _, _ in nil })
        let text = "id,tier,points,vip,shoe size\nc1,gold,12,yes,44\nc2,,x,no,44\nc3,,,maybe,\n"
        #expect(
            try read(text, kind: .customers, declared: declared) == [
                #"2: c1 {"points":12,"tier":"gold","vip":true}"#,
                "3: import.bad-number points \"x\": not a number",
                "4: import.bad-value vip \"maybe\": neither true nor false",
            ])
    }
}
