import CareDecisions
import CarePlanning
import CareStore
import CareThreads
import CareValues
import Glibc

/// Plans that were approved ahead: files in a folder beside the store, which a pass carries out as their keys fall due.
///
/// Only keys of campaigns with `approval: true` are looked at: all others are decided by the pass itself. A plan that has
/// been carried out, or is stale, is renamed and stays as a record.
public final class ApprovedPlans: Sendable {
    /// What a pass did with one plan.
    public struct Report: Sendable {
        /// The file's name.
        public var name: String
        /// Why it is refused whole, in words; nil: it is not.
        public var refusal: String?
        /// What was carried out.
        public var summary: PlanApplier.Summary
    }

    private struct Known: Sendable {
        var head: SavedPlan.Head
        /// The first step of each occurrence, by customer; the steps after it follow by themselves.
        var lines: [String: [SavedPlan.Line]]
        var nextDue: Timestamp?
    }

    /// Where they lie.
    public let folder: String
    private let known = Lock<[String: Known]>([:])
    private let campaignsKnown = Lock<[String: String]>([:])
    /// How long after its period a plan is looked at, for what was late.
    private static let afterlife: Int64 = 86_400_000

    /// The plans beside the store at `storePath`.
    public init(storePath: String) {
        folder = storePath + ".approved"
    }

    /// Puts a plan there, whole or not at all. - Returns: its name. - Throws: ``FileReadError``.
    public func add(_ bytes: [UInt8], digest: String) throws -> String {
        if mkdir(folder, 0o700) != 0, errno != EEXIST { throw Files.systemError(folder) }
        let name = String(digest.prefix(16)) + ".careplan"
        let partial = folder + "/." + name
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Files.systemError(partial) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                let error = Files.systemError(partial)
                close(descriptor)
                unlink(partial)
                throw error
            }
        }
        guard fsync(descriptor) == 0, close(descriptor) == 0, rename(partial, folder + "/" + name) == 0 else {
            let error = Files.systemError(partial)
            unlink(partial)
            throw error
        }
        return name
    }

    /// The campaigns that the plans which are still to be carried out were made for, by name. A plan of all campaigns
    /// names none.
    public func campaigns() -> Set<String> {
        Set(
            names().compactMap { name in
                // A file is named by its content: read once, it is known.
                if let campaign = campaignsKnown.withLock({ $0[name] }) { return campaign }
                guard let bytes = try? Files.read(folder + "/" + name, atMost: SavedPlanFile.maximumBytes),
                    let campaign = (try? SavedPlanFile(bytes))?.head.campaign
                else { return nil }
                campaignsKnown.withLock { $0[name] = campaign }
                return campaign
            })
    }

    /// When the first key of a plan falls due that was not carried out; nil: there is none. Of plans not read yet: now.
    public func nextDue(now: Timestamp) -> Timestamp? {
        names().compactMap { name in known.withLock { $0[name].map(\.nextDue) ?? now } }.min()
    }

    /// Carries out what is due of every plan.
    public func run(_ rules: RulesInForce, _ store: any CareStore, clock: DecisionClock) throws -> [Report] {
        var reports: [Report] = []
        let names = names()
        known.withLock { known in known = known.filter { names.contains($0.key) } }
        for name in names {
            var report = Report(name: name, summary: PlanApplier.Summary())
            guard var plan = try read(name, rules, store, &report.refusal) else {
                retire(name, as: "refused")
                reports.append(report)
                continue
            }
            let now = clock.decisionNow
            guard let next = plan.nextDue else {
                retire(name, as: "done")
                continue
            }
            if next <= now {
                report.summary = try carryOut(&plan, rules, store, clock)
                known.withLock { $0[name] = plan }
                let done = report.summary
                if done.appliedCount + done.held + done.refused + done.work.unreadable.count > 0 {
                    reports.append(report)
                }
            }
            if plan.nextDue == nil || now > plan.head.until.advanced(byMilliseconds: Self.afterlife) {
                retire(name, as: "done")
            }
        }
        return reports
    }

    private func carryOut(
        _ plan: inout Known, _ rules: RulesInForce, _ store: any CareStore, _ clock: DecisionClock
    ) throws -> PlanApplier.Summary {
        var summary = PlanApplier.Summary()
        let now = clock.decisionNow
        let due = plan.lines.filter { $1.contains { $0.at <= now } }.keys.sorted()
        for start in stride(from: 0, to: due.count, by: PlanApplier.batchSize) {
            let batch = due[start..<min(start + PlanApplier.batchSize, due.count)]
            try store.write { transaction in
                var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                var acts = 0
                for customer in batch {
                    let lines = (plan.lines[customer] ?? []).filter { $0.at <= now }
                    let isRead = try writer.passing(customer) { writer in
                        try PlanApplier.apply(
                            lines, customer: customer, since: plan.head.storeClock ?? plan.head.from, maximumActs: nil,
                            now: now, transaction, &writer, &acts, &summary)
                    }
                    if !isRead { summary.unreadable += lines.count }
                }
                try writer.finish()
                summary.work.unreadable += writer.summary.unreadable
            }
            // Each is looked at once: what was refused is listed once, and stays due.
            for customer in batch {
                plan.lines[customer]?.removeAll { $0.at <= now }
                if plan.lines[customer]?.isEmpty == true { plan.lines[customer] = nil }
            }
        }
        plan.nextDue = plan.lines.values.lazy.flatMap { $0.map(\.at) }.min()
        return summary
    }

    /// The plan of a file, from memory where it was read; nil with a reason: it is refused whole.
    private func read(
        _ name: String, _ rules: RulesInForce, _ store: any CareStore, _ refusal: inout String?
    ) throws -> Known? {
        if let plan = known.withLock({ $0[name] }) {
            if plan.head.fingerprint == rules.fingerprint { return plan }
            refusal = "other rules are in force than it was made with"
            return nil
        }
        let file: SavedPlanFile
        do {
            file = try SavedPlanFile(Files.read(folder + "/" + name, atMost: SavedPlanFile.maximumBytes))
        } catch {
            refusal = "it cannot be read"
            return nil
        }
        guard try store.read({ try $0.storeID }) == file.head.storeID else {
            refusal = "it is of another store"
            return nil
        }
        guard file.head.fingerprint == rules.fingerprint else {
            refusal = "other rules are in force than it was made with"
            return nil
        }
        let campaigns = rules.current.active.rules.campaigns
        let first = Dictionary(
            campaigns.filter(\.terms.needsApproval).map { ($0.identity, true) }, uniquingKeysWith: { left, _ in left })
        var plan = Known(head: file.head, lines: [:])
        try file.forEachCustomer { customer, lines in
            var steps: [String: String] = [:]
            let wanted = lines.filter { line in
                guard first[line.planned.key.campaign] != nil else { return false }
                let occurrence = CanonicalJSON.array(of: [line.planned.key.campaign, line.planned.key.occurrence])
                let step = steps[occurrence] ?? line.planned.key.step
                steps[occurrence] = step
                return step == line.planned.key.step
            }
            if !wanted.isEmpty { plan.lines[customer] = wanted }
        }
        plan.nextDue = plan.lines.values.lazy.flatMap { $0.map(\.at) }.min()
        known.withLock { $0[name] = plan }
        return plan
    }

    /// Takes a customer's lines out of every plan in the folder, those carried out and refused included.
    ///
    /// - Returns: how many lines. - Throws: ``FileReadError``; a file that is no plan is left as it is.
    public func erase(customer: String) throws -> Int {
        guard Files.isFolder(folder) else { return 0 }
        var count = 0
        for path in try Files.list(folder, suffix: "", depth: 0) where path.contains(".careplan") {
            let bytes = try Files.read(path, atMost: SavedPlanFile.maximumBytes)
            guard let (rest, erased) = try? SavedPlanFile(bytes).without(customer: customer), erased > 0 else {
                continue
            }
            try Files.replace(path, with: rest)
            let name = String(path.dropFirst(folder.count + 1))
            known.withLock { $0[name]?.lines[customer] = nil }
            count += erased
        }
        return count
    }

    /// A customer's lines in every plan in the folder, as they stand there.
    public func lines(of customer: String) throws -> [(plan: String, line: String)] {
        guard Files.isFolder(folder) else { return [] }
        var found: [(plan: String, line: String)] = []
        for path in try Files.list(folder, suffix: "", depth: 0) where path.contains(".careplan") {
            let name = String(path.dropFirst(folder.count + 1))
            let bytes = try Files.read(path, atMost: SavedPlanFile.maximumBytes)
            guard let plan = try? SavedPlanFile(bytes) else { continue }
            found += plan.text(of: customer).map { (name, $0) }
        }
        return found
    }

    private func names() -> [String] {
        guard Files.isFolder(folder), let paths = try? Files.list(folder, suffix: ".careplan", depth: 0) else {
            return []
        }
        return paths.map { String($0.dropFirst(folder.count + 1)) }
    }

    private func retire(_ name: String, as end: String) {
        known.withLock { $0[name] = nil }
        _ = rename(folder + "/" + name, folder + "/" + name + "." + end)
    }
}
