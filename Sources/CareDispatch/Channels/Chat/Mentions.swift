/// Whom a robot's message calls upon: what an action's `to` names, divided by commas.
struct Mentions {
    /// `@all` was among them.
    var all = false
    /// Telephone numbers.
    var numbers: [String] = []
    /// Ids of members.
    var members: [String] = []

    /// Reads an address; blanks around a name do not count.
    init(_ address: String) {
        for part in address.split(separator: ",") {
            let name = String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            if name == "@all" {
                all = true
            } else if Self.isNumber(name) {
                numbers.append(name)
            } else if !name.isEmpty {
                members.append(name)
            }
        }
    }

    /// Seven or more digits, perhaps behind a plus.
    private static func isNumber(_ text: String) -> Bool {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "+") }
        return digits.count >= 7 && text.utf8.count - digits.count <= 1
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
