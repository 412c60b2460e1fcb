extension Say {
    // MARK: Plan
    static let planTitle = Phrase("Plan, next {n} days", "计划：未来 {n} 天")
    static let planLead = Phrase(
        "Until {until}: [[{n} acts]]. {suppress} are suppressed, {skip} skipped, {held} would still be held on the last day.",
        "至 {until}：执行 [[{n} 个动作]]。抑制 {suppress}，跳过 {skip}，期末仍暂缓 {held}。",
        one:
            "Until {until}: [[one act]]. {suppress} are suppressed, {skip} skipped, {held} would still be held on the last day."
    )
    static let planLeadNone = Phrase("What goes out, what is held back, and why.", "将发送什么、保留什么，以及原因。")
    static let planWaits = Phrase(
        "{n} campaigns wait for approval.", "{n} 个活动等待批准。", one: "One campaign waits for approval.")
    static let planLeftOut = Phrase(
        "{n} customers could not be read and are left out: care doctor names them.",
        "{n} 位客户的数据无法读取，未计入：care doctor 会列出。",
        one: "One customer could not be read and is left out: care doctor names it.")
    static let planMade = Phrase(
        "Computed {time} from {customers} customers in {took}. Looking sends nothing. {again}",
        "{time} 由 {customers} 位客户算出，用时 {took}。查看不会发送任何内容。{again}")
    static let computeAgain = Phrase("Compute again", "重新计算")
    static let planLength = Phrase("Length of the plan", "计划长度")
    static let show = Phrase("Show", "显示")
    static let approvals = Phrase("Approved", "已批准")
    static let waitsForApproval = Phrase("Waits for approval", "等待批准")
    static let planRules = Phrase(
        "Rules {fingerprint}, epoch {epoch}: in force, and what this plan was made with",
        "规则 {fingerprint}，第 {epoch} 版：当前生效，本计划据此算出")
    static let alreadyApproved = Phrase(
        "{campaign}: a plan is approved already and carried out as it falls due", "{campaign}：已有批准的计划，到期自动执行")
    static let approvalLine = Phrase("[[{n} acts]], {suppressed} held back", "[[执行 {n}]]，不发 {suppressed}")
    static let approvalFirst = Phrase("first {time}", "最早 {time}")
    static let approve = Phrase("Approve {campaign}", "批准 {campaign}")
    static let approveNote = Phrase(
        "Approving keeps the plan; its acts are carried out as they fall due. A customer who decides differently by then is refused singly. You are asked once more, and it is audited.",
        "批准即保存此计划，到期执行。届时结论不同的客户会被单独拒绝。系统会再次确认并记入审计。")
    static let approveNeedsOperate = Phrase("Approving needs the scope operate.", "批准需要操作员权限。")
    static let busiestHours = Phrase("Busiest hours", "最忙时段")
    static let busiestNote = Phrase("against the rate limit", "对照限速")
    static let acts = Phrase("Acts", "执行")
    static let drainsIn = Phrase("Drains in", "排空用时")
    static let atOnce = Phrase("no limit", "无限速")
    static let contactedMost = Phrase("Contacted most: {names}, {n} acts each.", "联系最多：{names}，各 {n} 次。")
    static let actsPerDay = Phrase("Acts per day", "每日执行数")
    static let daysIn = Phrase("days in {zone}", "按 {zone} 的日期")
    static let fewer = Phrase("fewer", "少")
    static let more = Phrase("more", "多")
    static let fromTime = Phrase("from {time}", "{time} 起")
    static let byCampaign = Phrase("By campaign", "按活动")
    static let dueIs = Phrase(
        "due = act + hold + suppress + skip; hold counts what still waits on the last day",
        "到期 = 执行 + 暂缓 + 抑制 + 跳过；暂缓为最后一天仍在等待的")
    static let nothingGoesOut = Phrase("[[Nothing would go out]] in this period.", "此期间[[没有要发送的内容]]。")
    static let byReason = Phrase("Suppressed and skipped, by reason", "抑制与跳过，按原因")
    static let campaign = Phrase("Campaign", "活动")
    static let share = Phrase("Share", "占比")
    static let entered = Phrase("Entered", "进入")
    static let due2 = Phrase("Due", "到期")
    static let others = Phrase("others", "其他")
    static let total = Phrase("Total", "合计")
    static let approvalTag = Phrase("approval", "须批准")
    static let basisCalendar = Phrase("calendar", "日历")
    static let basisSilence = Phrase("silence: upper bound", "静默：上限")
    static let basisKnown = Phrase("recorded ahead", "已预先记录")
    static let basisAssumed = Phrase("assumed", "假设")
    static let basisRunning = Phrase("running entry", "进行中")
    static let basisCalendarWhy = Phrase("dates, holidays, schedules: happens unless facts change", "日期、节日、定时：事实不变即发生")
    static let basisSilenceWhy = Phrase("only if the customer does nothing", "客户无任何动作才发生")
    static let basisKnownWhy = Phrase("facts that are stored for later", "已存储的未来事实")
    static let basisAssumedWhy = Phrase("facts that were only assumed", "仅为假设的事实")
    static let basisRunningWhy = Phrase("steps of entries under way, unless they exit", "进行中条目的后续步骤，除非退出")
    static let heldAtEnd = Phrase("[[Held]] on the last day: {reasons}.", "期末[[暂缓]]：{reasons}。")
    static let notEntered = Phrase("[[Not entered]], counted apart: {reasons}.", "[[未进入]]，另计：{reasons}。")
    static let notMatching = Phrase(
        "[[Not matching]]: {n} occurrences whose condition is false; they leave no row.", "[[不符合条件]]：{n} 次，不留记录。")
    static let nothingDue = Phrase("Nothing due: {names}.", "无到期：{names}。")
    static let cannotBeForeseen = Phrase("Cannot be foreseen", "无法预见")
    static let cannotNote = Phrase(
        "started by events, changes or calls; steps of entries already running are planned, new entries are not",
        "由事件、变化或调用触发；已进行条目的步骤计入计划，新的条目不计")
    static let noneStarted = Phrase(
        "[[{n} campaigns start with events or calls]]; none of them has had an entry in the last 28 days.",
        "[[{n} 个活动由事件或调用触发]]；最近 28 天均无进入。")
    static let startsWith = Phrase("Starts with", "触发")
    static let entries28 = Phrase("Entries, last 28 days", "近 28 天进入")
    static let running = Phrase("Running", "进行中")
    static let stepsPlanned = Phrase("Steps planned", "计划步骤")
    static let campaignsNotShown = Phrase("{n} campaigns, {rest} not shown", "共 {n} 个，{rest} 个未列")
}
