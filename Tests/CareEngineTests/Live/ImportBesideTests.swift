import CareIntake
import CareStore
import CareThreads
import CareValues
import Foundation
import Testing

@testable import CareEngine

/// An import through a service is the same import.
@Suite struct ImportBesideTests {
    static let start = Timestamp(milliseconds: 1_781_514_000_000)
    static let rules = """
        { "attributes": { "tier": { "type": "string" }, "zone": { "type": "zone" } },
          "events": { "purchase": { "properties": { "amount": { "type": "number" } } } },
          "traits": { "spent": { "sum": { "event": "purchase", "property": "amount" } } },
          "campaigns": {
            "thanks": { "trigger": { "event": "purchase" }, "reentry": "always",
              "condition": { ">=": [{ "var": "spent" }, 0] },
              "steps": [
                { "name": "now", "actions": [{ "send": "crm", "type": "t", "data": {} }] },
                { "name": "later", "after": "PT1H", "actions": [{ "send": "crm", "type": "t", "data": {} }] }] } } }
        """

    /// Events with and without ids, equal rows, rows of the future, of before, broken and badly typed ones; enough of them
    /// for several messages.
    static var events: String {
        var text = "customer,type,time,id,amount,note\n"
        for number in 0..<13_000 {
            let time = start.advanced(byMilliseconds: Int64(number - 12_900) * 60_000).iso8601
            text += "c\(number % 700),purchase,\(time),\(number % 3 == 0 ? "e\(number)" : ""),\(number % 90).5,Ä \"\n"
        }
        text = text.replacing("Ä \"", with: "\"Ä, \"\"x\"\"\"")
        return text + """
            c1,purchase,2026-01-02T00:00:00Z,,7,
            c1,purchase,2026-01-02T00:00:00Z,,7,
            c1,purchase,2026-01-02T00:00:00Z,,8,
            c2,purchase,2026-02-30,x1,1,
            c2,purchase,2026-01-02T00:00:00Z,x2,much,
            c3,visit,2026-01-03T00:00:00Z,x3,,
            c4,purchase
            c5,purchase,2031-01-01T00:00:00Z,x4,1,

            """
    }

    static let customers = """
        customer,tier,zone,time
        c1,gold,Europe/Paris,2026-01-01T00:00:00Z
        c1,silver,,
        c2,gold,Nowhere/Town,
        c3,,,
        new,gold,Asia/Tokyo,

        """

    /// What an import of `text` comes to, through a service or without one.
    private func imported(
        _ steps: [(text: String, kind: IntakeKind, mode: ImportRequest.Mode)], throughService: Bool
    ) throws -> (summaries: [String], rejects: [String], contents: [PipelinedWriterTests.Content]) {
        let world = try EngineWorld(rules: Self.rules, at: Self.start.advanced(byMilliseconds: -90 * 86_400_000))
        world.time.withLock { $0 = Self.start }
        let live = LiveEngine(store: world.store, clock: world.clock)
        let candidate = try EngineWorld.candidate(Self.rules, world.zone)
        var summaries: [String] = []
        var rejects: [String] = []
        for (number, step) in steps.enumerated() {
            let path = world.folder.appendingPathComponent("\(number).csv").path
            try step.text.write(toFile: path, atomically: true, encoding: .utf8)
            let request = ImportRequest(
                kind: step.kind, path: path, shownPath: "file.csv", zone: world.zone, mode: step.mode)
            let summary: ImportSummary
            if throughService {
                summary = try LiveStoreTests.turning(world, live) { store in
                    let session = try ImportSession(
                        store, zones: EngineWorld.zones, clock: world.clock, rules: candidate, revoke: { _ in })
                    // Safety: the import's messages come one after another, from the thread that runs it.
                    nonisolated(unsafe) let only = session
                    return try Importer(through: { try only.answer($0) }, zones: EngineWorld.zones)
                        .run(request, rules: candidate)
                }
            } else {
                summary = try Importer(store: world.store, zones: EngineWorld.zones, clock: world.clock)
                    .run(request, rules: candidate)
            }
            summaries.append(text(of: summary))
            rejects.append((try? String(contentsOfFile: path + ".rejects", encoding: .utf8)) ?? "")
        }
        let contents = try PipelinedWriterTests.contents(world.store).map { content in
            var content = content
            // How often a row was written is not what it says.
            content.customer?.version = 0
            return content
        }
        return (summaries, rejects, contents)
    }

    private func text(of summary: ImportSummary) -> String {
        let refusals = summary.refusals.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.key.rawValue) \($0.value.count) first \($0.value.first.extent.line)" }
        let decisions = summary.decisions.decisions.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.key.rawValue) \($0.value)" }
        return """
            read \(summary.read) new \(summary.new) known \(summary.alreadyStored) not taken \(summary.notTaken) \
            refused \(summary.refused) erased \(summary.erased) \(refusals) \(decisions) \
            undeclared \(summary.undeclaredEvents) \(summary.undeclaredTypes) zones \(summary.unknownZones) \
            \(String(describing: summary.firstUnknownZone)) columns \(summary.ignoredColumns)
            """
    }

    private func compare(_ steps: [(text: String, kind: IntakeKind, mode: ImportRequest.Mode)]) throws -> [String] {
        let alone = try imported(steps, throughService: false)
        let beside = try imported(steps, throughService: true)
        #expect(beside.summaries == alone.summaries)
        #expect(beside.rejects == alone.rejects)
        #expect(beside.contents == alone.contents)
        #expect(alone.contents.count > 5)
        return alone.summaries
    }

    @Test func `history is the same history, its refusals are named alike, and the same again is known`() throws {
        let summaries = try compare([
            (Self.events, .events, .history(until: Self.start)), (Self.events, .events, .history(until: Self.start)),
            (Self.customers, .customers, .history(until: Self.start)),
            (Self.customers, .customers, .history(until: Self.start)),
        ])
        // Several messages; what is known, refused and not taken is among it.
        #expect(summaries[0].contains("new 12904 known 0 not taken 101 refused 3"), "\(summaries[0])")
        #expect(summaries[1].contains("new 0 known 12904"), "\(summaries[1])")
        #expect(summaries[2].contains("zones 1"), "\(summaries[2])")
    }

    @Test(arguments: [ImportRequest.Mode.fire, .fireAtRows])
    func `what fires decides alike`(mode: ImportRequest.Mode) throws {
        // The latest: what is older than the lateness that is allowed would only be skipped.
        let lines = Self.events.split(separator: "\n", omittingEmptySubsequences: false)
        let text = (lines.prefix(1) + lines.suffix(3_500)).joined(separator: "\n")
        let summaries = try compare([
            (Self.customers, .customers, mode), (text, .events, mode), (text, .events, mode),
        ])
        #expect(summaries[1].contains("act "), "\(summaries[1])")
        #expect(summaries[2].contains("new 0 "), "\(summaries[2])")
    }

    @Test func `a service that ends in between is told, with what was dealt with until then`() throws {
        let world = try EngineWorld(rules: Self.rules, at: Self.start)
        let candidate = try EngineWorld.candidate(Self.rules, world.zone)
        let path = world.folder.appendingPathComponent("e.csv").path
        try Self.events.write(toFile: path, atomically: true, encoding: .utf8)
        let request = ImportRequest(
            kind: .events, path: path, shownPath: "e.csv", zone: world.zone, mode: .history(until: Self.start))
        let live = LiveEngine(store: world.store, clock: world.clock)
        for (answered, rows) in [(0, 0), (1, 0), (2, 5_000)] {
            let error = #expect(throws: ImportError.self) {
                try LiveStoreTests.turning(world, live) { store in
                    let session = try ImportSession(
                        store, zones: EngineWorld.zones, clock: world.clock, rules: candidate, revoke: { _ in })
                    // Safety: as above.
                    nonisolated(unsafe) let only = session
                    let left = Lock(answered)
                    let exchange: Importer.Exchange = { message in
                        let isThere = left.withLock { left in
                            left -= 1
                            return left >= 0
                        }
                        return isThere ? try only.answer(message) : nil
                    }
                    _ = try Importer(through: exchange, zones: EngineWorld.zones).run(request, rules: candidate)
                }
            }
            #expect(error == .serviceEnded(rows: rows), "answered \(answered)")
        }
    }

    @Test func `what is no message of an import is refused`() throws {
        let world = try EngineWorld(rules: Self.rules, at: Self.start)
        let live = LiveEngine(store: world.store, clock: world.clock)
        let candidate = try EngineWorld.candidate(Self.rules, world.zone)
        let session = try ImportSession(
            LiveStore(world.store, live: live), zones: EngineWorld.zones, clock: world.clock, rules: candidate,
            revoke: { _ in })
        for message in ["", "[]", "{}", #"{"rows":[]}"#, #"{"finish":true}"#, #"{"kind":"pets","fires":"now"}"#] {
            #expect(throws: ImportSession.Unreadable.self, "\(message)") { try session.answer(Array(message.utf8)) }
        }
        let begin = #"{"kind":"events","fires":"now","allowsNew":false}"#
        #expect(try session.answer(Array(begin.utf8)) == Array("{}".utf8))
        let rows = ["1", #"["c",1,2,3,4,{},"t","s"]"#, #"["c",1,2,3,null,{},"t","s","i"]"#, #"["c",1e300,2,3,4,{}]"#]
        for message in rows.map({ #"{"rows":["# + $0 + "]}" }) {
            #expect(throws: ImportSession.Unreadable.self, "\(message)") { try session.answer(Array(message.utf8)) }
        }
    }
}
