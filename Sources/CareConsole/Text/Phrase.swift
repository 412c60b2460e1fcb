import CareValues

/// Something that the interface says, in each of its languages.
///
/// `{name}` is a place to be filled; what stands between `[[` and `]]` is strong. `one` is the English for a count of one.
struct Phrase: Sendable {
    let english: String
    let chinese: String
    let one: String?

    init(_ english: String, _ chinese: String, one: String? = nil) {
        self.english = english
        self.chinese = chinese
        self.one = one
    }

    /// Its text in a language; `count` chooses the English form.
    func text(in language: Language, count: Int? = nil) -> String {
        switch language {
        case .english: count == 1 ? one ?? english : english
        case .chinese: chinese
        }
    }
}

/// Says phrases in one language, and writes numbers and times as that language does.
struct Voice: Sendable {
    let language: Language
    /// The zone in which times are read.
    var zone: Zone

    /// A phrase without places, as text.
    func callAsFunction(_ phrase: Phrase) -> String {
        phrase.text(in: language).replacing("[[", with: "").replacing("]]", with: "")
    }

    /// A phrase as text, with its places filled; `n` fills `{n}` and chooses the form.
    func callAsFunction(_ phrase: Phrase, n: Int? = nil, _ places: [String: String] = [:]) -> String {
        var result = ""
        pieces(phrase.text(in: language, count: n)) { piece in
            switch piece {
            case .text(let text): result += text
            case .place("n") where n != nil: result += n.map(number) ?? ""
            case .place(let name): result += places[name] ?? ""
            case .strong, .endOfStrong: break
            }
        }
        return result
    }

    /// A phrase with its places filled.
    func markup(_ phrase: Phrase, n: Int? = nil, _ places: [String: Markup] = [:]) -> Markup {
        var parts: [Markup] = []
        var strong: [Markup]?
        func add(_ part: Markup) {
            if strong != nil { strong?.append(part) } else { parts.append(part) }
        }
        pieces(phrase.text(in: language, count: n)) { piece in
            switch piece {
            case .text(let text): add(.text(text))
            case .place("n") where n != nil: add(.text(n.map(number) ?? ""))
            case .place(let name): add(places[name] ?? .empty)
            case .strong: strong = []
            case .endOfStrong:
                let inner = Markup.joined(strong ?? [])
                strong = nil
                parts.append(tag("strong") { inner })
            }
        }
        return Markup.joined(parts)
    }

    private enum Piece {
        case text(String)
        case place(String)
        case strong
        case endOfStrong
    }

    private func pieces(_ text: String, _ visit: (Piece) -> Void) {
        var rest = Substring(text)
        while let next = rest.firstIndex(where: { $0 == "{" || $0 == "[" || $0 == "]" }) {
            if next > rest.startIndex { visit(.text(String(rest[..<next]))) }
            rest = rest[next...]
            if rest.hasPrefix("[[") {
                visit(.strong)
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("]]") {
                visit(.endOfStrong)
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("{"), let end = rest.firstIndex(of: "}") {
                visit(.place(String(rest[rest.index(after: rest.startIndex)..<end])))
                rest = rest[rest.index(after: end)...]
            } else {
                visit(.text(String(rest.removeFirst())))
            }
        }
        if !rest.isEmpty { visit(.text(String(rest))) }
    }

    /// `1,204,118`
    func number(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var text = number < 0 ? "\u{2212}" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// A number in a table: zero is a dot.
    func cell(_ number: Int) -> String { number == 0 ? "\u{00B7}" : self.number(number) }

    /// A fraction in percent with one decimal: `11.0 %`.
    func percent(_ fraction: Double) -> String {
        decimal(fraction * 100) + "\u{00A0}%"
    }

    /// One decimal, with a real minus.
    func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return (tenths < 0 ? "\u{2212}" : "") + "\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }

    /// Names one after another.
    func list(_ names: [String]) -> String {
        names.joined(separator: language == .chinese ? "、" : ", ")
    }
}
