import CareDecisions
import CareLogic
import CareRules
import CareValues

/// Why no occurrence of a campaign can be foreseen that has instants of its own.
public enum NoOccurrence: Sendable, Hashable {
    /// It is entered once, and was.
    case enteredOnce
    /// Its trigger counts no more since this instant.
    case ended(Timestamp)
    /// What it is reckoned from is missing.
    case missing(String)
    /// A birthday without its year has no day in another calendar.
    case yearIsMissing(String)
    /// No holidays of that region are known.
    case unknownRegion(String)
    /// The region keeps no such holiday in the years to come.
    case notKept(holiday: String, region: String)
    /// All of a date's instants are over.
    case over(String)
    /// The silence has fired, and does so once; another must begin.
    case fired
    /// None in the years that the calendar's tables hold.
    case none

    /// Why `outlook` has no next occurrence.
    init(_ campaign: Campaign, _ outlook: Outlook, _ decider: Decider, now: Timestamp) {
        if case .once = campaign.reentry, campaign.entryKey == nil, !outlook.admitsEntry {
            self = .enteredOnce
            return
        }
        if let until = campaign.terms.activeUntil?.instant(in: outlook.zone), until <= now {
            self = .ended(until)
            return
        }
        let value = outlook.watched ?? .missing
        switch campaign.trigger {
        case .anniversary(let trigger):
            if value.isMissing {
                self = .missing(trigger.name)
            } else if case .birthday(let birthday) = value, birthday.year == nil,
                birthday.isChinese ? trigger.calendar == .gregorian : trigger.calendar == .chinese
            {
                self = .yearIsMissing(trigger.name)
            } else {
                self = .none
            }
        case .date(let trigger):
            self = value.isMissing ? .missing(trigger.name) : .over(trigger.name)
        case .inactivity(let trigger):
            if value.isMissing {
                self = .missing(trigger.types.joined(separator: " or "))
            } else {
                self = .fired
            }
        case .holiday(let trigger):
            let code: String
            switch trigger.region {
            case .code(let text): code = text
            case .attribute(_, let name):
                guard case .string(let text) = value else {
                    self = .missing(name)
                    return
                }
                code = text
            }
            self =
                decider.active.holidays.region(code) == nil
                ? .unknownRegion(code) : .notKept(holiday: trigger.name, region: code)
        case .event, .api, .change, .segment, .schedule:
            self = .none
        }
    }
}
