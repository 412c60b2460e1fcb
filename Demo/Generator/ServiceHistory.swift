import CareValues

/// Made-up complaints about purchases, and answers to the question how likely one is to recommend the shop.
enum ServiceHistory {
    struct Event {
        let customer: String
        let type: String
        let id: String
        let time: Timestamp
        let properties: JSONObject

        /// One line of JSON, canonical; the source says that the event is made up.
        var jsonLine: String {
            CanonicalJSON.text(
                .object([
                    "customer": .string(customer), "type": .string(type), "source": .string("made-up"),
                    "id": .string(id), "time": .string(time.iso8601), "properties": .object(properties),
                ]))
        }
    }

    private static let subjects = ["wrong item", "arrived scratched", "arrived late", "charged twice", "never arrived"]

    /// Of a hundred purchases 5 bring a complaint, of which 85 in a hundred are resolved within a week; 7 bring an
    /// answer to a survey, the lower the fresher a complaint is.
    static func events(of customer: String, purchases: [Purchase], using generator: inout SplitMix64) -> [Event] {
        var events: [Event] = []
        var lastComplaint: CivilDate?
        for (index, purchase) in purchases.enumerated() {
            if Int.random(in: 0..<100, using: &generator) < 5 {
                let ticket = "T-\(customer)-\(index + 1)"
                let date = purchase.date.advanced(byDays: Int.random(in: 1...9, using: &generator))
                lastComplaint = date
                let opened = daytime(date, using: &generator)
                let subject = subjects[Int.random(in: 0..<subjects.count, using: &generator)]
                events.append(
                    Event(
                        customer: customer, type: "complaint.opened", id: ticket + "-opened", time: opened,
                        properties: ["ticketId": .string(ticket), "subject": .string(subject)]))
                if Int.random(in: 0..<100, using: &generator) < 85 {
                    let minutes = Int64.random(in: 90...9000, using: &generator)
                    events.append(
                        Event(
                            customer: customer, type: "complaint.resolved", id: ticket + "-resolved",
                            time: opened.advanced(byMilliseconds: minutes * 60_000),
                            properties: ["ticketId": .string(ticket)]))
                }
            }
            if Int.random(in: 0..<100, using: &generator) < 7 {
                let date = purchase.date.advanced(byDays: Int.random(in: 3...12, using: &generator))
                let isCross = lastComplaint.map { date.dayNumber - $0.dayNumber < 60 } ?? false
                events.append(
                    Event(
                        customer: customer, type: "survey.nps", id: "N-\(customer)-\(index + 1)",
                        time: daytime(date, using: &generator),
                        properties: ["score": .number(Double(score(isCross: isCross, using: &generator)))]))
            }
        }
        return events.filter { $0.time < DemoTime.end }
    }

    /// 0...10.
    private static func score(isCross: Bool, using generator: inout SplitMix64) -> Int {
        let draw = Int.random(in: 0..<100, using: &generator)
        if isCross { return Int.random(in: 0...(draw < 70 ? 6 : 8), using: &generator) }
        switch draw {
        case 0..<18: return Int.random(in: 0...6, using: &generator)
        case 18..<52: return Int.random(in: 7...8, using: &generator)
        default: return Int.random(in: 9...10, using: &generator)
        }
    }

    /// Between 13:00 and 23:00 UTC, morning to evening in America.
    private static func daytime(_ date: CivilDate, using generator: inout SplitMix64) -> Timestamp {
        DemoTime.instant(date, seconds: 46_800 + Int.random(in: 0..<36_000, using: &generator))
    }
}
