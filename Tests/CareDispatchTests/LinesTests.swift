import CareStore
import CareTransport
import CareValues
import Foundation
import Testing

@testable import CareDispatch

@Suite struct LinesTests {
    static func destination(_ keys: String, folder: String = "") throws -> Destination {
        let (settings, findings) = try DestinationSettingsTests.read(#"{ "crm": { \#(keys) } }"#)
        #expect(findings.isEmpty)
        let secrets = SecretSource(environment: { _ in nil }, file: { _ in nil }, folder: folder)
        return try Destination(try #require(settings.first), secrets: secrets)
    }

    static func run(_ destination: Destination, in world: DispatchWorld) throws -> DispatchSummary {
        try Dispatcher(store: world.store, destinations: [destination], clock: world.clock)
            .run(until: .outboxEmptyOrWaiting)
    }

    @Test func `appends each delivery as one line, behind what is there`() throws {
        let world = try DispatchWorld()
        let path = world.folder + "/out.jsonl"
        try "first\n".write(toFile: path, atomically: false, encoding: .utf8)
        let ids = try world.enqueue(0..<600)
        let destination = try Self.destination(
            #""type": "file", "path": "out.jsonl", "source": "/trial""#, folder: world.folder)
        #expect(try Self.run(destination, in: world).delivered == 600)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 602 && lines.first == "first" && lines.last == "")
        let found = try lines.dropFirst().dropLast().map { line -> String in
            guard case .object(let event)? = JSONValue(jsonText: String(line)), case .string(let id)? = event["id"]
            else {
                throw Unsendable("not an event")
            }
            #expect(event["source"] == .string("/trial"))
            return id
        }
        #expect(Set(found) == Set(ids.map(\.text)) && found.count == 600)
        #expect(try world.attempts(ids[0]).map(\.outcome) == [.ok])
        // Whoever moves the file away gets a new one.
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        _ = try world.enqueue([700])
        #expect(try Self.run(destination, in: world).delivered == 1)
        #expect(try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count == 1)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    static let failures: [(String, String)] = [
        ("none/out.jsonl", "cannot be written: No such file or directory"),
        ("/dev/full", "cannot be written: No space left on device"), (".", "cannot be written: Is a directory"),
    ]

    @Test(arguments: failures) func `what cannot be written waits, with the system's word`(
        _ path: String, _ reason: String
    ) throws {
        let world = try DispatchWorld()
        let ids = try world.enqueue(0..<3)
        let summary = try Self.run(
            try Self.destination(#""type": "file", "path": "\#(path)""#, folder: world.folder), in: world)
        #expect(summary.delivered == 0 && summary.waitingCount == 3)
        #expect(try world.delivery(ids[0]).reason == reason)
    }

    @Test(arguments: [("", 0), ("{}\n", 1), ("{\"half", 1), ("{}\n{\"half", 2)])
    func `begins a line of its own behind one that another process has left unfinished`(
        _ before: String, _ lines: Int
    ) throws {
        let world = try DispatchWorld()
        let file = URL(filePath: world.folder).appending(path: "out.jsonl")
        try Data(before.utf8).write(to: file)
        try world.enqueue(0..<2)
        let summary = try Self.run(
            try Self.destination(#""type": "file", "path": "out.jsonl""#, folder: world.folder), in: world)
        #expect(summary.delivered == 2)
        let written = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        #expect(written.count == lines + 2)
        #expect(written.suffix(2).allSatisfy { JSONValue(jsonText: String($0)) != nil })
    }

    @Test func `writes to a descriptor that is open, without a network`() throws {
        let pipe = Pipe()
        let sink = LineSink(.descriptor(pipe.fileHandleForWriting.fileDescriptor))
        let channel = LinesChannel(sink: sink, source: "/care")
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 2))
        let order = ChannelTests.order()
        for tag in 0..<2 {
            loop.submit(channel.request(for: order, body: channel.body(of: order), now: order.decidedAt), tag: tag)
        }
        var ended: [Int] = []
        while loop.inFlight > 0 {
            loop.run(timeoutMilliseconds: 1_000) { tag, result, _ in
                #expect(result == .accepted)
                ended.append(tag)
            }
        }
        try pipe.fileHandleForWriting.close()
        #expect(ended == [0, 1])
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let line = String(decoding: CloudEvent.body(of: order, source: "/care"), as: UTF8.self)
        #expect(text == "\(line)\n\(line)\n")
    }

    @Test func `needs a path, and no secret`() throws {
        let (_, findings) = try DestinationSettingsTests.read(
            #"{ "a": { "type": "file" }, "b": { "type": "stdout", "path": "x" }, "c": { "type": "stdout" } }"#)
        #expect(
            findings.map(\.message) == ["destination 'a' has no path", "unknown key 'path' in destination 'b'"])
    }
}
