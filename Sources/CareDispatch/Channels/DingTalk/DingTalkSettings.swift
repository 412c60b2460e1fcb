/// What `care.json` says of a custom robot in a DingTalk (钉钉) group.
package struct DingTalkSettings: ChannelSettings, Hashable {
    /// `"type": "dingtalk"`.
    package static let type = "dingtalk"
    /// Those of every robot, and its own.
    package static let keys = RobotSettings.keys + ["secret", "format"]
    /// One after another, as they are to be read.
    package static let usualConcurrency = 1
    /// The robot takes 20 a minute and mutes itself for ten minutes above that: some way below.
    package var usualAttemptsPerSecond: Double? { 18.0 / 60 }

    /// Address, secret, format and template.
    package var robot: RobotSettings

    /// Reads a robot; nil: its address is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let robot = RobotSettings(&reader, fixed: "https://oapi.dingtalk.com/") else { return nil }
        self.robot = robot
    }

    /// The template's part that is sent.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? { robot.template }

    /// Speaks through the robot.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        let (template, key) = try robot.request(parts)
        return DingTalkChannel(
            template: template, text: try parts.messageText(of: self), secret: key, format: robot.format)
    }
}
