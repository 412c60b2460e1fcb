import CareDecisions
import CarePlanning
import CareRules
import CareValues

/// The plan as one page that needs nothing else: no network, no other file.
///
/// Every text stands in English with its Chinese beside it in `data-zh`; names, reasons and codes are as in the files.
struct PlanPage {
    let plan: Plan
    /// The store as people read it.
    let store: String
    let rates: [String: Double]
    /// Some decisions, masked unless personal values are shown.
    let decisions: [(decision: Decision, basis: PlanBasis)]

    /// So many decisions stand in the page.
    static let maximumDecisions = 1_000

    private var time: TimeText { TimeText(zone: plan.zone) }

    var html: String {
        let total = plan.tally.total
        var page = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <title>Care plan \(Self.escaped(plan.zone.date(at: plan.from).text))</title>
            <style>\(PlanPageParts.style)</style>
            </head>
            <body>
            <header>
            <p class="tools"><button type="button" id="language" lang="zh">中文</button>
            <button type="button" id="theme">\(Self.both("Dark / light", "深色/浅色"))</button></p>
            <h1>\(Self.both("Plan", "计划")) \(both(plan.from)) – \(both(plan.until))</h1>
            <p>\(Self.both("Nothing was sent.", "本次未发送任何内容。"))
            \(plan.isInterrupted ? "<strong>" + Self.both("Interrupted: of some customers only.", "已中断：仅部分客户。") + "</strong>" : "")
            \(leftOut)</p>
            <dl class="facts">
            <dt>\(Self.both("Rules", "规则"))</dt><dd><code>\(plan.fingerprint.prefix(12))</code> \(Self.both(plan.isActive ? "epoch \(plan.epoch)" : "not in force yet", plan.isActive ? "版本 \(plan.epoch)" : "尚未生效"))</dd>
            <dt>\(Self.both("Store", "存储"))</dt><dd>\(Self.escaped(store)), \(grouped(plan.customers)) \(Self.both("customers", "客户"))</dd>
            <dt>\(Self.both("Clock", "时钟"))</dt><dd>\(plan.storeClock.map(both) ?? "-")</dd>
            <dt>\(Self.both("Time zone", "时区"))</dt><dd>\(Self.escaped(plan.zone.name))</dd>
            </dl>
            </header>
            <main>
            <ul class="cards">
            """
        let cards: [(String, String, Int, String)] = [
            ("would go out", "将执行", total.act, "act"), ("suppressed", "不发送", total.suppress, "suppress"),
            ("skipped", "跳过", total.skip, "skip"), ("held at the end", "期末等待", total.held, "held"),
        ]
        for (english, chinese, count, kind) in cards {
            page += "<li class=\"\(kind)\"><b>\(grouped(count))</b> \(Self.both(english, chinese))</li>\n"
        }
        page += "</ul>\n"
        page += section("Campaigns", "活动", campaigns)
        page += section("Messages per day", "每日执行", PlanPageParts.bars(perDay, label: "Messages per day"))
        page += section("Messages by hour of the day", "按小时", hours)
        page += section("Not sent, and why", "未发送的原因", reasons)
        page += section("Cannot be foreseen", "无法预见", unforeseeable)
        page += section("Contacted most", "联系最多", contacted)
        page += section("Decisions", "决定", decisionTable)
        return page + "</main>\n<script>\(PlanPageParts.script)</script>\n</body>\n</html>\n"
    }

    // MARK: Sections

    private func section(_ english: String, _ chinese: String, _ body: String) -> String {
        body.isEmpty ? "" : "<section><h2>\(Self.both(english, chinese))</h2>\n\(body)</section>\n"
    }

    private var campaigns: String {
        let rows = PlanRows(plan: plan).rows
        guard !rows.isEmpty else { return "<p>\(Self.both("Nothing falls due.", "期内无到期。"))</p>\n" }
        let bases: [PlanBasis: String] = [
            .calendar: "日历", .silence: "静默", .known: "已知", .assumed: "假设", .running: "进行中",
        ]
        return PlanPageParts.table(
            [
                ("Campaign/step", "活动/步骤", false), ("Basis", "依据", false), ("Entered", "进入", true), ("Due", "到期", true),
                ("Act", "执行", true), ("Held", "等待", true), ("Suppress", "不发送", true), ("Skip", "跳过", true),
                ("To", "目的地", false),
            ],
            rows.map { row in
                [
                    Self.escaped(row.name), Self.both(row.basis.rawValue, bases[row.basis] ?? ""),
                    row.isFirst ? row.entered.map(grouped) ?? "?" : "", grouped(row.counts.due),
                    grouped(row.counts.act),
                    grouped(row.counts.held), grouped(row.counts.suppress), grouped(row.counts.skip),
                    Self.escaped(row.counts.destinations.keys.sorted().joined(separator: ", ")),
                ]
            })
            + "<p class=\"note\">"
            + Self.both(
                "due = act + held + suppress + skip. 'silence' is an upper bound: an event ends it.",
                "到期 = 执行 + 等待 + 不发送 + 跳过。“静默”为上限：一旦有事件即终止。") + "</p>\n"
    }

    /// That customers are missing, as they could not be read.
    private var leftOut: String {
        guard let line = LeftOut.line(plan.unreadable) else { return "" }
        let chinese = "\(grouped(plan.unreadable)) 位客户的数据无法读取，未计入。请运行 care doctor"
        return "<strong>" + Self.both(line, chinese) + "</strong>"
    }

    private var perDay: [PlanPageParts.Bar] {
        guard !plan.tally.actsByDay.isEmpty else { return [] }
        var bars: [PlanPageParts.Bar] = []
        var date = plan.zone.date(at: plan.from)
        let last = plan.zone.date(at: plan.until.advanced(byMilliseconds: -1))
        while date <= last {
            let isMarked =
                bars.isEmpty || date.components.day == 1
                || (last.dayNumber - bars[0].number < 40 && date.isoWeekday == 1)
            bars.append(
                PlanPageParts.Bar(
                    number: date.dayNumber, name: (time.fullDay(date), time.fullDayInChinese(date)),
                    mark: isMarked ? (time.day(date), time.dayInChinese(date)) : nil,
                    count: plan.tally.actsByDay[date] ?? 0))
            date = date.advanced(byDays: 1)
        }
        return bars
    }

    private var hours: String {
        plan.tally.actsByHour.sorted { $0.key < $1.key }.map { destination, hours in
            var counts = [Int](repeating: 0, count: 24)
            for (hour, count) in hours { counts[Int((hour % 24 + 24) % 24)] += count }
            let limit = rates[destination].map { " · \(CanonicalJSON.numberText($0))/s" } ?? ""
            let most = hours.values.max() ?? 0
            let bars = counts.enumerated().map { hour, count in
                let name = hour < 10 ? "0\(hour):00" : "\(hour):00"
                return PlanPageParts.Bar(
                    number: Int32(hour), name: (name, name), mark: hour % 3 == 0 ? (name, name) : nil, count: count)
            }
            return
                "<h3>\(Self.escaped(destination))\(limit) · \(Self.both("busiest hour", "最忙一小时")) \(grouped(most))</h3>\n"
                + PlanPageParts.bars(bars, label: "\(destination) by hour")
        }.joined()
    }

    private var reasons: String {
        var rows: [[String]] = []
        let groups: [(String, String, [Reason: [String: Int]])] = [
            ("held", "等待", plan.tally.heldReasons),
            ("suppressed", "不发送", plan.tally.reasons.filter { !$0.key.isOfSkips }),
            ("skipped", "跳过", plan.tally.reasons.filter { $0.key.isOfSkips }),
            ("not entered", "未进入", plan.tally.notEntered), ("ended", "结束", plan.tally.ended),
        ]
        for (english, chinese, reasons) in groups {
            for (reason, campaigns) in reasons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                for (campaign, count) in campaigns.sorted(by: { $0.key < $1.key }) {
                    rows.append([
                        Self.both(english, chinese), "<code>\(reason.rawValue)</code>", Self.escaped(campaign),
                        grouped(count),
                    ])
                }
            }
        }
        guard !rows.isEmpty else { return "" }
        return PlanPageParts.table(
            [("What", "结果", false), ("Reason", "原因", false), ("Campaign", "活动", false), ("Actions", "动作", true)], rows)
    }

    private var unforeseeable: String {
        let campaigns = plan.campaigns.filter {
            !$0.basis.isForeseeable && (plan.campaign == nil || plan.campaign == $0.name)
        }
        guard !campaigns.isEmpty else { return "" }
        return PlanPageParts.table(
            [
                ("Campaign", "活动", false), ("Events in the last 28 days", "近28天事件", true), ("Entries", "进入", true),
                ("Running now", "进行中", true), ("Steps planned", "计划步骤", true),
            ],
            campaigns.map { facts in
                let due = plan.tally.steps.reduce(0) { $0 + ($1.key.campaign == facts.name ? $1.value.due : 0) }
                return [
                    Self.escaped(facts.name), facts.eventsInLast28Days.map(grouped) ?? "-",
                    grouped(facts.entriesInLast28Days),
                    facts.steps.count < 2 ? "-" : grouped(plan.tally.running[facts.name] ?? 0), grouped(due),
                ]
            })
    }

    private var contacted: String {
        let most = plan.tally.contactedMost.filter { $0.acts > 1 }
        guard !most.isEmpty else { return "" }
        return PlanPageParts.table(
            [("Customer", "客户", false), ("Messages", "消息", true)],
            most.map { [Self.escaped($0.customer), grouped($0.acts)] })
    }

    private var decisionTable: String {
        guard !decisions.isEmpty else { return "" }
        let rows = decisions.map { decision, basis -> [String] in
            let step = decision.key.step == "1" || decision.key.step.isEmpty ? "" : "/" + decision.key.step
            return [
                Self.escaped(decision.key.customer),
                "<time datetime=\"\(decision.now.iso8601)\">\(both(decision.now))</time>",
                Self.escaped(plan.campaignName(of: decision) + step), basis.rawValue,
                decision.outcome.rawValue + (decision.reason.map { " <code>\($0.rawValue)</code>" } ?? ""),
                Self.escaped(decision.destination),
                decision.order.map { "<code class=\"data\">\(Self.escaped(JSONWriter.text($0.data)))</code>" } ?? "",
            ]
        }
        let note =
            decisions.count < Self.maximumDecisions
            ? ""
            : "<p class=\"note\">"
                + Self.both(
                    "The first \(grouped(Self.maximumDecisions)); all: care plan --format csv.",
                    "仅前 \(grouped(Self.maximumDecisions)) 条；全部：care plan --format csv。") + "</p>\n"
        return PlanPageParts.table(
            [
                ("Customer", "客户", false), ("When", "时间", false), ("Campaign/step", "活动/步骤", false),
                ("Basis", "依据", false), ("Outcome", "结果", false), ("To", "目的地", false), ("Data", "内容", false),
            ], rows) + note
    }

    // MARK: Text

    /// An instant in both languages.
    private func both(_ instant: Timestamp) -> String { Self.both(time.full(instant), time.fullInChinese(instant)) }

    /// A text in both languages.
    static func both(_ english: String, _ chinese: String) -> String {
        "<span data-zh=\"\(escaped(chinese))\">\(escaped(english))</span>"
    }

    /// A text as HTML shows it.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
