import CareLogic
import CareValues
import Testing

@testable import CareRules

/// `docs/schema/rules.schema.json` knows the keys that the loader knows.
struct SchemaFileTests {
    static func definitions() throws -> JSONNode {
        let text = try ProjectFiles.text("docs/schema/rules.schema.json")
        let document = try JSONDocument(file: "rules.schema.json", bytes: Array(text.utf8))
        return try #require(document.root["$defs"])
    }

    static func properties(_ name: String) throws -> [String] {
        let definition = try #require(try definitions()[name], "no $defs/\(name)")
        return try #require(definition["properties"]).members.compactMap(\.key.string).sorted()
    }

    @Test(arguments: KeyTable.all.map(\.schemaName)) func `has the loader's keys and no others`(name: String) throws {
        let table = try #require(KeyTable.all.first { $0.schemaName == name })
        #expect(try Self.properties(name) == table.keys.sorted())
    }

    @Test(arguments: [
        ("attribute", ["channel", "default", "pii", "type", "values"]), ("event", ["properties"]),
        ("property", ["channel", "type", "values"]),
        (
            "trait",
            ["avg", "count", "distinct", "first", "last", "lifecycle", "max", "min", "open", "rfm", "sum", "value"]
        ),
        ("stage", ["name", "when"]), ("rfm", ["event", "property", "scores", "within"]),
        ("cutPoints", ["frequency", "monetary", "recency"]),
        ("aggregate", ["between", "calendar", "event", "property", "where", "within"]),
        ("open", ["by", "closed", "opened"]),
    ]) func `has the keys of declarations`(name: String, keys: [String]) throws {
        #expect(try Self.properties(name) == keys)
    }

    @Test func `has the attribute types`() throws {
        for name in ["attribute", "property"] {
            let type = try #require(try Self.definitions()[name]?["properties"]?["type"]?["enum"])
            #expect(type.elements.compactMap(\.string) == AttributeType.names)
        }
    }

    @Test func `describes every definition and every key, and allows no other key`() throws {
        for (key, definition) in try Self.definitions().members {
            let name = key.string ?? ""
            #expect(definition["description"]?.string != nil, "$defs/\(name)")
            guard let properties = definition["properties"] else { continue }
            #expect(definition["additionalProperties"]?.bool == false, "$defs/\(name)")
            for (key, property) in properties.members {
                let isReference = property["$ref"] != nil
                #expect(property["description"] != nil || isReference, "$defs/\(name)/\(key.string ?? "")")
            }
        }
    }

    @Test func `refers only to what it defines`() throws {
        let text = try ProjectFiles.text("docs/schema/rules.schema.json")
        let names = Set(try Self.definitions().members.compactMap(\.key.string))
        for part in text.split(separator: "\"#/$defs/").dropFirst() {
            let name = String(part.prefix { $0 != "\"" })
            #expect(names.contains(name), "\(name)")
        }
    }

    @Test func `has the loader's limits`() throws {
        let definitions = try Self.definitions()
        #expect(definitions["actions"]?["maxItems"]?.number == Double(RuleLimits.actions))
        #expect(definitions["campaign"]?["properties"]?["steps"]?["maxItems"]?.number == Double(RuleLimits.steps))
        #expect(definitions["name"]?["maxLength"]?.number == Double(RuleLimits.nameLength))
    }
}
