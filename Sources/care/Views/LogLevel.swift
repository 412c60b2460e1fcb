import ArgumentParser

/// How much a line of the log matters.
enum LogLevel: String, CaseIterable, Comparable, ExpressibleByArgument {
    /// What only helps to find a defect.
    case debug
    /// What happens all day.
    case info
    /// What may need somebody.
    case warning
    /// What does need somebody.
    case error

    static func < (left: LogLevel, right: LogLevel) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
}
