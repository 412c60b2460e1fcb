/// All that the interface says. Each phrase has both languages; places in braces are filled, double brackets are strong.
enum Say {
    // MARK: Navigation and frame
    static let navOverview = Phrase("Overview", "概览")
    static let navCampaigns = Phrase("Campaigns", "关怀活动")
    static let navPlan = Phrase("Plan", "计划")
    static let navCustomers = Phrase("Customers", "客户")
    static let navDeliveries = Phrase("Deliveries", "投递")
    static let navLedger = Phrase("Ledger", "台账")
    static let navRules = Phrase("Rules", "规则")
    static let navSettings = Phrase("Settings", "设置")
    static let navigation = Phrase("Main", "主导航")
    static let menu = Phrase("Menu", "菜单")
    static let skipToContent = Phrase("Skip to content", "跳到正文")
    static let epochNumber = Phrase("epoch {n}", "第 {n} 版")
    static let noneYet = Phrase("none yet", "尚无")
    static let clock = Phrase("Clock", "时钟")
    static let signOut = Phrase("Sign out", "退出")
    static let deadLetters = Phrase("dead letters", "死信")
    static let findings = Phrase("findings", "检查结果")
    static let scopeRead = Phrase("read", "只读")
    static let scopeOperate = Phrase("operate", "操作员")
    static let scopeAdmin = Phrase("admin", "管理员")
    /// What tokens and people may do, by the names of the core.
    static let scopeNames: [String: Phrase] = [
        "ingest": Phrase("ingest", "写入"), "read": scopeRead, "operate": scopeOperate, "admin": scopeAdmin,
    ]
    static let showAsTable = Phrase("Show as table", "以表格显示")
    static let older = Phrase("Older", "更早")
    static let next = Phrase("Next page", "下一页")
    static let first = Phrase("First page", "第一页")
    static let filter = Phrase("Filter", "筛选")
    static let search = Phrase("Search", "搜索")
    static let goBack = Phrase("Go back", "返回")

    // MARK: Outcomes
    static let act = Phrase("Act", "执行")
    static let hold = Phrase("Hold", "暂缓")
    static let suppress = Phrase("Suppress", "抑制")
    static let skip = Phrase("Skip", "跳过")
    static let error = Phrase("Error", "错误")
    static let due = Phrase("Due", "将到期")
    static let notTriggered = Phrase("Not triggered", "未触发")
    static let planned = Phrase("Planned", "计划中")

    /// Labels of the closed reasons; the codes themselves are shown as they are.
    static let reasons: [String: Phrase] = [
        "quiet_hours": Phrase("quiet hours", "静默时段"), "window_closed": Phrase("window closed", "非营业时段"),
        "paused": Phrase("paused", "暂停"), "frequency_cap": Phrase("frequency cap", "频次上限"),
        "holdout": Phrase("holdout", "对照组"), "no_consent": Phrase("no consent", "无许可"),
        "no_address": Phrase("no address", "无地址"), "not_chosen": Phrase("not chosen", "未选中"),
        "reentry": Phrase("re-entry", "重复进入"), "excluded": Phrase("excluded", "互斥"),
        "sentinel_date": Phrase("sentinel date", "占位日期"), "too_late": Phrase("too late", "已逾期"),
        "condition": Phrase("condition", "条件不符"), "exited": Phrase("exited", "已退出"),
        "displaced": Phrase("displaced", "被取代"), "campaign_removed": Phrase("campaign removed", "活动已移除"),
        "erased": Phrase("erased", "已清除"), "restored": Phrase("restored", "已恢复"),
        "evaluation_error": Phrase("evaluation error", "求值错误"),
        "limit_exceeded": Phrase("limit exceeded", "超出上限"), "template_error": Phrase("template error", "模板错误"),
    ]

    // MARK: Times and numbers
    static let today = Phrase("today", "今天")
    static let tomorrow = Phrase("tomorrow", "明天")
    static let yesterday = Phrase("yesterday", "昨天")
    static let dayAtTime = Phrase("{day} at {time}", "{day} {time}")
    static let todayLabel = Phrase("Today", "今天")
    static let milliseconds = Phrase("{n} ms", "{n} 毫秒")
    static let seconds = Phrase("{n} s", "{n} 秒")
    static let secondsText = Phrase("{t} s", "{t} 秒")
    static let minutes = Phrase("{n} min", "{n} 分钟")
    static let hours = Phrase("{n} h", "{n} 小时")
    static let hoursLong = Phrase("{n} hours", "{n} 小时", one: "{n} hour")
    static let days = Phrase("{n} days", "{n} 天", one: "{n} day")
    static let months = Phrase("{n} months", "{n} 个月", one: "{n} month")
    static let years = Phrase("{n} years", "{n} 年", one: "{n} year")
    static let day = Phrase("Day", "日期")
    static let inSpan = Phrase("in {span}", "{span}后")
    static let spanAgo = Phrase("{span} ago", "{span}前")
    static let perSecond = Phrase("{rate}/s", "{rate}/秒")
    static let projectTime = Phrase("project time, {zone}", "项目时区 {zone}")
    static let comma = Phrase(", ", "，")
    static let semicolon = Phrase("; ", "；")
    static let colon = Phrase(": ", "：")
    static let fullStop = Phrase(".", "。")

    // MARK: Rules in words
    static let startsEvent = Phrase("event {types}", "事件 {types}")
    static let startsCall = Phrase("a call over the API", "API 调用")
    static let startsUp = Phrase("{name} goes up", "{name} 上升")
    static let startsDown = Phrase("{name} goes down", "{name} 下降")
    static let startsChange = Phrase("{name} changes", "{name} 变化")
    static let startsEntered = Phrase("enters {name}", "进入 {name}")
    static let startsLeft = Phrase("leaves {name}", "离开 {name}")
    static let startsSchedule = Phrase("schedule {text}", "定时 {text}")
    static let onCustomersClock = Phrase("{text} on the customer’s clock", "{text}（客户当地时间）")
    static let cronDaily = Phrase("daily {time}", "每天 {time}")
    static let cronMonthly = Phrase("the {day} of each month, {time}", "每月 {day} {time}")
    static let cronWorkdays = Phrase("Monday to Friday, {time}", "周一至周五 {time}")
    static let cronWeekly = Phrase("{day} each week, {time}", "每{day} {time}")
    static let startsSilence = Phrase("no {types} for {span}", "{span}无 {types}")
    static let before = Phrase("{span} before {name}", "{name} 前 {span}")
    static let after = Phrase("{span} after {name}", "{name} 后 {span}")
    static let chineseCalendar = Phrase("Chinese calendar", "农历")
    static let and = Phrase("and", "且")
    static let or = Phrase("or", "或")
    static let allOf = Phrase("all of these hold:", "以下全部成立：")
    static let anyOf = Phrase("any of these holds:", "以下任一成立：")
    static let not = Phrase("not {a}", "并非 {a}")
    static let inSegment = Phrase("the customer is in {name}", "客户属于 {name}")
    static let notInSegment = Phrase("the customer is not in {name}", "客户不属于 {name}")
    static let equals = Phrase("{a} is {b}", "{a} 为 {b}")
    static let equalsNot = Phrase("{a} is not {b}", "{a} 不为 {b}")
    static let above = Phrase("{a} is above {b}", "{a} 大于 {b}")
    static let atLeast = Phrase("{a} is at least {b}", "{a} 至少为 {b}")
    static let below = Phrase("{a} is below {b}", "{a} 小于 {b}")
    static let atMost = Phrase("{a} is at most {b}", "{a} 至多为 {b}")
    static let oneOf = Phrase("{a} is one of {b}", "{a} 为 {b} 之一")
    static let within = Phrase("{a} is within {b}", "{a} 在 {b}内")
    static let beginsWith = Phrase("{a} begins with {b}", "{a} 以 {b} 开头")
    static let endsWith = Phrase("{a} ends with {b}", "{a} 以 {b} 结尾")
    static let isTrue = Phrase("{a} is true", "{a} 为真")
    static let isFalse = Phrase("{a} is not true", "{a} 不为真")
    static let isMissing = Phrase("{a} is missing", "{a} 缺失")
    static let isKnown = Phrase("{a} is known", "{a} 已知")
    static let whereHolds = Phrase("where {condition}", "其中 {condition}")
    static let betweenAges = Phrase("from {from} until {until} ago", "{from}前至 {until}前")
    /// Aggregates of events, by the names that rules give them.
    static let aggregates: [String: Phrase] = [
        "count": Phrase("count {a}", "{a} 次数"), "sum": Phrase("sum {a}", "{a} 合计"),
        "avg": Phrase("avg {a}", "{a} 均值"), "min": Phrase("min {a}", "{a} 最小值"),
        "max": Phrase("max {a}", "{a} 最大值"), "distinct": Phrase("distinct {a}", "{a} 不同值个数"),
        "first": Phrase("first {a}", "首次 {a}"), "last": Phrase("last {a}", "最近一次 {a}"),
        "open": Phrase("open {a}", "未结 {a}"),
    ]
    static let daysSince = Phrase("days since {a}", "距 {a} 的天数")
    static let daysUntil = Phrase("days until {a}", "到 {a} 的天数")
    static let daysUntilBirthday = Phrase("days until the next {a}", "距下一个 {a} 的天数")
    static let ageOf = Phrase("age by {a}", "按 {a} 的年龄")
    static let todayWord = Phrase("today", "今天")
    static let now = Phrase("now", "现在")
    static let bucketOf = Phrase("the stable share of {a}", "{a} 的稳定分组值")
    static let ruleStarts = Phrase("Starts: {start}", "触发：{start}")
    static let ruleWhere = Phrase(", where {condition}", "，其中 {condition}")
    static let ruleCondition = Phrase(", if {condition}", "，条件：{condition}")
    static let stepAfter = Phrase("{span} after the step before", "上一步后 {span}")
    static let stepSinceEntry = Phrase("{span} after entry", "进入后 {span}")
    static let stepCountIn = Phrase("counted in {name}", "只计 {name} 时段")
    static let stepAt = Phrase("at {time}", "{time}")
    static let stepWindow = Phrase("while {name} is open", "在 {name} 时段内")
    static let stepIf = Phrase("if {condition}", "若 {condition}")
    static let sends = Phrase("send {type} to {destination}", "向 {destination} 发送 {type}")
    static let sendsToStaff = Phrase("send {type} to {destination}, for staff", "向 {destination} 发送 {type}（给员工）")
    static let whereConsent = Phrase(", where {names} is granted", "，须 {names} 已许可")
    static let actionIf = Phrase(", if {condition}", "，若 {condition}")
    static let orElse = Phrase("or else", "否则")
}
