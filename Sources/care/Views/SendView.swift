import CareDispatch
import CareStore
import CareValues

/// `care send`
struct SendView {
    let trial: DestinationTrial
    let order: NewDelivery
    /// The destination's type.
    let type: String

    func text(_ style: Style) -> String {
        let place = "\(order.destination) (\(type)\(trial.place.isEmpty ? "" : ", \(trial.place)"))"
        let result = trial.result
        let said = result.detail.isEmpty ? (result.status == 0 ? "accepted" : String(result.status)) : result.detail
        let time = trial.wasTried ? ", \(grouped(Int(trial.milliseconds))) ms" : ""
        var lines: [String]
        switch result.kind {
        case .delivered: lines = [style.bold("Delivered to \(place): \(said)\(time).")]
        case .unknown: lines = [style.bold("May have been delivered to \(place): \(said)\(time).")]
        default: lines = [style.bold("Not delivered to \(place): \(said)\(time).")]
        }
        lines.append("\(order.type) · \(order.customer) · \(style.dim(order.id.text)): a sample, nothing was stored.")
        if let meaning { lines.append(meaning) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What care would do with a delivery that ends so.
    private var meaning: String? {
        switch trial.result.kind {
        case .delivered: nil
        case .failed, .deferred, .throttled: "A delivery would be tried again."
        case .permanent: "A delivery would be a dead letter at once."
        case .gone: "A delivery would be parked, and the destination disabled."
        case .unknown where trial.repeatsUnknown: "A delivery would be sent again under the same id."
        case .unknown: "A delivery would be parked: repeated, it might arrive twice."
        }
    }

    var json: JSONValue {
        .object(
            JSONObject(uniqueMembers: [
                ("destination", .string(order.destination)), ("type", .string(type)), ("place", .string(trial.place)),
                ("id", .string(order.id.text)), ("outcome", .string(trial.result.kind.rawValue)),
                ("status", .number(Double(trial.result.status))), ("detail", .string(trial.result.detail)),
                ("milliseconds", .number(Double(trial.milliseconds))), ("sample", .bool(true)),
            ]))
    }
}
