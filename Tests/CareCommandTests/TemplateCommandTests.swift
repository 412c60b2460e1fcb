import Testing

@testable import care

/// Templates as commands see them: which folder, what a mistake does.
struct TemplateCommandTests {
    /// A shop that sends mail by the template `hello`; `more` are further members of care.json.
    static func world(_ text: String?, more: String = "", folder: String = "templates") throws -> World {
        let world = try World(now: "2026-09-21T00:30:00Z")
        try world.write(
            "care.json",
            #"""
            { "timeZone": "UTC", \#(more) "destinations": { "mail": { "type": "mail", "server": "smtp://127.0.0.1:9",
                "from": "a@b.example", "template": "hello", "allowPrivateAddresses": true } } }
            """#)
        try world.write(
            "rules/hello.json",
            #"""
            { "campaigns": { "hello": { "trigger": { "event": "hi" },
                "actions": [{ "send": "mail", "type": "t", "to": "x@y.example", "data": { "name": "Ann" } }] } } }
            """#)
        if let text { try world.write("\(folder)/hello.txt", text) }
        return world
    }

    static let good = "Subject: Hi\n\nDear {{data.name}}"

    @Test func `good templates are silent, wherever they are`() async throws {
        let usual = try Self.world(Self.good)
        #expect(await usual.care("check").code == 0)
        #expect(await usual.care("tick").code == 0)
        let other = try Self.world(Self.good, more: #""templates": "texts","#, folder: "texts")
        #expect(await other.care("check").code == 0)
    }

    @Test func `mistakes in templates are findings with their place, in every format`() async throws {
        let world = try Self.world("Subject: Hi\n\nDear {{data.nam}} {{#data.name}}")
        let text = await world.care("check")
        #expect(text.code == 1)
        #expect(text.output.contains("templates/hello.txt:3:19: error: 'data.name' is never closed [template.bad-tag]"))
        try world.write("templates/hello.txt", "Subject: Hi\n\nDear {{data.nam}}")
        let json = await world.care("check --format json")
        #expect(json.code == 1 && json.output.contains("template.unknown-name"))
        #expect(json.output.contains("campaign 'hello' sends no 'nam' in data"))
    }

    @Test func `a service does not start with templates that cannot be used`() async throws {
        let broken = try Self.world("Subject: Hi\n\n{{data.name")
        let tick = await broken.care("tick")
        #expect(tick.code == 1 && tick.error.contains("templates/hello.txt:3:1: error: '{{' is not closed"))
        #expect(tick.error.contains("The templates cannot be used; nothing was done."))
        let missing = await (try Self.world(nil)).care("tick")
        #expect(missing.code != 0 && missing.error.contains("there is no template 'hello'"))
        let check = await (try Self.world(nil)).care("check")
        #expect(
            check.code == 1 && check.output.contains("destination 'mail' names a template 'hello' that is not there"))
        let nowhere = await (try Self.world(nil, more: #""templates": "nowhere","#)).care("check")
        #expect(nowhere.code == 64 && nowhere.error.contains("nowhere cannot be read"))
    }
}
