/// What `care.json` says of a robot in a WeCom (企业微信) group.
package struct WeComSettings: ChannelSettings, Hashable {
    /// `"type": "wecom"`.
    package static let type = "wecom"
    /// Those of every robot, and its own.
    package static let keys = RobotSettings.keys + ["format"]
    /// One after another, as they are to be read.
    package static let usualConcurrency = 1
    /// The robot takes 20 a minute.
    package var usualAttemptsPerSecond: Double? { 20.0 / 60 }

    /// Address, format and template.
    package var robot: RobotSettings

    /// Reads a robot; nil: its address is missing.
    package init?(_ reader: inout DestinationReader) {
        guard let robot = RobotSettings(&reader, fixed: "https://qyapi.weixin.qq.com/") else { return nil }
        self.robot = robot
    }

    /// The template's part that is sent.
    package var template: (choice: TemplateChoice, needs: TemplateNeeds)? { robot.template }

    /// Speaks through the robot.
    package func channel(_ parts: ChannelParts) throws(DestinationError) -> any Channel {
        let (template, _) = try robot.request(parts, contentType: "application/json")
        return WeComChannel(template: template, text: try parts.messageText(of: self), format: robot.format)
    }
}
