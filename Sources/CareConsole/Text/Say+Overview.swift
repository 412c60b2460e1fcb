extension Say {
    // MARK: Overview
    static let overviewLead = Phrase(
        "[[{n} decisions]] since midnight; {act} were acted on, {hold} wait, {suppress} were suppressed.",
        "零点以来共 [[{n} 个决策]]：执行 {act}，暂缓 {hold}，抑制 {suppress}。",
        one: "[[One decision]] since midnight; {act} acted on, {hold} waiting, {suppress} suppressed.")
    static let overviewNothing = Phrase("[[Nothing was decided]] since midnight.", "零点以来[[没有决策]]。")
    static let overviewNext = Phrase("Next: [[{n} {time}]].", "接下来：[[{time} 有 {n} 个]]到期。")
    static let overviewOneIll = Phrase(
        "One destination, [[{name}]], is not delivering as it should.", "投递目标 [[{name}]] 目前投递不正常。")
    static let overviewManyIll = Phrase(
        "[[{n} destinations]] are not delivering as they should.", "[[{n} 个投递目标]]目前投递不正常。")
    static let needsYou = Phrase("Needs you", "需要处理")
    static let needsNothing = Phrase(
        "[[Nothing needs you.]] No dead letters, no refused rules, nothing waits for approval.",
        "[[没有需要处理的事。]]没有死信，没有被拒绝的规则，也没有等待批准的活动。")
    static let decisionsToday = Phrase("Decisions today", "今日决策")
    static let decisionsNote = Phrase("00:00 – {time}, by outcome", "00:00 – {time}，按结果")
    static let noDecisionsToday = Phrase(
        "[[No decisions yet today.]] Nothing has fallen due and no event has started a campaign.",
        "[[今天还没有决策。]]没有到期的事项，也没有事件触发活动。")
    static let outbox = Phrase("Outbox", "发件箱")
    static let outboxEmpty = Phrase("[[empty]]: nothing waits", "[[为空]]：没有等待的投递")
    static let outboxWaiting = Phrase("[[{n} waiting]], oldest {age}", "[[{n} 行等待]]，最早 {age}")
    static let outboxNote = Phrase(
        "{n} deliveries wait in the outbox, the oldest for [[{age}]]", "发件箱有 {n} 个投递等待，最早已等 [[{age}]]",
        one: "one delivery waits in the outbox, for [[{age}]]")
    static let outboxNoteEmpty = Phrase("nothing waits in the outbox", "发件箱中没有等待的投递")
    static let deliveredToday = Phrase("Delivered today", "今日送达")
    static let deliveredAtOnce = Phrase("[[{n}]], {once} at the first attempt", "[[{n}]]，首次即达 {once}")
    static let goalsReached = Phrase("Goals reached", "达成目标")
    static let goalsIn7Days = Phrase("[[{n}]] in the last 7 days", "最近 7 天 [[{n}]]")
    static let volumePerDay = Phrase("Volume per day", "每日数量")
    static let volumeNote = Phrase("{past} days past, {planned} planned", "过去 {past} 天，计划 {planned} 天")
    static let volumeSentence = Phrase(
        "{past} decisions in the last {days} days; {planned} acts are planned.",
        "最近 {days} 天共 {past} 个决策；计划执行 {planned} 个。")
    static let volumeForeseen = Phrase(
        "Planned days hold what can be foreseen. Purchases, complaints and other events start about {n} entries a day on top (mean of 28 days).",
        "计划部分只含可预见的；购买、投诉等事件平均每天另触发约 {n} 次进入（28 天均值）。")
    static let planUnderWay = Phrase(
        "[[The plan is being made.]] Reload this page in a moment to see what comes.", "[[正在计算计划。]]稍后刷新本页即可看到接下来的内容。")
    static let planNone = Phrase(
        "[[Nothing can be planned yet.]] There are no customers, or no rules in force.", "[[尚不能制定计划。]]没有客户，或没有生效的规则。")
    static let whatComesNext = Phrase("What comes next", "接下来")
    static let planForDays = Phrase("Plan for {n} days", "{n} 天计划")
    static let nothingNext = Phrase(
        "[[Nothing falls due in the next two days]], unless an event starts something.", "[[未来两天没有到期的事项]]，除非有事件触发。")
    static let when = Phrase("When", "时间")
    static let campaignAndStep = Phrase("Campaign and step", "活动与步骤")
    static let destination = Phrase("Destination", "投递目标")
    static let destinations = Phrase("Destinations", "投递目标")
    static let noDestinations = Phrase(
        "[[care.json names no destination.]] Until it does, no campaign can send anything.",
        "[[care.json 中没有投递目标。]]在添加之前，活动无法发送任何内容。")
    static let restsOn = Phrase("Rests on", "依据")
    static let customers = Phrase("Customers", "客户")
    static let state = Phrase("State", "状态")
    static let attemptsSinceStart = Phrase("Attempts since start", "启动以来的尝试")
    static let failedCount = Phrase("{n} failed", "{n} 次失败")
    static let waiting = Phrase("Waiting", "等待")
    static let oldest = Phrase("Oldest", "最早")
    static let answerP95 = Phrase("Answer p95", "响应 p95")
    static let limit = Phrase("Limit", "限速")
    static let healthy = Phrase("Healthy", "正常")
    static let breakerOpen = Phrase("Breaker open", "已熔断")
    static let breakerProbing = Phrase("Being probed", "探测中")
    static let slowLane = Phrase("Slow lane", "慢车道")
    static let spared = Phrase("Asked to be spared", "请求暂缓")
    static let disabled = Phrase("Disabled", "已停用")
    static let notInEnvironment = Phrase("Not in care.json", "不在 care.json 中")
    static let notInEnvironmentWhy = Phrase("what is for it stays", "发往此处的投递保留")
    static let disabledSince = Phrase("since {time}: {reason}", "自 {time}：{reason}")
    static let sparedUntil = Phrase("until {time}", "至 {time}")
    static let failedLast = Phrase("{detail}, {time}", "{detail}，{time}")
    static let waitingCount = Phrase("{n} waiting", "{n} 个等待")
    static let parkedCount = Phrase("{n} parked", "{n} 个搁置")
    static let oldestAge = Phrase("oldest {age}", "最早 {age}")
    static let deadLetterCount = Phrase("{n} dead letters", "{n} 封死信", one: "One dead letter")
    static let rulesRefused = Phrase("New rules were refused", "新规则被拒绝")
    static let rulesRefusedDetail = Phrase(
        "{n} findings, {time}; the rules before keep running", "{n} 处问题，{time}；原规则继续运行",
        one: "one finding, {time}; the rules before keep running")
    static let needsApproval = Phrase("{campaign} needs approval", "{campaign} 等待批准")
    static let actsPlanned = Phrase("{n} acts planned", "计划执行 {n} 个", one: "one act planned")
    static let approveBefore = Phrase("approve before {time}", "须在 {time} 前批准")
    static let errorsToday = Phrase("{n} rule errors today", "今日 {n} 个规则错误", one: "One rule error today")
    static let answersLost = Phrase("{n} answers were lost", "{n} 个投递未收到应答", one: "One answer was lost")
    static let answersLostDetail = Phrase("they may have arrived: ask the receiver", "可能已送达：请向接收方确认")
}
