import CareStore
import CareValues
import Testing

@testable import CareDispatch

@Suite struct TemplateTests {
    /// The templates of these files, by their paths.
    static func templates(_ files: [String: String]) throws -> MessageTemplates {
        let (templates, findings) = read(files)
        #expect(findings == [])
        return templates
    }

    /// What is read of these files, findings as `birthday.txt:1:9 template.bad-tag message | help`.
    static func read(_ files: [String: String]) -> (templates: MessageTemplates, findings: [String]) {
        let sources = files.map { TemplateSource(file: "templates/" + $0, path: $0, bytes: Array($1.utf8)) }
        let read = MessageTemplates.read(sources)
        return (read.templates, read.diagnostics.map(Self.line))
    }

    static func line(_ finding: Diagnostic) -> String {
        let help = finding.help.map { " | \($0)" } ?? ""
        return "\(finding.file):\(finding.line):\(finding.column) \(finding.code) \(finding.message)\(help)"
    }

    static func order(_ data: String, language: String = "", type: String = "care.birthday") -> NewDelivery {
        let key = CanonicalJSON.array(of: ["birthday", "c2077", "2027/1", "greet", "mail"])
        return NewDelivery(
            id: DeliveryID(hashing: key), customer: "c2077", campaign: "birthday", key: key, destination: "mail",
            address: "ann@example.com", type: type, data: data, decidedAt: Timestamp(milliseconds: 1_781_514_000_000),
            expiresAt: nil, language: language)
    }

    /// What the template `t` of these files makes.
    static func render(_ files: [String: String], _ data: String, language: String = "") throws -> RenderedMessage {
        let template = try #require(try templates(files).template("t"))
        return try template.render(order(data, language: language))
    }

    static func text(_ template: String, _ data: String) throws -> String? {
        try render(["t.txt": template], data).text
    }

    @Test func `fills in what the delivery says`() throws {
        let template = """
            {{data.name}} {{customer.id}} {{campaign}} {{step}} {{action}} {{type}} {{address}} {{language}}
            {{id}} {{key}} {{time}}
            """
        let message = try Self.render(["t.txt": template], #"{"name":"Ann"}"#, language: "zh-CN")
        #expect(
            message.text == """
                Ann c2077 birthday greet mail care.birthday ann@example.com zh-CN
                \(Self.order("").id.text) ["birthday","c2077","2027/1","greet","mail"] 2026-06-15T09:00:00.000Z
                """)
        #expect(message.subject == nil && message.html == nil && message.markdown == nil)
    }

    static let fillings: [(template: String, data: String, text: String)] = [
        ("{{data.n}}|{{data.b}}|{{data.f}}|{{data.z}}", #"{"n":12.50,"b":true,"f":false,"z":0}"#, "12.5|true|false|0"),
        ("[{{data.nothing}}]{{^data.nothing}}none{{/data.nothing}}", #"{"nothing":null}"#, "[]none"),
        ("{{#data.a}}<{{.}}>{{/data.a}}", #"{"a":["x",2,true]}"#, "<x><2><true>"),
        ("{{data.a}} {{count(data.a)}} {{first(data.a)}} {{last(data.a)}}", #"{"a":["x","y",3]}"#, "x, y, 3 3 x 3"),
        ("{{#data.a}}{{index()}}{{^last()}},{{/last()}}{{/data.a}}", #"{"a":["x","y","z"]}"#, "0,1,2"),
        (
            "{{#data.items}}{{sku}}: {{price.amount}}\n{{/data.items}}",
            #"{"items":[{"sku":"A","price":{"amount":3}}]}"#, "A: 3"
        ),
        ("{{#data.p}}{{name}} {{data.q}}{{/data.p}}", #"{"p":{"name":"Ann"},"q":1}"#, "Ann 1"),
        ("{{#data.gone}}{{data.gone}}{{/data.gone}}{{^data.gone}}-{{/data.gone}}", "{}", "-"),
        ("{{#data.e}}full{{/data.e}}{{^data.e}}empty{{/data.e}}", #"{"e":[]}"#, "empty"),
        ("{{uppercased(data.name)}} {{#empty(data.s)}}blank{{/empty(data.s)}}", #"{"name":"ann","s":""}"#, "ANN blank"),
        ("{{data.o}}", #"{"o":{"b":1,"a":[2]}}"#, #"{"a":[2],"b":1}"#),
        ("{{data.姓名}}{{data.x-y}}", #"{"姓名":"张三","x-y":"!"}"#, "张三!"),
        ("{{! a comment\n over lines }}a {{data.t}}", #"{"t":"{{data.secret}} & <b>"}"#, "a {{data.secret}} & <b>"),
        ("a { b } {\n{{ data.t }}\r\n", #"{"t":"x"}"#, "a { b } {\nx"),
        ("{{#data.on}}\nline\n{{/data.on}}\nend\n\n", #"{"on":true}"#, "line\nend"),
        ("{{{data.t}}} {{&data.t}}", #"{"t":"<&>"}"#, "<&> <&>"),
    ]

    @Test(arguments: fillings) func `fills in values of every kind`(
        _ filling: (template: String, data: String, text: String)
    ) throws {
        #expect(try Self.text(filling.template, filling.data) == filling.text)
    }

    static let missing: [(template: String, data: String, path: String)] = [
        ("{{data.name}}", "{}", "data.name"), ("{{name}}", #"{"name":"Ann"}"#, "name"),
        ("{{data.a.b.c}}", #"{"a":{"b":{}}}"#, "data.a.b.c"), ("{{data.a.b}}", #"{"a":"text"}"#, "data.a.b"),
        ("{{#data.items}}{{sku}}{{/data.items}}", #"{"items":[{"sku":1},{}]}"#, "sku"),
        ("{{uppercased(data.x)}}", "{}", "data.x"), ("{{&data.x}}", "{}", "data.x"), ("{{data.姓}}", "{}", "data.姓"),
        ("{{data}} {{customer.name}}", "{}", "customer.name"),
    ]

    @Test(arguments: missing) func `gives no message when a name has no value`(
        _ missing: (template: String, data: String, path: String)
    ) throws {
        #expect(throws: Unsendable("template t.txt: no value for \(missing.path)")) {
            try Self.text(missing.template, missing.data)
        }
    }

    static let hostile = [
        "<script>alert(1)</script>", "\" onload=\"x", "' onload='x", "\"\u{301} onload=x", "<\u{338}b>", "&\u{301}lt;",
        "&amp;", "\u{0}\u{1b}", "{{data.secret}}", "\u{202e}evil",
    ]

    @Test(arguments: hostile) func `escapes in HTML every sign that means something there`(_ value: String) throws {
        let files = [
            "t.html": "<a title=\"{{data.v}}\">{{>p}}</a>", "p.html": "<i>{{data.v}}</i>", "t.txt": "{{data.v}}",
        ]
        let message = try Self.render(files, JSONValue.object(["v": .string(value)]).canonicalText)
        let html = try #require(message.html)
        let inside = html.unicodeScalars.dropFirst(10).dropLast(4)
        // The template's own signs: "> <i> </i>.
        #expect(inside.count { $0 == "<" } == 2 && inside.count { $0 == ">" } == 3 && inside.count { $0 == "\"" } == 1)
        #expect(!inside.contains("'"))
        #expect(message.text == value)
        let escapes: [Unicode.Scalar: String] = ["<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;", "&": "&amp;"]
        let escaped = value.unicodeScalars.map { escapes[$0] ?? String($0) }.joined()
        #expect(html.utf8.elementsEqual("<a title=\"\(escaped)\"><i>\(escaped)</i></a>".utf8))
    }

    static let marked: [(value: String, text: String)] = [
        ("[click](http://evil)", "［click］（http://evil）"), ("*x* **y** _z_ ~~w~~", "＊x＊ ＊＊y＊＊ ＿z＿ ～～w～～"),
        ("@all", "＠all"), ("王@all <@all>", "王＠all ＜＠all＞"), ("`x` | # y", "｀x｀ ｜ ＃ y"),
        ("a\n# b\n> c", "a\n＃ b\n＞ c"), ("x\\", "x＼"), ("[\u{301}x]", "［\u{301}x］"),
        ("ann.lee@example.com order_12 https://shop.example/o?a=1&b=2", ""), ("Ann & Bo, -5.3 + 张三!", ""),
    ]

    @Test(arguments: marked) func `takes their meaning from signs that are filled into Markdown`(
        _ marked: (value: String, text: String)
    ) throws {
        let files = [
            "t.md": "Subject: {{data.v}}\n\n**{{data.v}}**{{>p}}", "p.md": " _{{data.v}}_ {{{data.v}}} {{&data.v}}",
            "t.txt": "{{data.v}}",
        ]
        let value = marked.value
        // What has no sign with a meaning stays as it is.
        let shown = marked.text.isEmpty ? value : marked.text
        let message = try Self.render(files, JSONValue.object(["v": .string(value)]).canonicalText)
        let markdown = try #require(message.markdown)
        #expect(markdown.utf8.elementsEqual("**\(shown)** _\(shown)_ \(value) \(value)".utf8), "\(markdown)")
        #expect(message.text == value)
        #expect(message.subject == value.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }

    @Test func `takes the first line as the subject, on one line`() throws {
        let message = try Self.render(
            [
                "t.txt": "Subject: Hello {{data.name}}!\n\nDear {{data.name}},\n",
                "t.md": "SUBJECT:x\r\n\r\n**{{data.name}}**",
            ],
            #"{"name":"Ann\r\nBcc: all@example.com"}"#)
        #expect(message.text == "Dear Ann\r\nBcc: all@example.com,")
        #expect(message.markdown == "**Ann\r\nBcc: all@example.com**")
        #expect(message.subject == "Hello Ann Bcc: all@example.com!")
    }

    @Test(arguments: [
        ("", "default"), ("fr", "default"), ("zh", "zh"), ("zh-TW", "zh"), ("zh-CN", "cn"), ("zh_cn", "cn"),
        ("ZH-hans-CN", "hans"), ("zh-CN-x-private", "cn"), ("not a language", "default"), ("z", "default"),
    ]) func `takes the customer's language where there is a file for it`(_ language: String, _ expected: String) throws
    {
        let message = try Self.render(
            [
                "t.txt": "default {{>sign}}", "t.zh.txt": "zh {{>sign}}", "t.zh-CN.txt": "cn {{>sign}}",
                "t.zh-Hans.txt": "hans {{>sign}}", "sign.txt": "sign {{>place}}",
                "sign.zh-CN.txt": "sign-cn {{>place}}",
                "place.txt": "place", "place.zh.txt": "place-zh",
            ], "{}", language: language)
        let rest = ["default": "sign place", "zh": "sign place-zh", "cn": "sign-cn place-zh", "hans": "sign place-zh"]
        #expect(message.text == "\(expected) \(rest[expected] ?? "")")
    }

    @Test func `does not mix languages within one message`() throws {
        let files = ["t.txt": "en", "t.html": "<p>en</p>", "t.de.txt": "de"]
        #expect(try Self.render(files, "{}", language: "de-AT").html == nil)
        #expect(try Self.render(files, "{}", language: "fr").html == "<p>en</p>")
    }

    @Test func `builds on layouts`() throws {
        let message = try Self.render(
            [
                "t.html":
                    "{{<mail/layout}}\n{{$title}}Hi {{data.name}}{{/title}}\n{{$内容}}<p>{{data.name}}</p>{{/内容}}\n{{/mail/layout}}",
                "mail/layout.html": "<title>{{$title}}Shop{{/title}}</title>{{$内容}}{{/内容}}{{$foot}}bye{{/foot}}",
            ], #"{"name":"<Ann>"}"#)
        #expect(message.html == "<title>Hi &lt;Ann&gt;</title><p>&lt;Ann&gt;</p>bye")
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var files: [String: String]
        var findings: [String]
        init(_ text: String, _ finding: String...) {
            files = ["t.txt": text]
            findings = finding.map { "templates/t.txt:" + $0 }
        }
        init(_ files: [String: String], _ findings: [String]) {
            self.files = files
            self.findings = findings.map { "templates/" + $0 }
        }
        var testDescription: String { findings.joined(separator: "; ") }
    }

    static let mistakes = [
        Mistake(
            "生日 {{data.name",
            "1:4 template.bad-tag '{{' is not closed | write {{data.name}}; a single '{' needs no care"),
        Mistake(
            "a\n {{data.a {{data.b}}",
            "2:2 template.bad-tag '{{' is not closed | write {{data.name}}; a single '{' needs no care"),
        Mistake(
            "{{#data.a}}x", "1:1 template.bad-tag 'data.a' is never closed | write {{/data.a}} where it ends"),
        Mistake("x{{/data.a}}", "1:2 template.bad-tag 'data.a' is closed here, and was not opened"),
        Mistake(
            "{{#data.a}}\n{{#data.b}}\n{{/data.a}}\n{{/data.b}}{{/data.a}}",
            "3:1 template.bad-tag 'data.a' is closed here, and 'data.b' of line 2 is still open | write {{/data.b}} first"
        ),
        Mistake(
            "{{}} {{ }}",
            "1:1 template.bad-tag a tag without a name | write {{data.name}}, {{customer.id}} or {{#data.items}}…{{/data.items}}",
            "1:6 template.bad-tag a tag without a name | write {{data.name}}, {{customer.id}} or {{#data.items}}…{{/data.items}}"
        ),
        Mistake(
            "{{data..x}}",
            "1:1 template.bad-tag 'data..x' is no name | write {{data.name}}, {{customer.id}} or {{#data.items}}…{{/data.items}}"
        ),
        Mistake("{{upercased(data.x)}}", "1:1 template.bad-tag there is no 'upercased()' | did you mean 'uppercased'?"),
        Mistake("{{=<% %>=}}", "1:1 template.bad-tag other delimiters than {{ and }} are not known here"),
        Mistake(
            "{{% CONTENT_TYPE:HTML}}",
            "1:1 template.bad-tag pragmas are not known here | the file's ending says whether what is filled in is escaped"
        ),
        Mistake(
            "{{>*data.x}}",
            "1:1 template.bad-tag '*data.x' names no template file | write {{>footer}} for footer.txt, {{>mail/footer}} for one in a folder"
        ),
        Mistake(
            ["t.txt": "x {{>foter}}", "footer.txt": "f", "header.html": "h", "u.txt": "{{>header}}"],
            [
                "t.txt:1:3 template.unknown-partial there is no template 'foter' | did you mean 'footer'?",
                "u.txt:1:1 template.unknown-partial there is no template 'header' | there is a 'header', but no header.txt",
            ]),
        Mistake(
            ["t.txt": "{{>u}}", "u.txt": "{{>t}}"],
            [
                "t.txt:1:1 template.recursive 'u' includes itself | a template that includes itself never ends; go over a list with {{#data.items}}",
                "u.txt:1:1 template.recursive 't' includes itself | a template that includes itself never ends; go over a list with {{#data.items}}",
            ]),
        Mistake(
            ["t.may1.txt": "", ".txt": ""],
            [
                ".txt:1:1 template.bad-name a template file needs a name | for example birthday.txt",
                "t.may1.txt:1:1 template.bad-name 'may1' in the name of the file is no language | name it NAME.txt or NAME.zh-CN.txt",
            ]),
        Mistake(
            "Subject: a\nb\n",
            "1:10 template.bad-subject the line behind the subject is not empty | a subject is one line; the message begins after an empty one"
        ),
        Mistake(
            ["t.html": "<b>{{{data.x}}}</b>"],
            [
                "t.html:1:4 template.unescaped 'data.x' goes into HTML as it is | write {{data.x}}, or be sure that no customer writes it"
            ]
        ),
    ]

    @Test(arguments: mistakes) func `finds mistakes at their place`(_ mistake: Mistake) {
        #expect(Self.read(mistake.files).findings == mistake.findings)
    }

    static let recursive =
        "template.recursive 'a' includes itself | a template that includes itself never ends; go over a list with {{#data.items}}"

    @Test func `finds a template that includes itself beside a warning, in any language, by any way`() {
        #expect(Self.read(["a.txt": "{{>a}}"]).findings == ["templates/a.txt:1:1 \(Self.recursive)"])
        // A warning elsewhere is no reason to look no further.
        let warned = Self.read(["a.txt": "{{>a}}", "w.html": "{{{data.x}}}"])
        #expect(warned.findings.count == 2 && warned.findings.contains("templates/a.txt:1:1 \(Self.recursive)"))
        #expect(warned.templates.names.isEmpty)
        // Only as customers who read Chinese get it.
        let chinese = ["b.txt": "", "b.zh.txt": "{{>a}}", "a.txt": "{{>b}}"]
        #expect(Self.read(chinese).findings.contains("templates/b.zh.txt:1:1 \(Self.recursive)"))
        #expect(Self.read(["b.txt": "", "b.de.txt": "x", "a.txt": "{{>b}}"]).findings == [])
        // A ring of a hundred, and one who leads to it.
        var files = ["x.txt": "{{>r0}}"]
        for number in 0..<100 { files["r\(number).txt"] = "{{>r\((number + 1) % 100)}}" }
        let ring = Self.read(files).findings
        #expect(ring.count == 100 && !ring.contains { $0.hasPrefix("templates/x.txt") })
    }

    @Test func `refuses a template that includes others more than a thousand times`() {
        func chain(_ length: Int, each: Int) -> [String: String] {
            var files = ["p\(length).txt": "x"]
            for number in 0..<length {
                files["p\(number).txt"] = String(repeating: "{{>p\(number + 1)}}", count: each)
            }
            return files
        }
        #expect(Self.read(chain(1_000, each: 1)).findings == [])
        #expect(
            Self.read(chain(1_001, each: 1)).findings == [
                "templates/p0.txt:1:1 template.too-large the template includes others more than 1000 times | count what the included ones include too"
            ])
        // 2 + 4 + … + 256 are 510, one more makes 1,022; of forty nobody would see the end.
        #expect(Self.read(chain(8, each: 2)).findings == [])
        #expect(Self.read(chain(9, each: 2)).findings.count == 1)
        #expect(Self.read(chain(40, each: 2)).findings.count == 32)
    }

    @Test func `refuses what is too deep, too large, or no text`() {
        let deep = String(repeating: "{{#data.a}}", count: 51) + String(repeating: "{{/data.a}}", count: 51)
        #expect(Self.read(["t.txt": deep]).findings.count == 1)
        #expect(Self.read(["t.txt": String(deep.dropFirst(11).dropLast(11))]).findings.isEmpty)
        let large = String(repeating: "x", count: MessageTemplates.largestFile)
        #expect(Self.read(["t.txt": large]).findings.isEmpty)
        #expect(Self.read(["t.txt": large + "x"]).findings.count == 1)
        let bytes: [UInt8] = [0x61, 0xFF]
        let read = MessageTemplates.read([TemplateSource(file: "t.txt", path: "t.txt", bytes: bytes)])
        #expect(read.diagnostics.map(\.code) == ["template.bad-text"])
    }

    @Test(arguments: [UInt64](1...8)) func `never crashes on mutated templates`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let good = """
            Subject: {{data.a}}

            {{#data.list}}{{name}} {{^last()}},{{/last()}}{{/data.list}}{{>p}}{{<q}}{{$b}}x{{/b}}{{/q}}{{{data.a}}}{{!c}}
            """
        for _ in 0..<50 {
            var bytes = Array(good.utf8)
            for _ in 0...(random.next() % 4) {
                let place = Int(random.next() % UInt64(bytes.count))
                let signs = Array("{}#/^>$<!.( )\n\r\u{301}é".utf8)
                switch random.next() % 3 {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(signs[Int(random.next() % UInt64(signs.count))], at: place)
                default: bytes[place] = signs[Int(random.next() % UInt64(signs.count))]
                }
            }
            let sources = [("t", bytes), ("p", Array("P{{data.a}}".utf8)), ("q", Array("{{$b}}{{/b}}".utf8))].flatMap {
                name, bytes in
                ["txt", "html"].map { TemplateSource(file: name, path: "\(name).\($0)", bytes: bytes) }
            }
            let read = MessageTemplates.read(sources)
            let order = Self.order(#"{"a":"<","list":[{"name":"x"},{"name":"y"}]}"#)
            if let template = read.templates.template("t") { _ = try? template.render(order) }
        }
    }
}
