/// What is claimed for one destination and has not begun: in turn, or in one line for each customer.
struct JobQueue {
    private let isOrdered: Bool
    // In turn: everything before `head` is gone, and taken out, so that nothing is copied.
    private var jobs: [Job?] = []
    private var head = 0
    // In lines, by customer. Ids that Unicode calls equivalent share a line, which only orders more than is asked.
    private var lines: [String: [Job]] = [:]
    /// Customers whose first may begin, in turn.
    private var ready: [String] = []
    private var readyHead = 0
    /// Customers of whom one is under way.
    private var busy: Set<String> = []
    private(set) var count = 0

    init(isOrdered: Bool) {
        self.isOrdered = isOrdered
    }

    mutating func append(_ new: [Job]) {
        count += new.count
        guard isOrdered else {
            if head > 0 {
                jobs.removeSubrange(..<head)
                head = 0
            }
            jobs += new.map(Optional.some)
            return
        }
        for job in new {
            let customer = job.delivery.order.customer
            if lines[customer, default: []].isEmpty, !busy.contains(customer) { ready.append(customer) }
            lines[customer, default: []].append(job)
        }
    }

    /// The next that may begin; nil: nothing is there, or of everybody one is under way.
    mutating func next() -> Job? {
        guard isOrdered else {
            guard head < jobs.count else { return nil }
            defer { head += 1 }
            count -= 1
            return jobs[head].take()
        }
        guard readyHead < ready.count else { return nil }
        let customer = ready[readyHead]
        readyHead += 1
        if readyHead == ready.count {
            ready = []
            readyHead = 0
        }
        guard var line = lines[customer], !line.isEmpty else { return nil }
        let job = line.removeFirst()
        lines[customer] = line.isEmpty ? nil : line
        busy.insert(customer)
        count -= 1
        return job
    }

    /// Whether ``next()`` has something.
    var hasNext: Bool { isOrdered ? readyHead < ready.count : head < jobs.count }

    /// What was taken last of a customer is over.
    ///
    /// - Parameter isOutOfTheWay: it is delivered, dead, parked: the one behind it may begin. Otherwise all behind it
    ///   must be given back: they are returned.
    mutating func ended(customer: String, isOutOfTheWay: Bool) -> [Job] {
        guard isOrdered else { return [] }
        busy.remove(customer)
        guard let line = lines[customer] else { return [] }
        if isOutOfTheWay {
            ready.append(customer)
            return []
        }
        lines[customer] = nil
        count -= line.count
        return line
    }

    /// Everything, to be given back.
    mutating func drain() -> [Job] {
        let all = isOrdered ? lines.values.flatMap { $0 } : jobs[head...].compactMap(\.self)
        jobs = []
        head = 0
        lines = [:]
        ready = []
        readyHead = 0
        count = 0
        return all
    }
}
