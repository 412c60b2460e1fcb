import CareStore
import CareValues
import Glibc
import Testing

@testable import CareDispatch

/// What docs/delivery.md shows and says, held against what reads it.
@Suite struct DeliveryDocumentTests {
    static func text() throws -> String {
        let path = String(#filePath).split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/docs/delivery.md"
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    }

    /// The JSON of the document, block by block.
    static func examples() throws -> [JSONDocument] {
        var blocks: [String] = []
        var block: String?
        for line in try text().split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```json" {
                block = ""
            } else if line.hasPrefix("```") {
                if let block { blocks.append(block) }
                block = nil
            } else {
                block? += line + "\n"
            }
        }
        return try blocks.map { try JSONDocument(file: "docs/delivery.md", bytes: Array($0.utf8)) }
    }

    @Test func `every destination that is shown is read without a finding, every channel among them`() throws {
        var types: Set<String> = []
        for document in try Self.examples() {
            guard let destinations = document.root["destinations"] else { continue }
            var findings: [Diagnostic] = []
            let settings = DestinationSettings.read(
                destinations, proxy: document.root["proxy"], document, &findings)
            #expect(findings.isEmpty, "\(findings.map(\.message))")
            #expect(settings.count == Array(destinations.members).count)
            types.formUnion(settings.map(\.type))
        }
        #expect(types.isSuperset(of: Set(ChannelKinds.all.map { $0.type })))
    }

    @Test func `every other example is what it is said to be`() throws {
        var kinds: [String] = []
        for document in try Self.examples() where document.root["destinations"] == nil {
            let text = JSONWriter.text(document.root.value)
            if let retry = document.root["retry"] {
                kinds.append("retry")
                let good = DestinationSettingsTests.good
                let read = try DestinationSettingsTests.read(
                    #"{ "a": { \#(good), "retry": \#(JSONWriter.text(retry.value)) } }"#)
                #expect(read.findings.isEmpty && read.settings.count == 1, "\(text)")
            } else if let key = document.root["carekey"]?.string {
                kinds.append("event")
                #expect(document.root["id"]?.string == DeliveryID(hashing: key).text)
            } else {
                kinds.append("action")
                #expect(document.root["send"]?.string == "team" && document.root["type"] != nil, "\(text)")
            }
        }
        #expect(kinds.sorted() == ["action", "event", "retry"])
    }

    @Test func `every key that a destination may have is told`() throws {
        let text = try Self.text()
        for kind in ChannelKinds.all {
            for key in kind.keys + DestinationReader.commonKeys {
                #expect(text.contains("`\(key)`") || text.contains("\"\(key)\":"), "\(kind.type) may have \(key)")
            }
        }
    }
}
