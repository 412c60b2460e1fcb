import CareValues

/// What the core says in texts of its own: the English is the core's, to the letter, so that it can be told apart.
///
/// A place stands for what the core fills in; of `{rest}` and `{known}` the words are looked up in the same list, and
/// with `{known}` a phrase is only taken where they are found.
extension Say {
    // MARK: Gates
    /// The gates by the names that the core gives them.
    static let gates: [String: Phrase] = [
        "paused": Phrase("paused", "活动暂停"), "too_late": Phrase("too_late", "时限"),
        "exited": Phrase("exited", "退出条件"), "condition": Phrase("condition", "条件"),
        "where": Phrase("where", "触发筛选"), "no_consent": Phrase("no_consent", "许可"),
        "no_address": Phrase("no_address", "地址"), "pause": Phrase("pause", "暂停策略"),
        "window": Phrase("window", "营业时段"), "quiet hours": Phrase("quiet hours", "静默时段"),
        "cap": Phrase("cap", "频次上限"), "holdout": Phrase("holdout", "对照组"),
        "reentry": Phrase("reentry", "重复进入"), "group": Phrase("group", "互斥组"),
    ]
    /// What gates saw.
    static let gateDetails: [Phrase] = [
        Phrase("{from} until {until}", "{from} 至 {until}"), Phrase("a fraction of {share}", "占比 {share}"),
    ]
    static let capTaken = Phrase("{taken} of {max} taken in {period}", "{period}内已用 {taken}/{max} 次")
    static let thisPeriod = Phrase("the {period}", "本{period}")
    /// What of the policies stopped a decision, as explanations and the ledger have it.
    static let causes: [Phrase] = [
        Phrase("campaign paused", "活动已暂停"), Phrase("pause {name}", "暂停策略 {name}"),
        Phrase("cap {name}", "频次上限 {name}"), Phrase("window {name}", "营业时段 {name}"),
    ]

    /// A period of the calendar.
    static func period(_ period: CalendarPeriod) -> Phrase {
        switch period {
        case .day: Phrase("day", "日")
        case .week: Phrase("week", "周")
        case .month: Phrase("month", "月")
        case .quarter: Phrase("quarter", "季度")
        case .year: Phrase("year", "年")
        }
    }

    // MARK: Explanations
    static let segmentNamed = Phrase("segment {name}", "分群 {name}")
    static let trueValue = Phrase("true", "真")
    static let falseValue = Phrase("false", "假")
    /// Operators whose names are words, and those that join; signs such as `>=` are read in every language.
    static let operators: [String: Phrase] = [
        "and": Phrase("and", "且"), "or": Phrase("or", "或"), "!": Phrase("!", "非"), "!!": Phrase("!!", "为真"),
        "if": Phrase("if", "如果"), "?:": Phrase("?:", "如果"), "in": Phrase("in", "属于"),
        "within": Phrase("within", "时限内"), "startsWith": Phrase("startsWith", "开头为"),
        "endsWith": Phrase("endsWith", "结尾为"), "all": Phrase("all", "全部满足"), "some": Phrase("some", "有一满足"),
        "none": Phrase("none", "无一满足"), "missing": Phrase("missing", "缺失项"),
        "missing_some": Phrase("missing_some", "缺失项"), "days_since": Phrase("days_since", "距今天数"),
        "days_until": Phrase("days_until", "到期天数"), "age": Phrase("age", "年龄"),
        "days_until_birthday": Phrase("days_until_birthday", "距生日天数"), "bucket": Phrase("bucket", "稳定分组值"),
        "min": Phrase("min", "最小"), "max": Phrase("max", "最大"), "cat": Phrase("cat", "拼接"),
        "substr": Phrase("substr", "截取"), "merge": Phrase("merge", "合并"), "map": Phrase("map", "映射"),
        "filter": Phrase("filter", "筛选"), "reduce": Phrase("reduce", "归约"),
    ]
    /// Why an expression has no value.
    static let evaluationErrors: [Phrase] = [
        Phrase("'{name}' cannot work with these kinds of values", "“{name}”无法处理这类值"),
        Phrase(
            "'{name}' compares an ordinal with something that is not one of its values", "“{name}”把序数与其取值之外的内容比较"),
        Phrase("trait '{name}' holds more than its limit", "特征“{name}”超出上限"),
    ]
    /// What a value would have to be for another outcome.
    static let needs: [Phrase] = [
        Phrase("any value", "有任意值"), Phrase("no value", "为空"), Phrase("true", "为真"), Phrase("false", "为假"),
        Phrase("more than {a}", "大于 {a}"), Phrase("at least {a}", "至少为 {a}"), Phrase("less than {a}", "小于 {a}"),
        Phrase("at most {a}", "至多为 {a}"),
    ]
    /// What turned customers away.
    static let turnedAwayBy: [Phrase] = [
        Phrase("no instant to come", "没有将来的时刻"), Phrase("later than the period", "晚于此期间"),
        Phrase("fires otherwise", "以其他方式触发"), Phrase("at that instant", "届时不符"),
        Phrase("the region is missing", "地区缺失"), Phrase("what it watches is missing", "所监测的值缺失"),
        Phrase("any {types} is missing", "没有任何 {types}"), Phrase(", held at the end", "，期末仍暂缓"),
        Phrase("{rest}, held at the end", "{rest}，期末仍暂缓"), Phrase("segment {name}: {rest}", "分群 {name}：{rest}"),
        Phrase("{rest} is missing", "{rest} 缺失"), Phrase("segment {name}", "分群 {name}"),
        Phrase("in {a}, {b}", "{a} 属于 {b}"), Phrase("within {a}, {b}", "{a} 在 {b} 内"),
        Phrase("startsWith {a}, {b}", "{a} 以 {b} 开头"), Phrase("endsWith {a}, {b}", "{a} 以 {b} 结尾"),
    ]

    // MARK: Deliveries
    /// Why a delivery stands where it does, and what attempts came to; what receivers say themselves stays as it is.
    static let deliveryReasons: [Phrase] = ownReasons + transportErrors + receiverAnswers

    /// What Care itself says of a delivery.
    private static let ownReasons: [Phrase] = [
        Phrase("answer lost: {rest}", "应答丢失：{rest}"), Phrase("attempts exhausted: {rest}", "尝试次数用尽：{rest}"),
        Phrase("time limit reached: {rest}", "已达时限：{rest}"), Phrase("expired", "已过期"),
        Phrase("quiet hours", "静默时段"), Phrase("destination pauses", "投递目标暂缓中"), Phrase("erased", "客户已清除"),
        Phrase("consent withdrawn", "许可已撤回"), Phrase("the program ended meanwhile", "程序中途结束"),
        Phrase("stopped before the answer", "收到应答前停止"), Phrase("answer cut short", "应答不完整"),
        Phrase("by hand", "手动"), Phrase("cancelled by {name}", "由 {name} 取消"),
        Phrase("disabled by {name}", "由 {name} 停用"), Phrase("by {name}", "由 {name} 操作"),
    ]

    /// Why no answer came.
    private static let transportErrors: [Phrase] = [
        Phrase("request refused", "请求被拒"), Phrase("address refused", "地址不被允许"),
        Phrase("name not resolved", "域名无法解析"), Phrase("no connection", "无法连接"),
        Phrase("no connection in time", "连接超时"), Phrase("TLS failed", "TLS 失败"),
        Phrase("no answer in time", "应答超时"), Phrase("connection lost", "连接中断"),
        Phrase("answer not understood", "无法理解应答"), Phrase("no connection by the proxy", "代理未能连接"),
        Phrase(
            "out of sockets or memory: raise the limit of open files (ulimit -n)", "套接字或内存不足：请提高打开文件数上限（ulimit -n）"),
        Phrase("the proxy answered {status}", "代理应答 {status}"),
    ]

    /// What answers mean: the frequent ones of HTTP, and what the core adds to the codes of vendors and mail servers.
    private static let receiverAnswers: [Phrase] = [
        Phrase("{rest}, Retry-After {seconds}", "{rest}，{seconds} 秒后再试"),
        Phrase("400 Bad Request", "400 请求有误"), Phrase("401 Unauthorized", "401 未授权"),
        Phrase("403 Forbidden", "403 禁止访问"), Phrase("404 Not Found", "404 未找到"),
        Phrase("408 Request Timeout", "408 请求超时"), Phrase("409 Conflict", "409 冲突"),
        Phrase("410 Gone", "410 已不存在"), Phrase("413 Content Too Large", "413 内容过大"),
        Phrase("415 Unsupported Media Type", "415 类型不支持"), Phrase("422 Unprocessable Content", "422 内容无法处理"),
        Phrase("429 Too Many Requests", "429 请求过多"), Phrase("500 Internal Server Error", "500 服务器内部错误"),
        Phrase("502 Bad Gateway", "502 网关错误"), Phrase("503 Service Unavailable", "503 服务不可用"),
        Phrase("504 Gateway Timeout", "504 网关超时"), Phrase("not an answer of {vendor}", "不是 {vendor} 的应答"),
        Phrase("not routed: no queue is bound to the key", "未路由：没有队列绑定此键"),
        Phrase("no telephone number: the action has no to", "没有电话号码：动作未设 to"),
        Phrase("not a telephone number", "不是电话号码"), Phrase("the recipient has unsubscribed", "收件人已退订"),
        Phrase("too many messages", "消息过多"), Phrase("too many requests", "请求过多"),
        Phrase("too many to this number", "发往此号码过多"), Phrase("the account is empty", "账户余额不足"),
        Phrase("the account is blocked", "账户已停用"), Phrase("the signature is not approved", "签名未获批准"),
        Phrase("the template is not approved", "模板未获批准"), Phrase("data does not fill the template", "数据未填满模板"),
        Phrase("data does not fit the template", "数据与模板不符"), Phrase("text too long", "文本过长"),
        Phrase("text refused", "文本被拒"), Phrase("message refused", "消息被拒"), Phrase("no such mailbox", "没有此邮箱"),
        Phrase("the domain takes no mail", "该域不收邮件"), Phrase("not an address", "不是地址"),
        Phrase("the mailbox is full", "邮箱已满"), Phrase("the mail is too large", "邮件过大"),
        Phrase("user or password refused", "用户名或密码被拒"), Phrase("refused by policy", "被策略拒绝"),
        Phrase("{head}: {known}", "{head}：{known}"),
    ]
}
