extension Say {
    // MARK: Rules
    static let rulesLead = Phrase(
        "[[Epoch {epoch}]] is in force since {time}, with {n} campaigns. The files check clean.",
        "[[第 {epoch} 版]]自 {time} 生效，含 {n} 个活动。文件检查无误。")
    static let refusedLead = Phrase(
        "The files were read {time}, but they do not check clean. [[Epoch {epoch} keeps running]]; nothing was lost and nothing new was put in force.",
        "{time} 读取的文件未通过检查。[[第 {epoch} 版继续运行]]；没有丢失，也没有新规则生效。")
    static let ruleTextLead = Phrase("The rule as it is in force, canonical JSON.", "当前生效的规则原文（规范 JSON）。")
    static let inForceText = Phrase("as in force", "当前生效")
    static let inWords = Phrase("in words", "释义")
    static let onATerminal = Phrase("Same on a terminal", "在终端执行")
    static let findingsTitle = Phrase("Findings", "检查结果")
    static let findingCount = Phrase(
        "{n} errors, {warnings} warnings", "{n} 个错误，{warnings} 个警告", one: "1 error, {warnings} warnings")
    static let noPlaceInFile = Phrase(
        "[[The files could not be read.]] The log of care serve says why.", "[[无法读取文件。]]原因见 care serve 日志。")
    static let warning = Phrase("Warning", "警告")
    static let refused = Phrase("Refused", "已拒绝")
    static let seen = Phrase("Seen", "读取")
    static let files = Phrase("Files", "文件")
    static let runningNow = Phrase("Running now", "当前运行")
    static let epoch = Phrase("Epoch", "版次")
    static let fingerprint = Phrase("Fingerprint", "指纹")
    static let sinceWord = Phrase("Since", "自")
    static let zone = Phrase("Time zone", "时区")
    static let policies = Phrase("Policies", "策略")
    static let policiesNote = Phrase("what holds for all campaigns", "对所有活动生效")
    static let noPolicies = Phrase(
        "[[There are none]]: no quiet hours, no frequency caps, no pauses.", "[[没有策略]]：无静默时段、频次上限或暂停。")
    static let policyQuiet = Phrase("{from} to {until}, customer’s time: {then}", "{from} 至 {until}（客户当地时间）：{then}")
    static let policyCap = Phrase(
        "at most {n} acts in {period}: {then}", "{period}内至多执行 {n} 次：{then}", one: "at most one act in {period}: {then}"
    )
    static let policyCalendar = Phrase("a calendar {period}", "同一自然{period}")
    static let policyTags = Phrase("campaigns tagged {tags}", "标签为 {tags} 的活动")
    static let policyPause = Phrase("while {condition}: {then}", "当 {condition}：{then}")
    static let policyWindow = Phrase("{days}, {from} to {until}", "{days}，{from} 至 {until}")
    static let policyHolidays = Phrase("closed on days off in {region}", "{region} 休息日不开放")

    // MARK: Settings
    static let settingsLead = Phrase(
        "[[{n} tokens]] are valid. People who can sign in: {users}.", "[[{n} 个令牌]]有效。可登录用户：{users}。",
        one: "[[One token]] is valid. People who can sign in: {users}.")
    static let tokens = Phrase("API tokens", "API 令牌")
    static let tokensNote = Phrase("only a hash is stored", "仅存储哈希")
    static let noTokens = Phrase(
        "[[No tokens yet.]] Programs need one to send customers and events.", "[[还没有令牌。]]程序发送客户和事件需要令牌。")
    static let tokenMade = Phrase(
        "[[Token {name} is made.]] It is shown once, now; keep it in a safe place.", "[[令牌 {name} 已创建。]]仅显示这一次，请妥善保存。")
    static let tokenName = Phrase("Name of the token", "令牌名称")
    static let makeToken = Phrase("Make token", "创建令牌")
    static let name = Phrase("Name", "名称")
    static let scopes = Phrase("Scopes", "权限")
    static let made = Phrase("Made", "创建")
    static let revoke = Phrase("Revoke", "吊销")
    static let users = Phrase("People", "用户")
    static let noUsers = Phrase("[[Nobody can sign in yet.]]", "[[还没有用户。]]")
    static let usersAre = Phrase(
        "What each scope may do: read sees everything but personal data, operate redrives and approves, admin makes tokens.",
        "权限：只读可查看（个人信息除外），操作员可重投与批准，管理员可管理令牌。")
    static let store = Phrase("Store", "存储")
    static let audit = Phrase("Audit", "审计")
    static let auditNote = Phrase("every change, by whom, newest first", "每项变更及其操作者，最新在前")
    static let noAudit = Phrase("[[No changes yet.]]", "[[还没有变更。]]")
    static let who = Phrase("Who", "操作者")
    static let deed = Phrase("What", "操作")
    static let detail = Phrase("Detail", "详情")

    // MARK: Sign-in and welcome
    static let signIn = Phrase("Sign in", "登录")
    static let password = Phrase("Password", "密码")
    static let forgotten = Phrase("Forgotten? An administrator can set a new one.", "忘记密码？管理员可以重设。")
    static let wrongPassword = Phrase("[[Name and password do not match.]]", "[[用户名与密码不匹配。]]")
    static let throttled = Phrase("[[Too many tries.]] Wait {span}, then try again.", "[[尝试次数过多。]]请等待 {span}后再试。")
    static let staleForm = Phrase(
        "[[The form was too old]], or came from another page. Nothing was changed; go back and try again.",
        "[[表单已失效]]，或来自其他页面。没有任何更改；请返回重试。")
    static let noUserYet = Phrase(
        "[[Nobody can sign in yet.]] care serve has printed a link to make the first administrator.",
        "[[还没有用户。]]care serve 已输出创建首位管理员的链接。")
    static let setUp = Phrase("Make the first administrator", "创建首位管理员")
    static let setUpLead = Phrase("This link works once. Choose a name and a password.", "此链接仅可使用一次。请设置用户名和密码。")
    static let newPassword = Phrase("Password, at least {n} characters", "密码，至少 {n} 个字符")
    static let again = Phrase("Password again", "再次输入密码")
    static let makeAdministrator = Phrase("Make administrator", "创建管理员")
    static let setUpLinkUsed = Phrase(
        "[[This link is used up or too old.]] Restart care serve to get another, if nobody can sign in yet.",
        "[[此链接已使用或过期。]]若仍无人可登录，请重启 care serve 获取新链接。")
    static let shortPassword = Phrase(
        "[[The password is too short.]] It needs at least {n} characters.", "[[密码太短。]]至少需要 {n} 个字符。")
    static let differentPasswords = Phrase("[[The two passwords differ.]]", "[[两次输入的密码不一致。]]")
    static let takenName = Phrase("[[The name cannot be used.]] Choose another.", "[[此名称不可用。]]请另选。")
    static let welcome = Phrase("Welcome", "欢迎")
    static let welcomeLead = Phrase(
        "care is running and its store is ready. Three steps until it looks after someone; nothing is sent before there is a campaign, a customer and a destination.",
        "care 正在运行，存储已就绪。还有三步即可开始关怀；在有活动、客户和投递目标之前不会发送任何内容。")
    static let stepCampaign = Phrase("Write the first campaign", "编写第一个活动")
    static let stepCampaignWhy = Phrase(
        "Start from an example in the rules directory, or from an empty file. Findings appear under Rules.",
        "从规则目录中的示例或空文件开始。检查结果显示在“规则”中。")
    static let stepCustomers = Phrase("Bring in customers", "导入客户")
    static let stepCustomersWhy = Phrase(
        "Import a file as history: it fires nothing. Or let your shop send customers and events over HTTP.",
        "以历史数据导入文件，不会触发任何活动。或让商店通过 HTTP 发送客户和事件。")
    static let stepPlan = Phrase("Look at the plan before it runs", "运行前查看计划")
    static let stepPlanWhy = Phrase(
        "The plan shows who would get what in the days to come, who would not, and why. It stays empty until there are customers.",
        "计划显示未来谁会收到什么、谁不会及其原因。有客户之前为空。")
    static let openThePlan = Phrase("Open the plan", "打开计划")
    static let whatIsHere = Phrase("What is here so far", "现有内容")
    static let campaignsIn = Phrase("{n} campaigns in {folder}", "{folder} 中有 {n} 个活动", one: "one campaign in {folder}")
    static let noneInEnvironment = Phrase("none in care.json", "care.json 中没有")

    // MARK: Confirmations and deeds
    static let confirmRedrive = Phrase("Redrive {n} deliveries?", "重投 {n} 个投递？", one: "Redrive one delivery?")
    static let confirmRedriveLead = Phrase(
        "[[{n} deliveries]] would wait again and go out under the same ids.", "[[{n} 个投递]]将重新等待，并以相同编号发送。",
        one: "[[One delivery]] would wait again and go out under the same id.")
    static let redriveButton = Phrase("Redrive {n} deliveries", "重投 {n} 个投递", one: "Redrive one delivery")
    static let confirmCancel = Phrase("Cancel {n} deliveries?", "取消 {n} 个投递？", one: "Cancel one delivery?")
    static let confirmCancelLead = Phrase(
        "[[{n} deliveries]] would never be sent. Their decisions stay acts in the ledger.",
        "[[{n} 个投递]]将不再发送。台账中仍记为执行。",
        one: "[[One delivery]] would never be sent. Its decision stays an act in the ledger.")
    static let cancelButton = Phrase("Cancel {n} deliveries", "取消 {n} 个投递", one: "Cancel one delivery")
    static let noneOfThem = Phrase(
        "[[None of them can be]]: they are no longer in a state for it.", "[[无法执行]]：它们已不在可操作的状态。")
    static let someExpired = Phrase(
        "[[{n} have expired]] and stay dead unless you choose to send them late.", "[[{n} 个已过期]]，除非选择逾期发送，否则仍为死信。",
        one: "[[One has expired]] and stays dead unless you choose to send it late.")
    static let sendLate = Phrase("Send expired ones too, however late", "过期的也发送")
    static let someLost = Phrase(
        "[[Of {n} the answer was lost]]: repeated, they may arrive twice.", "[[{n} 个应答丢失]]：重复发送可能送达两次。",
        one: "[[Of one the answer was lost]]: repeated, it may arrive twice.")
    static let illNote = Phrase("[[{name}]]: {state}. What is for it will wait.", "[[{name}]]：{state}。发往此处的将等待。")
    static let confirmApprove = Phrase("Approve {campaign}?", "批准 {campaign}？")
    static let confirmApproveLead = Phrase(
        "[[{n} acts]] until {until} would go out as they fall due.", "至 {until} 将到期执行 [[{n} 个动作]]。",
        one: "[[One act]] until {until} would go out as it falls due.")
    static let approveRefused = Phrase(
        "[[Nothing of it can be approved]]: the plan has no acts of this campaign, or other rules are in force now.",
        "[[无法批准]]：计划中没有该活动的执行，或规则已变更。")
    static let confirmEnable = Phrase("Enable {name}?", "启用 {name}？")
    static let confirmEnableLead = Phrase(
        "[[{n} deliveries]] that are parked for it would wait again; those whose answer was lost stay parked.",
        "为其搁置的 [[{n} 个投递]]将重新等待；应答丢失的仍搁置。",
        one: "[[One delivery]] that is parked for it would wait again; those whose answer was lost stay parked.")
    static let confirmDisable = Phrase("Disable {name}?", "停用 {name}？")
    static let confirmDisableLead = Phrase(
        "Nothing more would be sent to it: [[{n} deliveries]] that wait, and all that come, are parked until it is enabled.",
        "将不再向其发送：等待的 [[{n} 个投递]]及后续投递均搁置，直到启用。",
        one:
            "Nothing more would be sent to it: [[one delivery]] that waits, and all that come, are parked until it is enabled."
    )
    static let confirmReload = Phrase("Check the rules again?", "重新检查规则？")
    static let confirmReloadLead = Phrase(
        "The files in {folder} are read anew. [[If they check clean they are put in force]]; if not, epoch {epoch} keeps running.",
        "重新读取 {folder} 中的文件。[[检查无误即生效]]；否则第 {epoch} 版继续运行。")
    static let reloadButton = Phrase("Check and put in force", "检查并生效")
    static let confirmRevoke = Phrase("Revoke token {name}?", "吊销令牌 {name}？")
    static let confirmRevokeLead = Phrase(
        "Programs that use it are refused [[at once]]. This cannot be undone; make a new one instead.",
        "使用它的程序将[[立即]]被拒绝。无法撤销；可另建新令牌。")
    static let revokeButton = Phrase("Revoke {name}", "吊销 {name}")
    static let didRedrive = Phrase("{n} deliveries wait again.", "{n} 个投递重新等待。", one: "One delivery waits again.")
    static let didCancel = Phrase("{n} deliveries are cancelled.", "已取消 {n} 个投递。", one: "One delivery is cancelled.")
    static let didApprove = Phrase(
        "{campaign} is approved; its acts go out as they fall due.", "{campaign} 已批准，到期执行。")
    static let didEnable = Phrase("{name} is enabled.", "{name} 已启用。")
    static let didDisable = Phrase("{name} is disabled.", "{name} 已停用。")
    static let didReload = Phrase("The rules check clean; epoch {n} is in force.", "规则检查无误，第 {n} 版生效。")
    static let didNotReload = Phrase(
        "The rules were refused; those before keep running. The findings stand below.", "规则被拒绝，原规则继续运行。检查结果见下。")
    static let didRevoke = Phrase("The token is revoked.", "令牌已吊销。")
    static let didNotApprove = Phrase(
        "Nothing was approved: the plan is not what was shown any more. Look at it again.", "未批准：计划已与所示不同，请重新查看。")
    static let didNothing = Phrase("Nothing was changed.", "没有任何更改。")

    // MARK: Problems
    static let toOverview = Phrase("To the overview", "回到概览")
    static let notFound = Phrase("There is no such page", "没有此页面")
    static let notFoundText = Phrase("The address may be mistyped. Everything else works.", "地址可能有误。其他功能正常。")
    static let noSuchCustomer = Phrase("There is no such customer", "没有此客户")
    static let noSuchCustomerText = Phrase(
        "The id may be mistyped, or the customer was erased. Look for ids that begin alike under Customers.",
        "编号可能有误，或该客户已被清除。可在“客户”中按开头查找。")
    static let noSuchCampaign = Phrase("There is no such campaign", "没有此活动")
    static let noSuchCampaignText = Phrase(
        "The rules in force have none of that name. It may have been renamed or removed; the ledger keeps its decisions.",
        "生效的规则中没有此名称。可能已改名或移除；台账仍保留其决策。")
    static let noSuchDelivery = Phrase("There is no such delivery", "没有此投递")
    static let noSuchDeliveryText = Phrase(
        "The id may be mistyped, or the delivery is older than what is kept.", "编号可能有误，或投递已超出保留期限。")
    static let noSuchDestination = Phrase("There is no such destination", "没有此投递目标")
    static let noSuchDestinationText = Phrase(
        "care.json names none of that name, and nothing lies for it.", "care.json 中没有此名称，也没有发往此处的投递。")
    static let forbidden = Phrase("Your scope does not reach so far", "您的权限不足")
    static let forbiddenText = Phrase(
        "Nothing was changed. An administrator can give you a wider scope.", "没有任何更改。管理员可授予更高权限。")
    static let staleFormTitle = Phrase("The form was too old", "表单已失效")
    static let badRequest = Phrase("The address cannot be understood", "无法理解此地址")
    static let badRequestText = Phrase("A part of it is malformed. Nothing was changed.", "其中一部分格式有误。没有任何更改。")
    static let unavailable = Phrase("The store cannot be read just now", "暂时无法读取存储")
    static let unavailableText = Phrase(
        "Nothing was changed, and deliveries go on where they can. Try again in a moment; care doctor tells more.",
        "没有任何更改，投递会继续进行。请稍后重试；care doctor 可提供详情。")
    static let failedTitle = Phrase("This page could not be made", "无法生成此页面")
    static let failedText = Phrase(
        "Nothing was changed. The log of care serve has the cause; other pages work.",
        "没有任何更改。原因见 care serve 日志；其他页面正常。")
}
