/// What `care.json` says of a custom bot in a Feishu (飞书) or Lark group.
package struct FeishuSettings: ChannelSettings, Hashable {
    /// `"type": "feishu"`.
    package static let type = "feishu"
    /// Those of every robot, and its own.
    package static let keys = RobotSettings.keys + ["secret"]
    /// One after another, as they are to be read.
    package static let usualConcurrency = 1
    /// The bot takes 100 a minute.
    package var usualAttemptsPerSecond: Double? { 100.0 / 60 }

    /// Address, secret and template; always text.
    package var robot: RobotSettings

    /// Reads a bot; nil: its address is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let robot = RobotSettings(&reader, fixed: "https://open.feishu.cn/") else { return nil }
        self.robot = robot
    }

    /// The template's part that is sent.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? { robot.template }

    /// Speaks through the bot.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        let (template, key) = try robot.request(parts)
        return FeishuChannel(template: template, text: try parts.messageText(of: self), secret: key)
    }
}
