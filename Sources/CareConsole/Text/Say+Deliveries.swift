extension Say {
    // MARK: Deliveries
    static let stateWaiting = Phrase("Waiting", "等待")
    static let stateSending = Phrase("Sending", "发送中")
    static let stateDelivered = Phrase("Delivered", "已送达")
    static let stateDead = Phrase("Dead letter", "死信")
    static let tabDead = Phrase("Dead letters", "死信")
    static let stateParked = Phrase("Parked", "搁置")
    static let stateCancelled = Phrase("Cancelled", "已取消")
    static let deliveriesNoDead = Phrase("[[No dead letters]].", "[[没有死信]]。")
    static let deliveriesDead = Phrase(
        "[[{n} dead letters]]: care will not try these again by itself.", "[[{n} 封死信]]：不会自动重试。",
        one: "[[One dead letter]]: care will not try it again by itself.")
    static let deliveriesCause = Phrase(
        "Most frequent cause, {n} times: {cause}.", "最常见原因（{n} 次）：{cause}。", one: "The last cause: {cause}.")
    static let deliveriesWait = Phrase("{n} deliveries wait.", "{n} 个投递等待中。", one: "One delivery waits.")
    static let deliveriesIll = Phrase("{name}: {state}.", "{name}：{state}。")
    static let noDeliveryFits = Phrase("[[No delivery fits.]] Change the filter.", "[[没有符合的投递。]]请更改筛选条件。")
    static let noneWaiting = Phrase(
        "[[Nothing waits.]] Every delivery has arrived or was set aside.", "[[没有等待的投递。]]所有投递均已送达或另行处理。")
    static let noneDelivered = Phrase("[[Nothing has been delivered yet.]]", "[[尚无送达的投递。]]")
    static let noneDead = Phrase(
        "[[No dead letters.]] Every delivery arrived or is still being tried.", "[[没有死信。]]所有投递均已送达或仍在尝试。")
    static let noneParked = Phrase(
        "[[Nothing is parked.]] No destination is disabled and no answer was lost.", "[[没有搁置的投递。]]没有停用的目标，也没有丢失的应答。")
    static let noneCancelled = Phrase("[[Nothing was cancelled.]]", "[[没有取消的投递。]]")
    static let anyDestination = Phrase("Any destination", "任意目标")
    static let anyCampaign = Phrase("Any campaign", "任意活动")
    static let customerOrDelivery = Phrase("Customer or delivery id", "客户或投递编号")
    static let redriveSelected = Phrase("Redrive selected", "重投所选")
    static let cancelSelected = Phrase("Cancel selected", "取消所选")
    static let redriveKeeps = Phrase(
        "A redrive keeps the delivery id, so a receiver that has seen it drops it.", "重投保留投递编号，已收到的接收方会忽略。")
    static let cancelMeans = Phrase("A cancelled delivery is not sent; its decision stays an act.", "取消后不再发送；决策仍记为执行。")
    static let theyWillWait = Phrase("{name}: {state}, so they will wait.", "{name}：{state}，因此会等待。")
    static let chooseAll = Phrase("Choose all", "全选")
    static let choose = Phrase("Choose {id}", "选择 {id}")
    static let delivery = Phrase("Delivery", "投递")
    static let nextAttempt = Phrase("Next attempt", "下次尝试")
    static let cause = Phrase("Cause", "原因")
    static let attempts = Phrase("Attempts", "尝试")
    static let decided = Phrase("Decided", "决策时间")
    static let stillInTime = Phrase("Still in time?", "仍在时限内？")
    static let noReason = Phrase("no reason is recorded", "未记录原因")
    static let canBeSent = Phrase("can be sent", "可以发送")
    static let expiredAt = Phrase("expired {time}", "{time} 过期")
    static let until = Phrase("until {time}", "至 {time}")

    // MARK: One delivery
    static let deliveryTitle = Phrase("Delivery {id}", "投递 {id}")
    static let deliveryOrdered = Phrase(
        "Ordered by {campaign} for {customer}, to {destination}.", "由 {campaign} 为 {customer} 发出，投递到 {destination}。")
    static let deliveryWaits = Phrase("[[Waits]] for attempt {n}, {time}.", "[[等待]]第 {n} 次尝试，{time}。")
    static let deliverySending = Phrase("[[Is being sent]] now.", "[[正在发送]]。")
    static let deliveryDelivered = Phrase(
        "[[Delivered]] at attempt {n}, {after} after the decision.", "第 {n} 次尝试[[送达]]，距决策 {after}。",
        one: "[[Delivered]] at the first attempt, {after} after the decision.")
    static let deliveryDead = Phrase(
        "[[Dead]] after {n} attempts: {reason}.", "[[死信]]，已尝试 {n} 次：{reason}。",
        one: "[[Dead]] after one attempt: {reason}.")
    static let deliveryExpired = Phrase("[[Dead and expired]]: {reason}.", "[[死信且已过期]]：{reason}。")
    static let deliveryLost = Phrase(
        "[[Parked]]: {reason}. It may have arrived; ask the receiver before you redrive it.",
        "[[搁置]]：{reason}。可能已送达，重投前请向接收方确认。")
    static let deliveryParked = Phrase("[[Parked]]: {reason}.", "[[搁置]]：{reason}。")
    static let deliveryCancelled = Phrase("[[Cancelled]]: {reason}.", "[[已取消]]：{reason}。")
    static let redriveThis = Phrase("Redrive this delivery", "重投此投递")
    static let cancelThis = Phrase("Cancel this delivery", "取消此投递")
    static let attemptsNote = Phrase("times in {zone}", "时区 {zone}")
    static let attemptsSentence = Phrase(
        "{n} attempts; the delivery is {state}.", "{n} 次尝试；状态：{state}。", one: "One attempt; the delivery is {state}.")
    static let attemptNumber = Phrase("attempt {number} \u{00B7} {took}", "第 {number} 次 \u{00B7} {took}")
    static let neverTried = Phrase("[[Not tried yet.]]", "[[尚未尝试。]]")
    static let numberShort = Phrase("No.", "次")
    static let began = Phrase("Began", "开始")
    static let result = Phrase("Result", "结果")
    static let answer = Phrase("Answer", "应答")
    static let took = Phrase("Took", "用时")
    static let failed = Phrase("Failed", "失败")
    static let answerLost = Phrase("Answer lost", "应答丢失")
    static let accepted = Phrase("accepted", "已接受")
    static let whatItIs = Phrase("What it is", "基本信息")
    static let whatIsSent = Phrase("What is sent", "发送内容")
    static let personalMasked = Phrase("personal data masked", "个人信息已隐藏")
    static let occurrence = Phrase("Occurrence", "发生")
    static let type = Phrase("Type", "类型")
    static let why = Phrase("why", "原因")
    static let to = Phrase("To", "地址")
    static let expires = Phrase("Expires", "过期")
    static let never = Phrase("never", "永不")

    // MARK: A destination
    static let destinationLead = Phrase(
        "{state}; {n} deliveries wait for it.", "{state}；{n} 个投递等待发往此处。", one: "{state}; one delivery waits for it.")
    static let whatLiesThere = Phrase("What lies there", "待处理")
    static let howItIsServed = Phrase("How it is served", "投递方式")
    static let fromEnvironment = Phrase("from care.json", "来自 care.json")
    static let lastFailure = Phrase("Last failure", "最近失败")
    static let atATime = Phrase("At a time", "并发")
    static let timeout = Phrase("Timeout", "超时")
    static let inOrder = Phrase("In order", "按序")
    static let no = Phrase("no", "否")
    static let campaignsThatSend = Phrase("Campaigns that send there", "发往此处的活动")
    static let noCampaignSends = Phrase("[[No campaign sends there.]]", "[[没有活动发往此处。]]")
    static let enableThis = Phrase("Enable {name}", "启用 {name}")
    static let disableThis = Phrase("Disable {name}", "停用 {name}")

    // MARK: Ledger
    static let ledgerLead = Phrase(
        "[[{n} decisions]] from {from} until {until}{more}.", "{from} 至 {until} 的 [[{n} 个决策]]{more}。",
        one: "[[One decision]], {until}{more}.")
    static let ledgerMore = Phrase(", and older ones", "，还有更早的")
    static let ledgerLeadNone = Phrase("Every decision, with its reason.", "每个决策及其原因。")
    static let ledgerNote = Phrase(
        "Newest first; times in {zone}. A decision once written stays.", "最新在前；时区 {zone}。决策写入后不再改变。")
    static let noDecisionFits = Phrase(
        "[[No decision fits.]] Either nothing was decided, or the filter is too narrow.", "[[没有符合的决策。]]可能尚无决策，或筛选过窄。")
    static let customerID = Phrase("Customer id", "客户编号")
    static let anyOutcome = Phrase("Any outcome", "任意结果")
    static let reason = Phrase("Reason", "原因")
    static let anyReason = Phrase("Any reason", "任意原因")
    static let fromDate = Phrase("From this day", "起始日期")
    static let untilDate = Phrase("Through this day", "截止日期")
    static let erasedCustomer = Phrase("erased", "已清除")
}
