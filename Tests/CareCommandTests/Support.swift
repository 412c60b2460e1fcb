import CareThreads
import CareValues
import Glibc
import Testing

@testable import care

/// A folder of its own with a console that is captured; commands run in it in-process.
final class World: Sendable {
    let folder: String
    private let written = Lock<(output: String, error: String)>(("", ""))
    private let clock: Lock<Timestamp>

    /// An empty folder; the real clock reads `now`.
    init(now: String = "2026-09-21T00:30:00Z") throws {
        var template = Array("/tmp/care-command-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        folder = String(cString: made)
        clock = Lock(try #require(Timestamp(iso8601: now)))
    }

    deinit {
        remove(folder)
    }

    /// Writes a file, its folders made.
    func write(_ name: String, _ text: String) throws {
        var path = folder
        for part in name.split(separator: "/").dropLast() {
            path += "/" + part
            mkdir(path, 0o755)
        }
        let file = try #require(fopen(folder + "/" + name, "w"))
        defer { fclose(file) }
        fputs(text, file)
    }

    /// The text of a file; nil: there is none.
    func read(_ name: String) -> String? {
        guard let file = fopen(folder + "/" + name, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// What the real clock reads.
    var now: Timestamp { clock.withLock { $0 } }

    /// The real clock from now on.
    func setClock(_ text: String) throws {
        let instant = try #require(Timestamp(iso8601: text))
        clock.withLock { $0 = instant }
    }

    /// What a command printed and how it ended.
    struct Answer {
        var code: Int32
        var output: String
        var error: String
    }

    /// Runs a command line, words between blanks; `'…'` is one word.
    func care(
        _ line: String, variables: [String: String] = ["CARE_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        input: [String] = []
    ) async
        -> Answer
    {
        written.withLock { $0 = ("", "") }
        let parts = Lock(input[...])
        let console = Console(
            writeOutput: { text in self.written.withLock { $0.output += text } },
            writeError: { text in self.written.withLock { $0.error += text } }, hasColour: false, showsProgress: false,
            environment: variables, workingDirectory: folder, now: { self.clock.withLock { $0 } },
            readInput: { parts.withLock { $0.popFirst().map { Array($0.utf8) } ?? [] } })
        let words = Self.words(of: line)
        let code = await CommandLineRun.run(words, console: console)
        let text = written.withLock { $0 }
        return Answer(code: code, output: text.output, error: text.error)
    }

    private static func words(of line: String) -> [String] {
        var words: [String] = []
        for (position, part) in line.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
            if position % 2 == 1 {
                words.append(String(part))
            } else {
                words += part.split(separator: " ").map(String.init)
            }
        }
        return words
    }

    private func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            closedir(directory)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}

extension World {
    /// A world with an environment, one rule file and a small past.
    static func shop(now: String = "2026-09-21T00:30:00Z") throws -> World {
        let world = try World(now: now)
        try world.write(
            "care.json",
            #"""
            {
              "timeZone": "Asia/Shanghai",
              "store": "care.sqlite",
              "destinations": {
                "crm": { "type": "webhook", "url": "http://127.0.0.1:9/crm", "secret": "env:CARE_SECRET", "allowPrivateAddresses": true }
              }
            }
            """#)
        try world.write(
            "rules/shop.json",
            #"""
            {
              "attributes": {
                "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold"] },
                "birthday": { "type": "birthday" }, "points": { "type": "number" },
                "email": { "type": "string", "pii": true }
              },
              "events": { "purchase": { "properties": { "amount": { "type": "number" } } } },
              "traits": { "purchases": { "count": { "event": "purchase" } } },
              "segments": { "vip": { ">=": [{ "var": "tier" }, "gold"] } },
              "campaigns": {
                "birthday-gold": {
                  "trigger": { "anniversary": { "of": "birthday", "offset": "-P7D", "at": "09:00" } },
                  "condition": { "segment": "vip" },
                  "actions": [{ "send": "crm", "type": "care.birthday", "data": { "customer": "{{customer.id}}", "turns": { "$value": { "var": "entry.years" } } } }]
                },
                "thanks": {
                  "trigger": { "event": "purchase", "where": { "==": [{ "var": "purchases" }, 1] } }, "reentry": "once",
                  "actions": [{ "send": "crm", "type": "care.thanks", "data": { "customer": "{{customer.id}}" } }]
                }
              }
            }
            """#)
        return world
    }
}
