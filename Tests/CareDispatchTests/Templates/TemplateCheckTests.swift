import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct TemplateCheckTests {
    /// A destination that only has a template.
    struct Letters: ChannelSettings {
        static let type = "letters"
        static let keys = ["template"]
        static let usualConcurrency = 1
        var choice: TemplateChoice
        var template: (choice: TemplateChoice, needs: TemplateNeeds)? {
            (choice, TemplateNeeds(oneOf: [.text], subject: true, names: ["unsubscribe"]))
        }

        init?(_ reader: inout DestinationReader) {
            guard let choice = TemplateChoice(&reader) else { return nil }
            self.choice = choice
        }

        func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
            _ = try parts.templates(of: self)
            guard let url = try? TargetURL("https://a.example/") else { throw parts.error("no URL", help: "") }
            return try WebhookSettings(url: url, secrets: [.environment("S")]).channel(parts)
        }
    }

    static func letters(_ template: String) throws -> DestinationSettings {
        let document = try JSONDocument(file: "care.json", bytes: Array(#"{ "template": \#(template) }"#.utf8))
        var reader = DestinationReader(document: document, name: "mail", node: document.root)
        let settings = try #require(Letters(&reader))
        #expect(reader.findings == [])
        return DestinationSettings(name: "mail", channel: settings)
    }

    static func use(_ data: DataShape, type: String = "care.birthday") -> TemplateUse {
        TemplateUse(destination: "mail", action: "action 'greet'", type: type, data: data)
    }

    static func findings(
        _ files: [String: String], _ template: String = #""t""#, uses: [TemplateUse]
    ) throws -> [String] {
        let templates = try TemplateTests.templates(files)
        return TemplateCheck.findings(
            templates: templates, destinations: [try letters(template)], uses: uses
        ).map { TemplateTests.line($0).replacing("templates/", with: "") }
    }

    static let item = DataShape.object(["sku": .single, "price": .unknown])
    static let data = DataShape.object([
        "name": .single, "items": .list(item), "p": .object(["first": .single]), "any": .unknown,
    ])

    static let bodies: [(body: String, findings: [String])] = [
        ("{{data.name}} {{customer.id}} {{campaign}} {{unsubscribe}} {{data}} {{language}}", []),
        ("{{#data.items}}{{sku}} {{price.amount}} {{data.name}} {{.}} {{index()}}{{/data.items}}", []),
        ("{{#data.any}}{{whatever}} {{x.y}}{{/data.any}} {{data.any.x.y}}", []),
        ("{{#data.p}}{{first}}{{/data.p}} {{^data.gone}}-{{/data.gone}} {{#data.gone}}{{data.gone}}{{/data.gone}}", []),
        ("{{uppercased(data.name)}}", []),
        (
            "{{data.nme}}",
            ["t.txt:3:1 template.unknown-name action 'greet' sends no 'nme' in data | did you mean 'data.name'?"]
        ),
        ("{{name}}", ["t.txt:3:1 template.unknown-name there is no 'name' | write data.name"]),
        ("{{campain}}", ["t.txt:3:1 template.unknown-name there is no 'campain' | did you mean 'campaign'?"]),
        (
            "{{customer.name}}",
            ["t.txt:3:1 template.unknown-name action 'greet' sends no 'name' in customer | known: id"]
        ),
        ("a\n  {{data.name.first}}", ["t.txt:4:3 template.unknown-name action 'greet' sends no 'first' in data.name"]),
        (
            "{{#data.items}}{{skuu}}{{/data.items}}",
            [
                "t.txt:3:16 template.unknown-name there is no 'skuu' | known: action, address, campaign, customer, data, id, key, language, step, time, type, unsubscribe"
            ]
        ),
        (
            "{{#data.any}}{{data.nme}}{{/data.any}}",
            ["t.txt:3:14 template.unknown-name action 'greet' sends no 'nme' in data | did you mean 'data.name'?"]
        ),
        ("{{#dta.x}}x{{/dta.x}}", ["t.txt:3:1 template.unknown-name there is no 'dta' | did you mean 'data'?"]),
        (
            "{{>p}}",
            ["p.txt:1:2 template.unknown-name action 'greet' sends no 'sent' in data | known: any, items, name, p"]
        ),
    ]

    @Test(arguments: bodies) func `finds names that no action gives a value`(
        _ body: (body: String, findings: [String])
    ) throws {
        let files = ["t.txt": "Subject: {{data.name}}\n\n" + body.body, "p.txt": " {{data.sent}}"]
        #expect(try Self.findings(files, uses: [Self.use(Self.data)]) == body.findings)
    }

    @Test func `says a mistake once for each action, and nothing of actions elsewhere`() throws {
        let files = ["t.txt": "Subject: x\n\n{{data.x}}"]
        var other = Self.use(.object([:]))
        other.action = "action 'other'"
        var elsewhere = other
        elsewhere.destination = "crm"
        let uses = [Self.use(.object(["x": .single])), Self.use(.object([:])), other, other, elsewhere]
        #expect(
            try Self.findings(files, uses: uses) == [
                "t.txt:3:1 template.unknown-name action 'greet' sends no 'x' in data",
                "t.txt:3:1 template.unknown-name action 'other' sends no 'x' in data",
            ])
    }

    static let choices: [(files: [String: String], template: String, findings: [String])] = [
        (["t.txt": "Subject: s\n\nb"], #""t""#, []),
        (
            ["t.txt": "Subject: s\n\nb"], #""tt""#,
            [
                "care.json:1:15 template.unknown-template destination 'mail' names a template 'tt' that is not there | did you mean 't'?"
            ]
        ),
        (
            ["t.txt": "Subject: s\n\nb"], #"{ "care.other": "t" }"#,
            [
                "care.json:1:15 template.unknown-template no template for the type 'care.birthday' that action 'greet' sends | name one for it, or one for every other type: \"*\""
            ]
        ),
        (["t.txt": "Subject: s\n\nb"], #"{ "care.other": "t", "*": "t" }"#, []),
        (["t.txt": "Subject: s\n\nb"], #"{ "care.birthday": "t" }"#, []),
        (
            ["t.txt": "b"], #""t""#,
            [
                "care.json:1:15 template.incomplete t.txt has no subject | begin it with a line 'Subject: …' and an empty one"
            ]
        ),
        (["t.html": "b"], #""t""#, ["care.json:1:15 template.incomplete template 't' has no .txt | add t.txt"]),
        (
            ["t.de.txt": "Subject: s\n\nb"], #""t""#,
            [
                "care.json:1:15 template.incomplete template 't' has no file without a language | add t.txt, for customers whose language has none"
            ]
        ),
        (
            ["t.txt": "Subject: s\n\nb", "t.de.html": "b"], #""t""#,
            ["care.json:1:15 template.incomplete template 't.de' has no .txt | add t.de.txt"]
        ),
    ]

    @Test(arguments: choices) func `finds destinations whose templates are not there or lack something`(
        _ choice: (files: [String: String], template: String, findings: [String])
    ) throws {
        #expect(try Self.findings(choice.files, choice.template, uses: [Self.use(Self.data)]) == choice.findings)
    }

    @Test func `refuses a destination whose template is not there`() throws {
        let secrets = SecretSource(environment: { _ in DispatchWorld.secret }, file: { _ in nil })
        let settings = try Self.letters(#""t""#)
        let good = try TemplateTests.templates(["t.txt": "Subject: s\n\nb"])
        _ = try Destination(settings, secrets: secrets, templates: good)
        #expect(throws: DestinationError.self) { try Destination(settings, secrets: secrets) }
        let bad = try TemplateTests.templates(["t.txt": "b"])
        #expect(throws: DestinationError.self) { try Destination(settings, secrets: secrets, templates: bad) }
    }

    @Test func `knows the shape of data`() throws {
        func shape(_ text: String) throws -> DataShape { DataShape(try #require(JSONValue(jsonText: text))) }
        #expect(try shape("null") == .single && shape("1.5") == .single && shape(#""x""#) == .single)
        #expect(try shape("[1,2]") == .list(.single) && shape("[]") == .list(.unknown))
        #expect(try shape(#"[1,{}]"#) == .list(.unknown))
        #expect(try shape(#"{"a":{"b":[{"c":1}]}}"#) == .object(["a": .object(["b": .list(.object(["c": .single]))])]))
    }
}
