extension Say {
    // MARK: Campaigns
    static let reloadRules = Phrase("Check rules again", "重新检查规则")
    static let noCampaigns = Phrase(
        "[[No campaigns yet.]] They are files in {folder}: write one, or copy an example, and reload the rules.",
        "[[还没有活动。]]活动是 {folder} 中的文件：编写一个或复制示例，然后重新加载规则。")
    static let campaignsNone = Phrase("No rules are in force yet.", "尚无生效的规则。")
    static let campaignsLead = Phrase(
        "[[{n} campaigns]] under epoch {epoch}.", "第 {epoch} 版共 [[{n} 个活动]]。",
        one: "[[One campaign]] under epoch {epoch}.")
    static let campaignsErrors = Phrase(
        "{n} had rule errors in the last 28 days.", "{n} 个在近 28 天有规则错误。",
        one: "One had rule errors in the last 28 days.")
    static let campaignsWait = Phrase("{n} wait for approval.", "{n} 个等待批准。", one: "One waits for approval.")
    static let campaignsPaused = Phrase("{n} are paused.", "{n} 个已暂停。", one: "One is paused.")
    static let noneFits = Phrase("[[None of the {n} campaigns fits.]] Change the filter.", "[[{n} 个活动中没有符合的。]]请更改筛选条件。")
    static let campaignsFrom = Phrase(
        "Campaigns come from {folder}, in force since {time}. They are edited there, not here.",
        "活动来自 {folder}，自 {time} 生效。请在文件中编辑，不在此处。")
    static let nameOrDescription = Phrase("Name or description", "名称或说明")
    static let tag = Phrase("Tag", "标签")
    static let anyTag = Phrase("Any tag", "任意标签")
    static let anyState = Phrase("Any state", "任意状态")
    static let campaignStates: [String: Phrase] = [
        "active": Phrase("Active", "启用"), "paused": Phrase("Paused", "暂停"),
        "approval": Phrase("Asks for approval", "须批准"), "errors": Phrase("With errors", "有错误"),
        "tests": Phrase("Tests do not pass", "测试未通过"), "silent": Phrase("No act in 28 days", "28 天无执行"),
    ]
    static let byPriority = Phrase("by priority, {shown} of {all}", "按优先级，{shown} / {all}")
    static let last28 = Phrase("Last 28 days", "最近 28 天")
    static let actsPer2Days = Phrase("acts per 2 days", "每 2 天执行")
    static let actsIn28 = Phrase("{n} acts in the last 28 days", "最近 28 天执行 {n} 次", one: "one act in the last 28 days")
    static let nextAct = Phrase("Next", "下次")
    static let pausedTag = Phrase("paused", "已暂停")
    static let notWhilePaused = Phrase("not while paused", "暂停中")
    static let onTheEvent = Phrase("on the event", "事件触发时")
    static let outsideThePlan = Phrase("not in the plan", "计划期外")

    // MARK: One campaign
    static let whoAndWhy = Phrase("Who, and why not?", "谁收到，为何没有？")
    static let campaignLead = Phrase(
        "In the last 28 days [[{n} acts]], {suppressed} suppressed, {entries} entries.",
        "最近 28 天[[执行 {n} 次]]，抑制 {suppressed}，进入 {entries}。",
        one: "In the last 28 days [[one act]], {suppressed} suppressed, {entries} entries.")
    static let campaignIsPaused = Phrase("[[It is paused]]: what it has begun waits.", "[[已暂停]]：已开始的在等待。")
    static let campaignAsksApproval = Phrase(
        "[[Nothing begins without approval]] of a plan.", "[[未经批准计划不会开始]]。")
    static let ruleInWords = Phrase("Rule in words", "规则释义")
    static let asWritten = Phrase("as written", "原文")
    static let goalIs = Phrase("Goal: {types} within {span} of an entry.", "目标：进入后 {span}内 {types}。")
    static let campaignVolumeSentence = Phrase(
        "{act} acts and {suppress} suppressed in the last 28 days.", "最近 28 天执行 {act}，抑制 {suppress}。")
    static let noDecisions28 = Phrase("[[No decisions in the last 28 days.]]", "[[最近 28 天没有决策。]]")
    static let doesItWork = Phrase("Does it work?", "有效吗？")
    static let noGoal = Phrase(
        "[[It names no goal]], so that nothing can be said. Add \"goal\" to the rule.",
        "[[未设目标]]，无从判断。请在规则中添加 \"goal\"。")
    static let noHoldout = Phrase(
        "[[Nobody is held out]], so that what would have happened anyway is not known. Add \"holdout\" to the rule.",
        "[[没有对照组]]，无法得知本来会怎样。请在规则中添加 \"holdout\"。")
    static let tooFew = Phrase(
        "[[Too few to tell.]] A difference is claimed from 20 customers on each side on.", "[[样本太少。]]两边各满 20 位客户才给出差异。")
    static let points = Phrase("{points} points", "{points} 个百分点")
    static let liftClear = Phrase(
        "more of those written to reached {types} within {span} than of those held out. 95 % interval {low} to {high}: unlikely to be chance.",
        "与对照组相比，收到的客户在 {span}内达成 {types} 的差异。95 % 区间 {low} 至 {high}，不大可能是偶然。")
    static let liftUnclear = Phrase(
        "difference in {types} within {span}. 95 % interval {low} to {high} holds 0: it may be chance.",
        "{span}内 {types} 的差异。95 % 区间 {low} 至 {high} 含 0，可能只是偶然。")
    static let sinceBeginning = Phrase("Since its beginning", "自开始以来")
    static let reachedGoal = Phrase("Goal", "达成")
    static let writtenTo = Phrase("acted on", "已执行")
    static let heldOut = Phrase("held out", "对照组")
    static let nextRuns = Phrase("Next", "接下来")
    static let nothingInPlan = Phrase("[[Nothing is due]] within the plan.", "计划期内[[没有到期]]。")
    static let startsByItself = Phrase(
        "[[Cannot be foreseen]]: it starts when its event comes.", "[[无法预见]]：事件发生时触发。")
    static let actsStrong = Phrase("[[{n}]] acts", "[[{n}]] 次执行", one: "[[1]] act")
    static let reviewAndApprove = Phrase("Review and approve", "查看并批准")
    static let answers28 = Phrase("Answers, last 28 days", "近 28 天结果")
    static let tags = Phrase("tags", "标签")
    static let none = Phrase("none", "无")
    static let priority = Phrase("priority", "优先级")
    static let reentry = Phrase("re-entry", "重复进入")
    static let lateness = Phrase("lateness", "迟到限度")
    static let holdoutWord = Phrase("holdout", "对照组")
    static let group = Phrase("group", "互斥组")
    static let quietHours = Phrase("quiet hours", "静默时段")
    static let caps = Phrase("frequency caps", "频次上限")
    static let ignored = Phrase("do not bind it", "不受限")
    static let yes = Phrase("yes", "是")
    static let activeSince = Phrase("as it is since", "现状自")
    static let reentryAlways = Phrase("any time", "随时")
    static let reentryOnce = Phrase("never again", "仅一次")
    static let reentryAfterExit = Phrase("not while an entry lives", "进行中不可再进")
    static let reentryCooldown = Phrase("{span} after the last entry", "上次进入后 {span}")
    static let reentryCooldownAct = Phrase("{span} after the last act", "上次执行后 {span}")
    static let latenessDefault = Phrase("the trigger’s usual", "按触发类型默认")
    static let latenessNone = Phrase("however late", "不限")
    static let whoIsTurnedAway = Phrase("Who is turned away, and where", "谁被挡在何处")
    static let funnelUnderWay = Phrase(
        "[[Every customer is being asked about.]] Reload this page in a moment.", "[[正在逐一询问客户。]]请稍后刷新。")
    static let funnelForeseen = Phrase(
        "what is foreseen from {from} until {until}, gates in order", "{from} 至 {until} 的预见，按门控顺序")
    static let funnelSupposed = Phrase(
        "as if it fired for everybody at {time}; what its event says is left out", "假设 {time} 对所有人触发；不考虑事件内容")
    static let nodeOrGate = Phrase("Node or gate", "节点或门控")
    static let turnedAway = Phrase("Turned away", "挡下")
    static let left = Phrase("Left", "剩余")
    static let customersLookedAt = Phrase("Customers looked at", "查看的客户")
    static let triggerWord = Phrase("trigger", "触发")
}
