import CareRules
import CareValues
import Foundation
import Testing

/// What many tests load.
enum Samples {
    /// The environment's destinations.
    static let destinations: Set<String> = ["crm", "helpdesk", "tasks"]

    /// Declarations without campaigns.
    static let base = """
        {
          "attributes": {
            "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
            "country": { "type": "enum", "values": ["de", "fr"] },
            "birthday": { "type": "birthday" },
            "name": { "type": "string", "pii": true },
            "points": { "type": "number" },
            "optedOut": { "type": "boolean", "default": false }
          },
          "events": {
            "purchase": { "properties": { "amount": { "type": "number" }, "items": { "type": "number" } } },
            "complaint.opened": { "properties": { "ticketId": { "type": "string" } } }
          },
          "traits": {
            "purchases": { "count": { "event": "purchase" } },
            "firstPurchaseAt": { "first": { "event": "purchase" } }
          },
          "segments": { "vip": { ">=": [{ "var": "tier" }, "gold"] } }
        }
        """

    /// A file with one campaign `c` of these members.
    static func campaign(_ members: String, actions: String = #""actions": [{ "send": "crm", "type": "t" }]"#) -> String
    {
        #"{ "campaigns": { "c": { \#(members), \#(actions) } } }"#
    }

    /// Loads texts as `1.json`, `2.json` … without a check of destinations.
    static func load(_ texts: String...) -> (ruleSet: RuleSet?, diagnostics: [Diagnostic]) {
        load(texts)
    }

    /// Loads texts as `1.json`, `2.json` … without a check of destinations.
    static func load(_ texts: [String]) -> (ruleSet: RuleSet?, diagnostics: [Diagnostic]) {
        RuleSetLoader.load(
            texts.enumerated().map { RuleSource(file: "\($0.offset + 1).json", bytes: Array($0.element.utf8)) },
            destinations: nil)
    }

    /// The one campaign of a text, loaded beside ``base``.
    static func onlyCampaign(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Campaign {
        let result = load(base, text)
        #expect(result.diagnostics.filter { $0.severity == .error } == [], sourceLocation: sourceLocation)
        return try #require(result.ruleSet?.campaigns.first, sourceLocation: sourceLocation)
    }
}

/// Files of the project that tests read.
enum ProjectFiles {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The shipped rule files of a folder, by name, without their tests.
    static func rules(in name: String = "rules") throws -> [RuleSource] {
        let folder = root.appending(path: name)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".json") && !$0.hasSuffix(".tests.json")
        }
        return try names.sorted().map { file in
            RuleSource(file: "\(name)/\(file)", bytes: Array(try Data(contentsOf: folder.appending(path: file))))
        }
    }

    /// A file's text.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The texts of all Swift files below a folder, the list of codes itself left out.
    static func sources(_ folder: String) throws -> [String] {
        let files = FileManager.default.enumerator(at: root.appending(path: folder), includingPropertiesForKeys: nil)
        return try (files?.compactMap { $0 as? URL } ?? []).filter {
            $0.pathExtension == "swift" && $0.lastPathComponent != "FindingCode.swift"
        }.map { try String(contentsOf: $0, encoding: .utf8) }
    }
}
