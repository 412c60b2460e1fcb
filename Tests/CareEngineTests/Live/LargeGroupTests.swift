import CareDecisions
import CareStore
import CareThreads
import CareValues
import Testing

@testable import CareEngine

/// A large group is decided on a second thread: that makes no difference to what is stored and answered.
@Suite struct LargeGroupTests {
    /// What `body` gives with a preparer that has its thread.
    private static func withPreparer<Answer>(_ body: (Preparer) throws -> Answer) throws -> Answer {
        let preparer = Preparer()
        let thread = try #require(preparer.start())
        defer {
            preparer.end()
            thread.join()
        }
        return try body(preparer)
    }

    /// Writes one group; the answers of each job.
    private static func write(
        _ batches: [(batch: LiveBatch, key: RequestKey?)], to world: EngineWorld, _ preparer: Preparer?
    ) throws -> (answers: [[LiveAnswer]], written: GroupWriter.Written) {
        let given = Lock<[Int: [LiveAnswer]]>([:])
        let jobs = batches.enumerated().map { place, one in
            FactsJob(
                batch: one.batch, count: one.batch.requests.reduce(0) { $0 + $1.items.count }, key: one.key,
                answer: { result in given.withLock { $0[place] = try? result.get() } })
        }
        let writer = GroupWriter(store: world.store, clock: world.clock, rules: world.rules, preparer: preparer)
        let written = writer.write(jobs, revoking: { _ in })
        return (given.withLock { given in jobs.indices.map { given[$0] ?? [] } }, written)
    }

    /// What happens to the customers of `seed`, many of them, in jobs of some requests each: mostly one fact, now and then
    /// the same fact twice, or attributes that are only to be stored where they are news.
    private static func batches(_ seed: UInt64) -> [(batch: LiveBatch, key: RequestKey?)] {
        var happenings: [(at: Timestamp, customer: String, fact: Fact)] = []
        for copy in 1...12 {
            for one in Life(seed: seed &* 100 &+ UInt64(copy)).happenings(until: PipelinedWriterTests.until) {
                happenings.append((at: one.at, customer: "\(one.customer)-\(copy)", fact: one.fact))
            }
        }
        happenings.sort { ($0.at, $0.customer) < ($1.at, $1.customer) }
        happenings += happenings.suffix(20)
        var batches: [(batch: LiveBatch, key: RequestKey?)] = []
        var requests: [LiveRequest] = []
        for (place, one) in happenings.enumerated() {
            var items = [LiveRequest.Item.fact(one.fact)]
            if place % 13 == 0 { items.append(.fact(one.fact)) }
            if place % 3 == 0, case .attributes(let attributes) = one.fact {
                items = [.change(AttributeSetting(values: attributes.values, wantsTag: place % 2 == 0))]
            }
            if requests.contains(where: { $0.customer == one.customer }) || requests.count == 25 {
                let key = batches.count % 5 == 4 ? RequestKey(name: "k\(batches.count)", content: "c") : nil
                batches.append((LiveBatch(requests), key))
                requests = []
            }
            requests.append(LiveRequest(customer: one.customer, items: items))
        }
        batches.append((LiveBatch(requests), nil))
        return batches
    }

    @Test(arguments: [UInt64](1...TestScale.seeds(10)))
    func `a second thread changes no answer and nothing that is stored`(seed: UInt64) throws {
        let batches = Self.batches(seed)
        let worlds = try [true, false].map { isPiped in
            let world = try EngineWorld(rules: Life.rules, at: Life.beginning(PipelinedWriterTests.until))
            world.time.withLock { $0 = PipelinedWriterTests.until }
            try world.store.write {
                try $0.save(id: "c1-3", wakeUp: nil, epoch: 1, row: [255, 255, 255], expectedVersion: 0)
            }
            let result = try Self.withPreparer { try Self.write(batches, to: world, isPiped ? $0 : nil) }
            return (world: world, result: result)
        }
        #expect(worlds[0].result.answers == worlds[1].result.answers)
        #expect(worlds[0].result.written.transactions == 1)
        #expect(worlds[0].result.written.duplicates > 10)
        #expect(worlds[0].result.written.summary.decided == worlds[1].result.written.summary.decided)
        #expect(worlds[0].result.written.summary.factsStored > PipelinedWriter.worthwhile)
        #expect(try Self.contents(worlds[0].world) == Self.contents(worlds[1].world))
    }

    private static func contents(_ world: EngineWorld) throws -> [PipelinedWriterTests.Content] {
        // The one that cannot be read is written by nobody.
        _ = try world.store.write { try $0.erase(customer: "c1-3") }
        return try PipelinedWriterTests.contents(world.store)
    }

    @Test(arguments: [false, true])
    func `each fact of a large group is answered by what became of it`(isPiped: Bool) throws {
        let start = LiveEngineTests.start
        let world = try EngineWorld(rules: LiveEngineTests.rules, at: start)
        let old = start.advanced(byMilliseconds: -800 * 86_400_000)
        try world.store.write { transaction in
            var writer = CustomerWriter(transaction, rules: world.rules, clock: world.clock)
            for customer in ["c1", "gone"] {
                try writer.absorb([LiveEngineTests.purchase("old", at: old)], customer: customer, asOf: start)
            }
            try writer.finish()
            try transaction.save(id: "bad", wakeUp: nil, epoch: 1, row: [255, 255, 255], expectedVersion: 0)
        }
        let eraser = Eraser(store: world.store, approved: ApprovedPlans(storePath: world.store.path))
        _ = try eraser.erase("gone", at: start)
        _ = try Pruner(store: world.store, zones: EngineWorld.zones).run(
            Retention(facts: ISODuration(months: 12)), at: start, zone: world.zone)

        func batch(_ customer: String, _ facts: [Fact]) -> LiveBatch {
            LiveBatch([LiveRequest(customer: customer, facts: facts)])
        }
        let new = LiveEngineTests.purchase("new")
        var batches = (0..<200).map { (batch: batch("c\($0)", [new]), key: RequestKey?.none) }
        let key = RequestKey(name: "key", content: "content")
        batches += [
            (batch("c0", [new]), nil), (batch("gone", [new]), nil), (batch("bad", [new]), nil),
            (batch("c1", [LiveEngineTests.purchase("older", at: old)]), nil),
            (batch("bad", [LiveEngineTests.purchase("older", at: old)]), nil),
            (batch("c2", [new, LiveEngineTests.purchase("newer")]), nil),
            (batch("named", [new]), key), (batch("named", [new]), key),
        ]
        let (answers, written) = try Self.withPreparer { try Self.write(batches, to: world, isPiped ? $0 : nil) }
        #expect(answers.prefix(200).allSatisfy { $0 == [.stored] })
        #expect(
            answers.dropFirst(200) == [
                [.duplicate], [.erased], [.unreadable], [.tooOld], [.unreadable], [.duplicate, .stored], [.stored],
                [.stored],
            ])
        #expect(written.transactions == 1)
        #expect(written.summary.factsStored == 202)
        #expect(written.summary.decisions[.act] == 202)
        #expect(written.summary.unreadable.count == 2)
        // What was answered under a key was answered once for all.
        #expect(written.duplicates == 2)
    }

    @Test func `the second thread serves one group after another`() throws {
        let world = try EngineWorld(rules: LiveEngineTests.rules, at: LiveEngineTests.start)
        try Self.withPreparer { preparer in
            for id in ["first", "second"] {
                let fact = LiveEngineTests.purchase(id)
                let batches = (0..<150).map { place in
                    (batch: LiveBatch([LiveRequest(customer: "c\(place)", facts: [fact])]), key: RequestKey?.none)
                }
                let (answers, written) = try Self.write(batches, to: world, preparer)
                #expect(answers.allSatisfy { $0 == [.stored] })
                #expect(written.summary.factsStored == 150)
            }
        }
    }
}
