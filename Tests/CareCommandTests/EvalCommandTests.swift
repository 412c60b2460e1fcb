import Testing

@testable import care

/// `care eval` as a user runs it.
struct EvalCommandTests {
    @Test(arguments: [
        (#"eval {"<":[{"var":"x"},3]} --data {"x":1}"#, #"{"result":true}"#),
        (#"eval {"<":[{"var":"a.b"},3]} --data {"a":{"b":5}}"#, #"{"result":false}"#),
        // Missing is missing in rule files, and 0 in plain JsonLogic.
        (#"eval {"<":[{"var":"x"},3]}"#, #"{"result":null}"#),
        (#"eval {"<":[{"var":"x"},3]} --dialect jsonlogic"#, #"{"result":true}"#),
        (#"eval {"days_since":[{"var":"d"}]} --data {"d":"2026-09-01"} --at 2026-09-21"#, #"{"result":20}"#),
        (#"eval {"in":["b",{"var":"l"}]} --data {"l":["a","b"]}"#, #"{"result":true}"#),
        (#"eval {"var":"customer.id"} --data {"customer":{"id":"c1"}}"#, #"{"result":"c1"}"#),
    ]) func `gives the result of one expression`(line: String, answer: String) async throws {
        let result = await try World().care(line)
        #expect(result.output == answer + "\n")
        #expect(result.code == 0)
        #expect(result.error == "")
    }

    @Test func `shows the tree with its values`() async throws {
        let result = await try World().care(
            #"eval {"and":[{"<":[{"var":"x"},3]},{"var":"y"}]} --data {"x":1} --explain"#)
        #expect(
            result.output == """
                {"result":null}
                └ expression  and y missing  missing
                   └ <  x 1, 3               true

                """)
    }

    @Test(arguments: [
        (#"{"rule":{"count":{"event":"purchase"}}}"#, "needs-events"),
        (#"{"rule":{"and":[true,{"open":{"opened":"a"}}]}}"#, "needs-events"),
        (#"{"rule":{"segment":"vip"}}"#, "needs-rules"),
        (#"{"rule":{"iff":[1]}}"#, "unknown-operator"),
        (#"{"rule":{"!":[1,2]}}"#, "bad-rule"),
        (#"{"rule":{"-":["a",{"var":"x"}]},"data":{"x":1}}"#, "type-mismatch"),
        (#"{"rule":{"-":[{"var":"y"},1]},"data":{"y":"a"}}"#, "type-mismatch"),
        (#"{"rule":true,"data":[1]}"#, "bad-data"),
        (#"{"data":{}}"#, "bad-line"),
        (#"{"rule":1,"rules":2}"#, "bad-line"),
        (#"{"rule":1e999}"#, "bad-json"),
        (#"{"rule":{"a":1,"a":2}}"#, "bad-json"),
        ("nonsense", "bad-json"),
    ]) func `a bad line answers a named error and harms no other`(line: String, type: String) async throws {
        let good = #"{"rule":{"+":[1,{"var":"x"}]},"data":{"x":2}}"#
        let result = await try World().care("eval", input: [good + "\n", line + "\n", "\n" + good])
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first == #"{"result":3}"#)
        #expect(lines.last == #"{"result":3}"#)
        #expect(lines.count == 3 && lines[1].hasPrefix(#"{"error":{"type":"\#(type)","message":"#), "\(lines)")
        #expect(result.code == 1)
    }

    @Test func `depth and size are bounded`() async throws {
        let deep = String(repeating: #"{"!":["#, count: 10_000) + "1" + String(repeating: "]}", count: 10_000)
        let long = "\"" + String(repeating: "a", count: 1 << 20) + "\""
        let operators = String(repeating: #"{"!":["#, count: 20) + "1" + String(repeating: "]}", count: 20)
        for dialect in ["care", "jsonlogic"] {
            let result = await try World().care(
                "eval --dialect \(dialect)",
                input: [#"{"rule":\#(deep)}"#, "\n", #"{"rule":\#(long)}"#, "\n", #"{"rule":\#(operators)}"#])
            let lines = result.output.split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines[0].hasPrefix(#"{"error":{"type":"bad-json""#))
            #expect(lines[1].hasPrefix(#"{"error":{"type":"limit""#))
            #expect(lines[2] == #"{"result":true}"#)
        }
    }

    @Test func `lines may come in any parts`() async throws {
        let line = #"{"rule":{"cat":["a",{"var":"x"}]},"data":{"x":"é"}}"#
        let parts = (line + "\r\n" + line).map { String($0) }
        let result = await try World().care("eval", input: parts)
        #expect(result.output == "{\"result\":\"aé\"}\n{\"result\":\"aé\"}\n")
        #expect(result.code == 0)
        #expect(await try World().care("eval").output == "")
    }

    @Test(arguments: [
        ("eval 1 --explain --dialect jsonlogic", "error: --explain shows the care dialect; take out --dialect"),
        ("eval --data {}", "error: --data belongs to one expression; lines of standard input have their own"),
        ("eval 1 --at never", "error: --at 'never' is no instant"),
    ]) func `says what does not go together`(line: String, message: String) async throws {
        let result = await try World().care(line)
        #expect(result.code == 64)
        #expect(result.error.hasPrefix(message))
    }

    @Test func `shows where an expression is wrong`() async throws {
        let result = await try World().care(#"eval {"iff":[1]}"#)
        #expect(result.code == 1)
        #expect(result.output == "{\"error\":{\"type\":\"unknown-operator\",\"message\":\"unknown operator 'iff'\"}}\n")
        #expect(result.error.contains("expression:1:2: error: unknown operator 'iff'"))
    }
}
