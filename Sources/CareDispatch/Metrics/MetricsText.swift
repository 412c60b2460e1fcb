import CareValues

/// Metrics as Prometheus reads them.
///
/// Source: Prometheus, "Exposition formats", text format 0.0.4.
public enum MetricsText {
    /// The content type of ``text(of:)``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// One page of all destinations; durations in seconds.
    public static func text(of destinations: [DestinationMetrics]) -> String {
        var page = ""
        func family(_ name: String, _ type: String, _ help: String, _ lines: (DestinationMetrics) -> [String]) {
            page += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
            for line in destinations.flatMap(lines) { page += line + "\n" }
        }
        func simple(_ name: String, _ type: String, _ help: String, _ value: (DestinationMetrics) -> Double) {
            family(name, type, help) { ["\(name){destination=\(label($0.destination))} \(number(value($0)))"] }
        }
        family("care_delivery_attempts_total", "counter", "Attempts that ended, by outcome.") { one in
            DestinationMetrics.Outcome.allCases.map { outcome in
                "care_delivery_attempts_total{destination=\(label(one.destination)),outcome=\"\(outcome.rawValue)\"} "
                    + "\(one.attempts[outcome] ?? 0)"
            }
        }
        family("care_delivery_attempt_seconds", "histogram", "How long attempts took.") {
            histogram("care_delivery_attempt_seconds", $0.destination, $0.latency)
        }
        family("care_delivery_delay_seconds", "histogram", "From the instant due to the first attempt.") {
            histogram("care_delivery_delay_seconds", $0.destination, $0.delay)
        }
        simple("care_delivery_in_flight", "gauge", "Attempts under way.") { Double($0.inFlight) }
        simple("care_delivery_concurrency", "gauge", "Attempts that may be under way.") { Double($0.concurrency) }
        simple("care_delivery_waiting", "gauge", "Deliveries that wait.") { Double($0.waiting) }
        simple("care_delivery_queue_age_seconds", "gauge", "How long the first of those that wait has been due.") {
            Double($0.queueAgeMilliseconds) / 1000
        }
        family("care_delivery_breaker", "gauge", "1 for the state in which the breaker is.") { one in
            DestinationMetrics.Breaker.allCases.map { state in
                "care_delivery_breaker{destination=\(label(one.destination)),state=\"\(state.rawValue)\"} "
                    + (one.breaker == state ? "1" : "0")
            }
        }
        simple("care_delivery_breaker_openings_total", "counter", "How often the breaker opened.") {
            Double($0.breakerOpenings)
        }
        simple("care_delivery_disabled", "gauge", "1 while the destination is disabled.") { $0.isDisabled ? 1 : 0 }
        simple("care_delivery_slow", "gauge", "1 while the destination is served apart because it hangs.") {
            $0.isSlow ? 1 : 0
        }
        return page
    }

    private static func histogram(_ name: String, _ destination: String, _ values: LatencyHistogram) -> [String] {
        var lines: [String] = []
        var seen = 0
        for (index, count) in values.counts.enumerated() {
            seen += count
            let bound =
                index < LatencyHistogram.bounds.count
                ? number(Double(LatencyHistogram.bounds[index]) / 1000) : "+Inf"
            lines.append("\(name)_bucket{destination=\(label(destination)),le=\"\(bound)\"} \(seen)")
        }
        lines.append("\(name)_sum{destination=\(label(destination))} \(number(Double(values.sumMilliseconds) / 1000))")
        lines.append("\(name)_count{destination=\(label(destination))} \(seen)")
        return lines
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// A label's value in quotes; backslash, quote and line end escaped.
    private static func label(_ text: String) -> String {
        var escaped = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped + "\""
    }
}
