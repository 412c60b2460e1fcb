/// Reads holiday files: regions by code, each with its holidays, and perhaps the days that an authority published.
///
/// ```json
/// { "source": "…", "licence": "…", "regions": {
///   "ACME": { "extends": "US", "holidays": { "founders-day": "3rd monday of march", "sale": ["2026-06-18", "2027-06-17"] } } } }
/// ```
public struct HolidayReader {
    /// The largest holiday file that is read, in bytes.
    public static let maximumBytes = 1 << 20
    /// The most regions of one file.
    static let maximumRegions = 1_000
    /// The most holidays of one region, and dates of one holiday.
    static let maximumHolidays = 1_000

    /// The regions read so far, those to extend included; of one code the last counts.
    private var definitions: [HolidayRegion.Definition]
    /// What has been found, in the order of reading.
    public private(set) var diagnostics: [Diagnostic] = []

    /// A reader whose files may extend the regions of `base`, or take their place.
    public init(base: HolidayTable = .empty) {
        definitions = base.regions.map(\.definition)
    }

    /// Reads one file on top of what was read before.
    public mutating func read(file: String, bytes: [UInt8]) {
        let (document, syntax) = JSONDocument.read(file: file, bytes: bytes)
        diagnostics += syntax
        guard let document else { return }
        guard document.root.kind == .object else {
            return report(document.root, "a holiday file holds one JSON object", nil)
        }
        var regions: JSONNode?
        for (key, value) in document.root.members {
            switch key.string ?? "" {
            case "$schema": break
            case "source", "licence": _ = text(value, key.string ?? "")
            case "regions": regions = value
            default: unknownKey(key, "a holiday file", ["source", "licence", "regions"])
            }
        }
        guard let regions else { return report(document.root, "a holiday file needs 'regions'", nil) }
        guard regions.kind == .object, regions.count <= Self.maximumRegions else {
            return report(regions, "regions is an object of at most \(Self.maximumRegions) regions by code", nil)
        }
        for (key, value) in regions.members { readRegion(key, value) }
    }

    /// All regions: those of the base and those of the files.
    public var table: HolidayTable { HolidayTable(definitions.map { HolidayRegion($0) }) }

    // MARK: Parts

    private mutating func readRegion(_ key: JSONNode, _ node: JSONNode) {
        let code = key.string ?? ""
        guard node.kind == .object, !code.isEmpty, !code.contains(".") else {
            return report(key, "a region is an object under a code that is not empty and holds no '.'", nil)
        }
        var region = HolidayRegion.Definition(code: code)
        // First, wherever it stands: the other keys go on top of it.
        if let base = node["extends"], let name = text(base, "extends") {
            if let known = definitions.last(where: { $0.isCalled(name) }) {
                region = known
                region.code = code
                region.also = []
            } else {
                let codes = definitions.map(\.code)
                report(
                    base, code: "config.unknown-region", "no region '\(name)' to extend",
                    nearest(name, in: codes).map { "did you mean '\($0)'?" } ?? "one that ships, or stands above")
            }
        }
        for (key, value) in node.members {
            switch key.string ?? "" {
            case "extends": break
            case "also": region.also = texts(value, "also") ?? []
            case "bridge":
                if let bridge = value.bool {
                    region.bridge = bridge
                } else {
                    report(value, "bridge is true or false", nil)
                }
            case "since":
                if let year = year(value) { region.since = year }
            case "holidays": readHolidays(value, into: &region)
            case "published": readPublished(value, into: &region)
            default:
                unknownKey(key, "a region", ["extends", "also", "since", "bridge", "holidays", "published"])
            }
        }
        definitions.removeAll { $0.code.uppercased() == code.uppercased() }
        definitions.append(region)
    }

    private mutating func readHolidays(_ node: JSONNode, into region: inout HolidayRegion.Definition) {
        guard node.kind == .object, node.count <= Self.maximumHolidays else {
            return report(node, "holidays is an object of at most \(Self.maximumHolidays) holidays by name", nil)
        }
        for (key, value) in node.members {
            let name = key.string ?? ""
            guard !name.isEmpty, !name.contains(where: { $0 == "/" || $0 == "." }) else {
                report(key, "a holiday's name is not empty and holds neither '.' nor '/'", nil)
                continue
            }
            if let spans = readSpans(value) { region.holidays[name] = spans }
        }
    }

    /// A day, a list of dates, an object, or a list of objects.
    private mutating func readSpans(_ node: JSONNode) -> [HolidaySpan]? {
        if node.kind == .object { return readSpan(node).map { [$0] } }
        let elements = Array(node.elements)
        guard node.kind == .array, elements.first?.kind == .object else {
            return readDay(node).map { [HolidaySpan(day: $0)] }
        }
        let spans = elements.compactMap { readSpan($0) }
        return spans.count == elements.count ? spans : nil
    }

    private mutating func readSpan(_ node: JSONNode) -> HolidaySpan? {
        guard node.kind == .object, let dayNode = node["day"] else {
            report(node, "a holiday's rule is an object with 'day'", nil)
            return nil
        }
        guard let day = readDay(dayNode) else { return nil }
        var span = HolidaySpan(day: day)
        for (key, value) in node.members {
            switch key.string ?? "" {
            case "day": break
            case "plus":
                if let plus = days(value) { span.plus = plus }
            case "years":
                let years = value.elements.compactMap { year($0) }
                if years.count == 2, value.count == 2, years[0] <= years[1] {
                    span.years = years[0]...years[1]
                } else {
                    report(value, "years is the first and the last year: [2021, 9999]", nil)
                }
            case "off":
                span.daysOff = value.elements.compactMap { days($0) }
                if value.kind != .array { report(value, "off is a list of days after the holiday: [0]", nil) }
            case "observed":
                if let rule = value.string.flatMap(HolidaySpan.Observed.init(rawValue:)) {
                    span.observed = rule
                } else {
                    let words = HolidaySpan.Observed.allCases.map(\.rawValue)
                    report(value, "observed is one of \(words.joined(separator: ", "))", nil)
                }
            default: unknownKey(key, "a holiday's rule", ["day", "plus", "years", "off", "observed"])
            }
        }
        return span
    }

    private mutating func readDay(_ node: JSONNode) -> HolidayDay? {
        if node.kind == .array { return dates(node).map(HolidayDay.dates) }
        guard let text = text(node, "a holiday") else { return nil }
        if let day = HolidayDay(text: text) { return day }
        report(
            node, code: "config.wrong-value", "'\(text)' tells no day of the year",
            "12-25, 3rd monday of january, easter, chinese 08-15, a solar term, or a list of dates")
        return nil
    }

    private mutating func readPublished(_ node: JSONNode, into region: inout HolidayRegion.Definition) {
        for (key, value) in node.members {
            guard let number = Int(key.string ?? ""), (1...9999).contains(number) else {
                report(key, "published holds years: \"2026\"", nil)
                continue
            }
            var lists: [String: [CivilDate]] = ["off": [], "work": []]
            for (name, list) in value.members {
                guard let known = name.string, lists[known] != nil else {
                    unknownKey(name, "a published year", ["off", "work"])
                    continue
                }
                lists[known] = dates(list) ?? []
                if lists[known]?.contains(where: { $0.components.year != number }) ?? false {
                    report(list, "these are the days of \(number)", nil)
                }
            }
            region.published[number] = HolidayRegion.PublishedYear(off: lists["off"] ?? [], work: lists["work"] ?? [])
        }
    }

    // MARK: Scalars

    /// Dates, put in order; nil after a finding.
    private mutating func dates(_ node: JSONNode) -> [CivilDate]? {
        if node.kind == .array, node.count == 0 { return [] }
        guard let texts = texts(node, "a list of dates") else { return nil }
        let dates = texts.compactMap { CivilDate(text: $0) }
        guard dates.count == texts.count, Set(dates).count == dates.count, dates.count <= Self.maximumHolidays else {
            report(node, "a list of dates holds different dates such as \"2026-05-17\"", nil)
            return nil
        }
        return dates.sorted()
    }

    private mutating func texts(_ node: JSONNode, _ subject: String) -> [String]? {
        let texts = node.elements.compactMap(\.string)
        guard node.kind == .array, texts.count == node.count, !texts.isEmpty else {
            report(node, "\(subject) is a list of texts", nil)
            return nil
        }
        return texts
    }

    private mutating func text(_ node: JSONNode, _ subject: String) -> String? {
        if let text = node.string, !text.isEmpty { return text }
        report(node, "\(subject) is text that is not empty", nil)
        return nil
    }

    private mutating func year(_ node: JSONNode) -> Int? {
        if let year = node.number.flatMap({ Int(exactly: $0) }), (1...9999).contains(year) { return year }
        report(node, "a year is a whole number from 1 to 9999", nil)
        return nil
    }

    private mutating func days(_ node: JSONNode) -> Int? {
        if let days = node.number.flatMap({ Int(exactly: $0) }), abs(days) <= 400 { return days }
        report(node, "days are a whole number from -400 to 400", nil)
        return nil
    }

    private mutating func unknownKey(_ key: JSONNode, _ noun: String, _ keys: [String]) {
        let name = key.string ?? ""
        report(
            key, code: "config.unknown-key", "unknown key '\(name)' in \(noun)",
            nearest(name, in: keys).map { "did you mean '\($0)'?" }
                ?? "\(noun) may have \(keys.joined(separator: ", "))")
    }

    private mutating func report(
        _ node: JSONNode, code: String = "config.wrong-value", _ message: String, _ help: String?
    ) {
        diagnostics.append(node.document.diagnostic(at: node, code: code, message: message, help: help))
    }
}

extension HolidayRegion.Definition {
    /// Whether `name` is its code or one of its other codes, in small or capital letters.
    func isCalled(_ name: String) -> Bool {
        ([code] + also).contains { $0.uppercased() == name.uppercased() }
    }
}
