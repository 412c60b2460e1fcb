extension Say {
    // MARK: Rule tests
    static let tests = Phrase("Tests", "测试")
    static let ruleTests = Phrase("Rule tests", "规则测试")
    static let noTests = Phrase("no tests", "无测试")
    static let testsPass = Phrase("{n} tests pass", "{n} 个测试通过", one: "1 test passes")
    static let testsFail = Phrase("{n} of {all} fail", "{all} 个中 {n} 个失败", one: "1 of {all} fails")
    static let testsUnreadable = Phrase("cannot be read", "无法读取")
    static let testsNotKnown = Phrase("being run", "运行中")
    static let testsUnderWay = Phrase(
        "[[The rule tests are being run.]] Reload this page in a moment.", "[[正在运行规则测试。]]请稍后刷新。")
    static let testsNotRun = Phrase(
        "[[The rule tests could not be run.]] Reload this page in a moment.", "[[无法运行规则测试。]]请稍后刷新。")
    static let campaignsFailing = Phrase("{n} have failing tests.", "{n} 个有测试失败。", one: "One has a failing test.")
    static let testFilesUnreadable = Phrase(
        "[[{n} files of tests cannot be read]], and none of their tests is run. The campaigns run as before.",
        "[[{n} 个测试文件无法读取]]，其中的测试均未运行。活动照常运行。",
        one: "[[One file of tests cannot be read]], and none of its tests is run. The campaigns run as before.")
    static let noTestsOfCampaign = Phrase(
        "[[No test is about it.]] Tests stand beside the rules in files {suffix}.",
        "[[没有针对它的测试。]]测试与规则放在一起，文件名为 {suffix}。")
    static let testFails = Phrase("Fails", "失败")
    static let testExpected = Phrase("{subject}: expected {expected}, got {got}", "{subject}：预期 {expected}，实际 {got}")
    static let moreTests = Phrase("and {n} more that pass", "另有 {n} 个通过", one: "and one more that passes")
}
