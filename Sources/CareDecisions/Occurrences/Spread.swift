import CareRules
import CareValues

/// The stable delay of one customer below a campaign's `spread`.
enum Spread {
    /// When what fired at `instant` is due for `customer`.
    ///
    /// The customer's share is that of ``Bucket`` with the salt `spread:<campaign>`. A spread of whole days moves whole
    /// days and keeps the wall time; any other moves elapsed milliseconds.
    static func due(
        _ instant: Timestamp, _ spread: ISODuration, campaign: String, customer: String, zone: Zone
    ) -> Timestamp {
        let share = Bucket.share(of: ["spread:" + campaign, customer])
        if spread.milliseconds == 0 {
            return zone.advance(instant, by: ISODuration(days: Int32(share * Double(spread.days))))
        }
        let length = Int64(spread.days) * 86_400_000 + spread.milliseconds
        return instant.advanced(byMilliseconds: Int64(share * Double(length)))
    }
}

extension Trigger {
    /// What the trigger spreads its firings over; nil: they are not.
    var spread: ISODuration? {
        switch self {
        case .inactivity(let trigger): trigger.spread
        case .schedule(let trigger): trigger.spread
        default: nil
        }
    }
}
