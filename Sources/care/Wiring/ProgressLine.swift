import CareThreads
import CareValues

/// One line of progress on a terminal, rewritten at most five times a second and gone at the end.
final class ProgressLine: Sendable {
    private struct State {
        var done = 0
        var lastShown: Timestamp?
    }
    private let what: String
    private let total: Int?
    private let console: Console
    private let started: Timestamp
    private let state = Lock(State())

    /// Progress of `what`, `customers`, of whom there are `total`; nil: nobody knows.
    init(_ what: String, total: Int?, console: Console) {
        self.what = what
        self.total = total
        self.console = console
        started = console.now()
    }

    /// So many more are done. Any thread.
    func add(_ more: Int) {
        guard console.showsProgress else { return }
        let now = console.now()
        let line = state.withLock { state -> String? in
            state.done += more
            if let last = state.lastShown, now.milliseconds(since: last) < 200 { return nil }
            state.lastShown = now
            return text(state.done, at: now)
        }
        if let line { console.writeError("\r\u{1B}[K" + line) }
    }

    /// Takes the line away.
    func end() {
        if state.withLock({ $0.lastShown != nil }) { console.writeError("\r\u{1B}[K") }
    }

    /// `7,904 of 12,480 customers · 63 % · 91,000/s · 2 s left`
    func text(_ done: Int, at now: Timestamp) -> String {
        let seconds = max(0.001, Double(now.milliseconds(since: started)) / 1000)
        let rate = grouped(Int(Double(done) / seconds))
        guard let total, total > 0 else { return "\(grouped(done)) \(what) · \(rate)/s" }
        let share = min(1, Double(done) / Double(total))
        let left = share > 0 ? Int((seconds / share - seconds).rounded(.up)) : 0
        return "\(grouped(done)) of \(grouped(total)) \(what) · \(Int(share * 100)) % · \(rate)/s · \(left) s left"
    }
}
