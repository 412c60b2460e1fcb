import CareRules
import CareValues

extension Event {
    /// The source of calls of a campaign.
    public static let apiSource = "api"

    /// A call of a campaign with an `api` trigger, as it is stored: an event of source `api` and the campaign's name as
    /// its type.
    ///
    /// - Parameters:
    ///   - campaign: the campaign's identity.
    ///   - key: the caller's key; the same key is the same call.
    ///   - time: when the call was made.
    public init(callOf campaign: String, key: String, properties: JSONObject, time: Timestamp, receivedAt: Timestamp) {
        self.init(
            type: campaign, source: Event.apiSource, id: key, time: time, receivedAt: receivedAt,
            properties: properties)
    }
}
