import CareRules
import CareValues

extension Event {
    /// The source of calls of a campaign.
    public static let apiSource = "api"

    /// A call of a campaign with an `api` trigger, as it is stored: an event of source `api`, the campaign's name as its
    /// type, and campaign and key as its id: one key may call two campaigns.
    ///
    /// - Parameters:
    ///   - campaign: the campaign's identity.
    ///   - key: the caller's key; the same key is the same call.
    ///   - time: when the call was made.
    public init(callOf campaign: String, key: String, properties: JSONObject, time: Timestamp, receivedAt: Timestamp) {
        self.init(
            type: campaign, source: Event.apiSource, id: CanonicalJSON.array(of: [campaign, key]), time: time,
            receivedAt: receivedAt, properties: properties)
    }

    /// The caller's key of a call of a campaign; nil: it is none.
    var callKey: String? {
        guard source == Event.apiSource, case .array(let parts)? = JSONValue(storedText: id), parts.count == 2,
            parts[0] == .string(type), case .string(let key) = parts[1]
        else { return nil }
        return key
    }
}
