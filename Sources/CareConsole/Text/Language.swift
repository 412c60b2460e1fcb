/// A language of the interface.
enum Language: String, Sendable, CaseIterable {
    case english
    case chinese

    /// The tag for `lang`, and the word in addresses and the cookie.
    var code: String {
        switch self {
        case .english: "en"
        case .chinese: "zh-Hans"
        }
    }

    /// What it calls itself.
    var name: String {
        switch self {
        case .english: "English"
        case .chinese: "中文"
        }
    }

    /// The language of that code.
    init?(code: String) {
        guard let language = Language.allCases.first(where: { $0.code == code }) else { return nil }
        self = language
    }

    /// What a browser asks for: the cookie's choice, else the first of `Accept-Language` (RFC 9110 §12.5.4) that there is,
    /// by quality, then order; English where there is none.
    static func chosen(cookie: String?, acceptLanguage: String?) -> Language {
        if let cookie, let language = Language(code: cookie) { return language }
        var best: (language: Language, quality: Double)?
        for part in (acceptLanguage ?? "").prefix(1_000).split(separator: ",") {
            let fields = part.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let range = fields.first?.lowercased() else { continue }
            var quality = 1.0
            for field in fields.dropFirst() where field.hasPrefix("q=") { quality = Double(field.dropFirst(2)) ?? 0 }
            let language: Language
            switch range.split(separator: "-").first ?? "" {
            case "zh": language = .chinese
            case "en": language = .english
            default: continue
            }
            guard quality > 0, quality <= 1, best.map({ quality > $0.quality }) ?? true else { continue }
            best = (language, quality)
        }
        return best?.language ?? .english
    }
}
