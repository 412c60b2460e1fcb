import CareLogic
import CareValues
import Testing

/// Scores, groups and quantiles, by themselves.
@Suite struct RFMTests {
    static let cuts = RFMCutPoints(
        recency: [30, 90, 180, 365], frequency: [1, 2, 4, 8], monetary: [50, 200, 500, 2000])

    @Test(arguments: [
        (0, 5), (29, 5), (30, 4), (89, 4), (90, 3), (179, 3), (180, 2), (364, 2), (365, 1), (9_000, 1),
    ]) func `fewer days than a cut point are better, as many are not`(days: Int, score: Int) {
        let scores = Self.cuts.scores(of: RFMMeasures(days: days, count: 1, sum: 0))
        #expect(scores.recency == score)
    }

    @Test(arguments: [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (8, 4), (9, 5)])
    func `more events than a cut point are better, as many are not`(count: Int, score: Int) {
        #expect(Self.cuts.scores(of: RFMMeasures(days: 0, count: count, sum: 0)).frequency == score)
    }

    @Test(arguments: [(-5.0, 1), (50.0, 1), (50.01, 2), (200.0, 2), (2000.0, 4), (2000.01, 5)])
    func `a greater sum than a cut point is better, an equal one is not`(sum: Double, score: Int) {
        #expect(Self.cuts.scores(of: RFMMeasures(days: 0, count: 1, sum: sum)).monetary == score)
    }

    @Test func `every combination of scores is in one group, as the table says`() {
        let table = [
            5: ["new", "potential-loyalist", "potential-loyalist", "champions", "champions"],
            4: ["promising", "potential-loyalist", "potential-loyalist", "loyal", "loyal"],
            3: ["about-to-sleep", "about-to-sleep", "needs-attention", "loyal", "loyal"],
            2: ["hibernating", "hibernating", "at-risk", "at-risk", "cant-lose-them"],
            1: ["hibernating", "hibernating", "at-risk", "at-risk", "cant-lose-them"],
        ]
        for recency in 1...5 {
            for frequency in 1...5 {
                for monetary in 1...5 {
                    let worth = Int((Double(frequency + monetary) / 2).rounded(.toNearestOrAwayFromZero))
                    let group = RFMGroup(recency: recency, frequency: frequency, monetary: monetary)
                    #expect(group.rawValue == table[recency]?[worth - 1])
                }
            }
        }
    }

    @Test func `customers who are alike get one score, the lower`() throws {
        var survey = RFMSurvey()
        // Seven of ten bought once; eight of ten long ago.
        for (days, count) in [
            (400, 1), (400, 1), (400, 1), (400, 1), (400, 1), (400, 1), (400, 1), (400, 2), (9, 3), (2, 9),
        ] {
            survey.add(RFMMeasures(days: days, count: count, sum: Double(count) * 10))
        }
        let points = try #require(survey.quantiles())
        #expect(points.frequency == [1, 1, 1, 2])
        #expect(points.recency == [400, 400, 400, 400])
        #expect(points.scores(of: RFMMeasures(days: 400, count: 1, sum: 10)) == (1, 1, 1))
        #expect(points.scores(of: RFMMeasures(days: 400, count: 2, sum: 20)) == (1, 4, 4))
        #expect(points.scores(of: RFMMeasures(days: 9, count: 9, sum: 90)) == (5, 5, 5))
        #expect(RFMSurvey().quantiles() == nil)
    }

    @Test(arguments: seeds(60)) func `a score is given to no more than its share and the customers who are alike`(
        seed: UInt64
    ) throws {
        var random = SplitMix64(seed: seed)
        let size = Int.random(in: 1...120, using: &random)
        let spread = Int.random(in: 1...40, using: &random)
        let people = (0..<size).map { _ in
            RFMMeasures(
                days: Int.random(in: 0...spread, using: &random),
                count: Int.random(in: 1...(spread + 1), using: &random),
                sum: Double(Int.random(in: -5...spread, using: &random)))
        }
        var survey = RFMSurvey()
        for one in people.shuffled(using: &random) { survey.add(one) }
        let points = try #require(survey.quantiles())
        #expect(RFMCutPoints(points.jsonValue) == points)
        // By counting: above score k is who is better than ⌈k·n/5⌉ customers at least, himself not counted.
        func score(_ worse: Int) -> Int { 1 + (1...4).count { worse >= ($0 * size + 4) / 5 } }
        for one in people {
            let scores = points.scores(of: one)
            #expect(scores.recency == score(people.count { $0.days > one.days }))
            #expect(scores.frequency == score(people.count { $0.count < one.count }))
            #expect(scores.monetary == score(people.count { $0.sum < one.sum }))
        }
        let other = RFMCutPoints(recency: [1, 2, 3, 4], frequency: [1, 2, 3, 4], monetary: [1, 2, 3, 4])
        let moves = survey.moves(from: other, to: points)
        #expect(moves.scores == people.count { other.scores(of: $0) != points.scores(of: $0) })
        #expect(moves.groups <= moves.scores)
        #expect(survey.moves(from: points, to: points) == (0, 0))
        #expect(survey.moves(from: nil, to: points) == (size, size))
    }

    @Test func `a set of cut points comes back from its text, and is read by the definition it was computed for alone`()
        throws
    {
        let schema = try schema(
            #"{ "traits": { "a": { "rfm": { "event": "buy", "property": "x", "within": "P9D", "scores": "quantiles" } }, "b": { "rfm": { "event": "buy", "property": "x", "scores": "quantiles" } } } }"#
        )
        let definitions = schema.rfmDefinitions
        #expect(definitions.map(\.name) == ["a", "b"])
        #expect(definitions[0].fingerprint != definitions[1].fingerprint)
        func entry(_ name: String, _ fingerprint: String) -> CutPointSet.Entry {
            CutPointSet.Entry(
                trait: name, fingerprint: fingerprint, asOf: Timestamp(milliseconds: 5), customers: 3, points: Self.cuts
            )
        }
        let set = CutPointSet(
            version: 7, entries: [entry("b", definitions[0].fingerprint), entry("a", definitions[0].fingerprint)])
        #expect(CutPointSet(version: 7, text: set.text) == set)
        #expect(CutPointSet(version: 7, text: "[{}]") == nil)
        #expect(schema.entries(of: set).map(\.trait) == ["a"])
        let scoring = schema.scoring(by: set)
        #expect(scoring.layoutHash == schema.layoutHash)
        var cache = FactCache(schema: schema)
        let now = Timestamp(milliseconds: 1_000_000_000)
        cache.apply(
            Event(type: "buy", source: "s", id: "1", time: now, receivedAt: now, properties: ["x": .number(60)]),
            schema: schema)
        func code(_ schema: Schema, _ name: String) throws -> LogicValue {
            let index = try #require(schema.traitIndex(name + ".code"))
            return try schema.trait(index, in: cache, customer: "c", now: now, zone: .utc).value
        }
        #expect(try code(schema, "a") == .missing)
        #expect(try code(scoring, "a") == .string("512"))
        #expect(try code(scoring, "b") == .missing)
    }
}
