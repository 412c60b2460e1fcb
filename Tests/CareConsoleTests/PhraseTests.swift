import CareCalendar
import CareDecisions
import CareValues
import Foundation
import Testing

@testable import CareConsole

/// The table of what the interface says, in both languages.
@Suite struct PhraseTests {
    /// Every `Phrase("…", "…")` of the sources: file, English, Chinese.
    static let all: [(file: String, english: String, chinese: String)] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/CareConsole/Text")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.lastPathComponent.hasPrefix("Say") }.flatMap { file in
            let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            return text.matches(of: /Phrase\(\s*"([^"]*(?:\\"[^"]*)*)",\s*"([^"]*(?:\\"[^"]*)*)"/).map {
                (file.lastPathComponent, String($0.1), String($0.2))
            }
        }
    }()

    @Test func `each phrase is said in both languages, with the same places`() {
        #expect(Self.all.count > 400)
        // Words that are the same in both, or only a place.
        let same: Set<String> = [
            "{state}；{n}", "{name}：{state}。", "{detail}，{time}", "{reason}，{time}", "，", "；", "：", "。",
        ]
        for phrase in Self.all {
            let places = { (text: String) in Set(text.matches(of: /\{([a-z0-9]+)\}/).map { String($0.1) }) }
            #expect(places(phrase.english).isSuperset(of: places(phrase.chinese)), "\(phrase.file): \(phrase.english)")
            #expect(
                places(phrase.english).subtracting(places(phrase.chinese)).isSubset(of: ["n"]),
                "\(phrase.file): \(phrase.english)")
            let isChinese = phrase.chinese.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
            #expect(
                isChinese || same.contains(phrase.chinese) || phrase.chinese.contains("{"),
                "\(phrase.file): '\(phrase.english)' is not said in Chinese")
            #expect(!phrase.english.isEmpty)
            for text in [phrase.english, phrase.chinese] {
                #expect(
                    text.components(separatedBy: "[[").count == text.components(separatedBy: "]]").count,
                    "\(phrase.file): \(text)")
            }
        }
    }

    @Test func `every reason of the ledger has a label`() {
        #expect(Set(Say.reasons.keys) == Set(Reason.allCases.map(\.rawValue)))
        #expect(Set(Say.campaignStates.keys) == Set(CampaignsModel.Filter.states))
    }

    @Test(arguments: [
        (nil, nil, Language.english), (nil, "zh-CN,zh;q=0.9,en;q=0.8", .chinese), (nil, "en-GB,zh;q=0.9", .english),
        (nil, "de,fr", .english), (nil, "de, zh;q=0.3", .chinese), (nil, "zh;q=0, en;q=0.1", .english),
        (nil, "zh;q=x,en;q=0.5", .english), ("zh-Hans", "en", .chinese), ("en", "zh", .english), ("xx", "zh", .chinese),
        (nil, "ZH-hant", .chinese), (nil, ";;;,,q=1", .english),
    ])
    func `the language is the cookie's, else the browser's first that there is`(
        _ cookie: String?, _ header: String?, _ language: Language
    ) {
        #expect(Language.chosen(cookie: cookie, acceptLanguage: header) == language)
    }

    @Test func `places are filled, strong stands out, what is filled in is escaped`() {
        let voice = Voice(language: .english, zone: .utc)
        let phrase = Phrase("[[{n} acts]] for {name}.", "为 {name} [[执行 {n}]]。", one: "[[One act]] for {name}.")
        #expect(
            voice.markup(phrase, n: 1_234, ["name": .text("<b>")]).html == "<strong>1,234 acts</strong> for &lt;b&gt;.")
        #expect(voice(phrase, n: 1, ["name": "x"]) == "One act for x.")
        #expect(
            Voice(language: .chinese, zone: .utc).markup(phrase, n: 1, ["name": .text("x")]).html
                == "为 x <strong>执行 1</strong>。")
    }

    @Test func `numbers, spans and times are written as each language does`() {
        let english = Voice(language: .english, zone: .utc)
        let chinese = Voice(language: .chinese, zone: .utc)
        #expect(
            english.number(1_204_118) == "1,204,118" && english.number(-12) == "\u{2212}12"
                && english.number(999) == "999")
        #expect(
            english.cell(0) == "·" && english.percent(0.1104) == "11.0\u{A0}%"
                && english.decimal(-1.04) == "\u{2212}1.0")
        let instant = Timestamp(iso8601: "2026-09-15T14:32:08.204Z") ?? .distantPast
        #expect(english.longDate(english.zone.date(at: instant)) == "Tuesday, 15 September 2026")
        #expect(chinese.longDate(chinese.zone.date(at: instant)) == "2026年9月15日 星期二")
        #expect(
            english.instant(instant, now: instant) == "15 Sep 14:32" && chinese.instant(instant) == "2026年9月15日 14:32")
        #expect(english.preciseClock(instant) == "14:32:08.204")
        #expect(english.near(instant.advanced(byMilliseconds: 86_400_000), now: instant) == "tomorrow 14:32")
        #expect(chinese.near(instant, now: instant) == "今天 14:32")
        #expect(english.nearInWords(instant, now: instant) == "today at 14:32")
        #expect(chinese.nearInWords(instant, now: instant) == "今天 14:32")
        let next = { (voice: Voice) in
            voice.markup(Say.overviewNext, n: 2, ["time": .text(voice.nearInWords(instant, now: instant))]).html
        }
        #expect(next(english) == "Next: <strong>2 today at 14:32</strong>.")
        #expect(next(chinese) == "接下来：<strong>今天 14:32 有 2 个</strong>到期。")
        let spans: [(Int64, String)] = [
            (0, "0 ms"), (999, "999 ms"), (1_000, "1 s"), (59_999, "59 s"), (60_000, "1 min"), (3_600_000, "1 h"),
            (172_799_000, "47 h"), (172_800_000, "2 days"), (-5, "0 ms"),
        ]
        for (milliseconds, text) in spans { #expect(english.span(milliseconds: milliseconds) == text) }
        #expect(english.took(milliseconds: 1_920) == "1.92 s" && english.took(milliseconds: 84) == "84 ms")
        let durations = [
            ("P14D", "14 days"), ("PT2H30M", "2 hours 30 min"), ("P1Y", "1 year"), ("-P7D", "7 days"), ("P1D", "1 day"),
        ]
        for (text, words) in durations { #expect(ISODuration(text: text).map { english.duration($0) } == words) }
    }
}
