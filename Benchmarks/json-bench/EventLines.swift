import CareValues

/// Made-up event lines, the same on every machine: about 180 bytes each, one in ten with Chinese text.
enum EventLines {
    static let types = ["purchase", "purchase", "purchase", "login", "survey.nps", "complaint.opened", "refund"]
    static let shops = ["/pos/shanghai-12", "/web/checkout", "/app/android", "/pos/new-york-03"]
    static let notes = [
        "gift wrapped, leave at door", "second visit this month, asked", "coupon SPRING used, no return",
    ]
    static let chinese = ["礼品包装，放在门口即可", "本月第二次到店，询问会员", "已使用春季优惠券，不退"]

    /// `count` lines, each ended by a line feed.
    static func make(count: Int, seed: UInt64 = 20_260_615) -> [UInt8] {
        var random = SplitMix64(seed: seed)
        var output: [UInt8] = []
        output.reserveCapacity(count * 190)
        func pick(_ list: [String]) -> String { list[Int(random.next() % UInt64(list.count))] }
        func digits(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        for index in 0..<count {
            let customer = Int(random.next() % 1_000_000)
            let cents = Int(random.next() % 100_000)
            let time = Timestamp(milliseconds: 1_700_000_000_000 + Int64(index) * 997 + Int64(random.next() % 900))
            let note = random.next() % 10 == 0 ? pick(chinese) : pick(notes)
            let line =
                #"{"id":"evt_\#(digits(index, 12))","source":"\#(pick(shops))","customer":"c\#(digits(customer, 7))","#
                + #""type":"\#(pick(types))","time":"\#(time.iso8601)","#
                + #""amount":\#(cents / 100).\#(digits(cents % 100, 2)),"note":"\#(note)"}"#
            output.append(contentsOf: line.utf8)
            output.append(0x0A)
        }
        return output
    }
}
