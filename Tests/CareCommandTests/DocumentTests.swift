import Glibc
import Testing

@testable import care

/// Runs the examples of a document: files are written, `care` lines run in order, a `text` block behind them is the
/// last one's output, byte for byte. `|| test $? = 1` behind a command means that it ends with 1.
@Suite struct DocumentTests {
    @Test(arguments: ["importing", "rule-tests", "eval", "templates", "operations"])
    func `the examples of the documents print what they say`(
        _ name: String
    ) async throws {
        let world = try World(now: "2026-09-21T00:30:00Z")
        var ran = 0
        var last = ""
        for block in try Self.blocks(of: name) {
            switch block.language {
            case "text" where block.file == nil:
                #expect(last == block.body)
            case "" where block.file == nil:
                for line in block.body.split(separator: "\n") where line.hasPrefix("care ") {
                    let parts = String(line.dropFirst(5)).split(separator: "|", maxSplits: 1)
                    let answer = await world.care(String(parts[0]))
                    #expect(answer.code == (parts.count == 2 ? 1 : 0), "\(line): \(answer.error)")
                    last = answer.output
                    ran += 1
                }
            default:
                if let file = block.file { try world.write(file, block.body) }
            }
        }
        #expect(ran > 1)
    }

    private struct Block {
        var file: String?
        var language: String
        var body: String
    }

    private static func blocks(of name: String) throws -> [Block] {
        let path = String(#filePath).split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/docs/\(name).md"
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        var blocks: [Block] = []
        var current: Block?
        var announced: String?
        for line in String(decoding: bytes[..<count], as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("<!-- file: ") {
                announced = String(line.dropFirst(11).prefix { $0 != " " })
            } else if line.hasPrefix("```") {
                if let block = current {
                    blocks.append(block)
                    current = nil
                } else {
                    current = Block(file: announced, language: String(line.dropFirst(3)), body: "")
                    announced = nil
                }
            } else {
                current?.body += line + "\n"
            }
        }
        return blocks
    }
}
