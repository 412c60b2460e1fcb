import CareValues

/// A made-up customer: who they are, where they live, when they were born.
struct Person {
    let id: String
    let name: String
    let email: String
    /// As a customer system would hold it: full, without a year, a sentinel date, or empty.
    let birthday: String
    let timeZone: String
    let joinedOn: CivilDate

    init(id: String, joinedOn: CivilDate, using generator: inout SplitMix64) {
        self.id = id
        self.joinedOn = joinedOn
        let given = Names.given[Int.random(in: 0..<Names.given.count, using: &generator)]
        let family = Names.family[Int.random(in: 0..<Names.family.count, using: &generator)]
        name = given + " " + family
        // example.com belongs to nobody.
        email = "\(given).\(family).\(id)@example.com".lowercased()
        birthday = Person.birthday(using: &generator)
        timeZone = Person.timeZone(using: &generator)
    }

    /// Everyone begins as bronze, on the day of the first purchase.
    var csvLine: String {
        let since = DemoTime.instant(joinedOn, seconds: 0).iso8601
        return [id, since, name, email, Tier.bronze.rawValue, birthday, timeZone, joinedOn.text].joined(separator: ",")
    }

    /// Born 1925 to 1981. Of a hundred, 4 gave no birthday, 4 no year, and 1 has a date that means "unknown".
    private static func birthday(using generator: inout SplitMix64) -> String {
        let kind = Int.random(in: 0..<100, using: &generator)
        let date = CivilDate(dayNumber: Int32.random(in: -16_436...4382, using: &generator))
        switch kind {
        case 0..<4: return ""
        case 4..<8: return "-" + date.text.dropFirst(4)
        case 8: return "1900-01-01"
        default: return date.text
        }
    }

    /// Mostly the United States, as the shop's customers were.
    private static func timeZone(using generator: inout SplitMix64) -> String {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<46: "America/New_York"
        case 46..<72: "America/Chicago"
        case 72..<79: "America/Denver"
        case 79..<96: "America/Los_Angeles"
        case 96: "Pacific/Honolulu"
        case 97: "America/Phoenix"
        default: "Europe/London"
        }
    }
}

/// Names to draw from; any likeness to a customer of CDNOW is chance.
enum Names {
    static let given = [
        "Alice", "Amir", "Anna", "Ben", "Carla", "Carlos", "Chen", "Dana", "David", "Diego", "Elena", "Emma", "Erik",
        "Fatima", "Frank", "Grace", "Hannah", "Hiro", "Ines", "Ivan", "James", "Jia", "Julia", "Karen", "Kofi", "Lars",
        "Laura", "Leila", "Liam", "Lucy", "Maria", "Mark", "Mei", "Mina", "Nadia", "Noah", "Olga", "Omar", "Paul",
        "Priya", "Rosa", "Ruth", "Sam", "Sara", "Sofia", "Tariq", "Tom", "Uma", "Vera", "Victor", "Wei", "Yuki", "Zoe",
    ]
    static let family = [
        "Adams", "Ahmed", "Baker", "Berg", "Brown", "Castillo", "Chan", "Clark", "Cohen", "Costa", "Davis", "Diaz",
        "Evans", "Fischer", "Ford", "Garcia", "Gupta", "Hall", "Hansen", "Ito", "Jackson", "Johnson", "Kaya", "Kim",
        "Kowalski", "Larsen", "Lee", "Lopez", "Martin", "Mendes", "Miller", "Moore", "Nguyen", "Novak", "Okafor",
        "Park",
        "Patel", "Perez", "Popov", "Reed", "Rossi", "Santos", "Schmidt", "Silva", "Singh", "Smith", "Tanaka", "Turner",
        "Walker", "Wang", "White", "Wright", "Young", "Zhang",
    ]
}
