extension Say {
    // MARK: Customers
    static let customersLead = Phrase(
        "[[{n} customers]]. Look one up by its id; a page tells why each campaign did or did not act.",
        "[[{n} 位客户]]。按编号查找；客户页说明每个活动执行或未执行的原因。", one: "[[One customer]].")
    static let idBegins = Phrase("Customer id begins with", "客户编号开头")
    static let personalHidden = Phrase("personal attributes are not listed", "列表不显示个人信息")
    static let customerUnreadable = Phrase(
        "What is stored of it cannot be read: see care doctor", "其存储内容无法读取：请运行 care doctor")
    static let noCustomers = Phrase(
        "[[No customers yet.]] Import a file with care import customers, or let your shop send them over HTTP.",
        "[[还没有客户。]]用 care import customers 导入文件，或通过 HTTP 发送。")
    static let noCustomerBegins = Phrase("[[No customer’s id begins with]] {prefix}.", "[[没有客户编号以]] {prefix} [[开头]]。")
    static let customer = Phrase("Customer", "客户")
    static let nextLook = Phrase("Next look", "下次查看")

    // MARK: One who cannot be read
    static let unreadableLead = Phrase(
        "[[What is stored of this customer cannot be read]]: nothing is decided about it, and nothing new is taken in. All others are seen to as ever.",
        "[[此客户的存储内容无法读取]]：不会为其做出任何决策，也不接收新内容。其他客户照常处理。")
    static let unreadableWhat = Phrase("What cannot be read", "无法读取的内容")
    static let unreadableToDo = Phrase("What to do", "如何处理")
    static let unreadableDoctor = Phrase(
        "Look at the whole store. The doctor names every customer who cannot be read; a backup of before that is put back by care restore.",
        "检查整个存储：care doctor 会列出所有无法读取的客户；损坏之前的备份可用 care restore 恢复。")
    static let unreadableErase = Phrase(
        "Where there is no such backup, forget the customer by its id: what can still be found of it goes. care customers readmit lets it in again.",
        "若没有这样的备份，可按编号删除该客户：仍能找到的内容都会被清除。之后用 care customers readmit 可重新接收。")

    // MARK: One customer
    static let customerTimes = Phrase("The customer’s own clock, {zone}: {time}", "客户当地时间 {zone}：{time}")
    static let revealPersonal = Phrase("Reveal personal data", "显示个人信息")
    static let hidePersonal = Phrase("Hide personal data", "隐藏个人信息")
    static let customerIn = Phrase("In {segments}.", "属于 {segments}。")
    static let customerEntries = Phrase(
        "[[{n} entries]] are under way.", "[[{n} 个条目]]进行中。", one: "[[One entry]] is under way.")
    static let customerNoEntries = Phrase("Nothing is under way.", "没有进行中的条目。")
    static let customerHeld = Phrase(
        "{n} campaigns are held, {campaign} for {reason}.", "{n} 个活动暂缓，{campaign} 因{reason}。",
        one: "[[{campaign}]] is held: {reason}.")
    static let customerNext = Phrase("Next look: [[{time}]].", "下次查看：[[{time}]]。")
    static let whyAndWhyNot = Phrase("Why and why not", "为何与为何没有")
    static let asOfNow = Phrase("as of now", "截至现在")
    static let campaignsShown = Phrase("{n} campaigns, {shown} shown", "{n} 个活动，显示 {shown} 个")
    static let noCampaignNear = Phrase(
        "[[No campaign has looked at this customer]], and none will by time alone.", "[[没有活动查看过此客户]]，时间推移也不会触发。")
    static let moreCampaigns = Phrase(
        "{n} more campaigns have not looked at this customer: their event never came.", "另有 {n} 个活动未查看此客户：其事件从未发生。",
        one: "One more campaign has not looked at this customer: its event never came.")
    static let outcome = Phrase("Outcome", "结果")
    static let decidingNode = Phrase("Deciding node", "决定节点")
    static let nextChance = Phrase("Next chance", "下次机会")
    static let nextLabel = Phrase("Next:", "下次：")
    static let attributes = Phrase("Attributes", "属性")
    static let traits = Phrase("Traits", "特征")
    static let segments = Phrase("Segments", "分群")
    static let noSegments = Phrase("[[The rules define no segments.]]", "[[规则未定义分群。]]")
    static let noneDeclared = Phrase("[[None are declared]] in the rules.", "规则中[[未声明]]。")
    static let isIn = Phrase("in", "属于")
    static let isNotIn = Phrase("not in", "不属于")
    static let cannotBeTold = Phrase("cannot be told", "无法判断")
    static let missing = Phrase("missing", "缺失")
    static let masked = Phrase("masked", "已隐藏")
    static let since = Phrase("since {date}", "自 {date}")
    static let actionTo = Phrase("action {step} \u{2192} {destination}", "动作 {step} \u{2192} {destination}")
    static let givenUp = Phrase("given up {time}: too_late", "{time} 放弃：已逾期")
    static let firedAt = Phrase("fired {time} ({occurrence})", "{time} 触发（{occurrence}）")
    static let firesAt = Phrase("will fire {time}", "将于 {time} 触发")
    static let hasNotFired = Phrase("has not fired", "未触发过")
    static let entryWord = Phrase("entry", "条目")
    static let entrySince = Phrase("since {time}", "自 {time}")
    static let stepsDone = Phrase("done: {steps}", "已完成：{steps}")
    static let stepNext = Phrase("next {step}, {time}", "下一步 {step}，{time}")
    static let passed = Phrase("passed", "通过")
    static let notReached = Phrase("not reached", "未到达")
    static let decides = Phrase("deciding: {outcome} {reason}", "决定：{outcome} {reason}")
    static let untilTime = Phrase("until {time}", "至 {time}")
    static let toChange = Phrase("to change it: {changes}", "改变条件：{changes}")
    static let timeline = Phrase("Timeline", "时间线")
    static let timelineNote = Phrase("events, decisions and deliveries, newest first", "事件、决策与投递，最新在前")
    static let nothingHappened = Phrase("[[Nothing has happened]] in this stretch.", "此段时间[[没有记录]]。")
    static let newest = Phrase("Newest", "最新")
    static let events = Phrase("Events", "事件")
    static let decisions = Phrase("Decisions", "决策")
    static let everything = Phrase("Everything", "全部")
    static let andMore = Phrase("and {n} more", "等另 {n} 项")
    static let atEntry = Phrase("at entry", "进入时")
    static let afterAttempts = Phrase("after {n} attempts", "{n} 次尝试后", one: "after 1 attempt")
    static let headNothing = Phrase("has not looked at this customer", "未查看此客户")
    static let headDue = Phrase("due {time}", "{time} 到期")
    static let headUnderWay = Phrase("under way: {step} is due {time}", "进行中：{step} 于 {time} 到期")
    static let headActed = Phrase("acted {time}", "{time} 已执行")
    static let headStopped = Phrase("{reason}, {time}", "{reason}，{time}")
    static let headCondition = Phrase("condition: {node}", "条件：{node}")
    static let headNoDate = Phrase("{name} is missing, so there is no date", "{name} 缺失，没有日期")
    static let chanceNone = Phrase("none by time alone", "时间推移不会触发")
    static let chanceEvent = Phrase("when {types} comes", "{types} 发生时")
    static let chancePaused = Phrase("none while paused", "暂停中，无")
}
