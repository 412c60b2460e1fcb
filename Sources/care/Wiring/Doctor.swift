import CareAPI
import CareDispatch
import CareEngine
import CareStore
import CareStoreSQLite
import CareThreads
import CareTransport
import CareValues
import Glibc

/// Looks at everything a running Care depends on; writes nothing.
struct Doctor {
    let workspace: Workspace
    let isQuick: Bool
    let isOffline: Bool

    /// Above this age what waits is warned about, in milliseconds: an hour.
    private static let oldMilliseconds: Int64 = 3_600_000
    /// How long a name may take to be looked up, in milliseconds.
    private static let lookupMilliseconds: Int64 = 5_000
    /// Below so many bytes free a store cannot be relied on.
    private static let leastBytes: Int64 = 100_000_000
    /// So many open files are enough for the busiest service.
    private static let enoughFiles = 4_096

    private var now: Timestamp { workspace.console.now() }
    private var time: TimeText { TimeText(zone: workspace.environment.timeZone) }

    /// All that was found.
    func report() -> DoctorReport {
        var report = DoctorReport()
        rules(&report)
        store(&report)
        zones(&report)
        destinations(&report)
        system(&report)
        certificate(&report)
        service(&report)
        return report
    }

    private func rules(_ report: inout DoctorReport) {
        do {
            let rules = try workspace.rules().rules
            report.add(.fine, "rules", counted(rules.campaigns.count, "campaign") + ", no mistakes")
        } catch let failure as DiagnosticsFailure {
            report.add(
                .fail, "rules",
                "\(counted(failure.diagnostics.count, "mistake")) in the rule files: they cannot be put in force. See: care check"
            )
        } catch let failure as CommandFailure {
            report.add(.fail, "rules", failure.message)
        } catch {
            report.add(.fail, "rules", "\(error)")
        }
    }

    private func store(_ report: inout DoctorReport) {
        guard workspace.hasStore else {
            return report.add(.warning, "store", "there is none yet at \(workspace.shownStore): care import makes it")
        }
        do {
            if isQuick {
                report.add(
                    .fine, "store", "opens; its pages were not read (--quick), SQLite \(SQLiteStore.engineVersion)")
            } else {
                let content = try StoreBackup.inspect(workspace.storePath)
                report.add(
                    .fine, "store",
                    "every page and index is whole, schema \(content.schema), \(counted(content.customers, "customer")), "
                        + "\(megabytes(content.bytes)), SQLite \(SQLiteStore.engineVersion)")
            }
            let store = try workspace.readableStore()
            try look(into: store, &report)
            if !isQuick {
                try customers(of: store, &report)
                try deliveries(of: store, &report)
            }
            try store.close()
        } catch let error as StoreError {
            report.add(
                .fail, "store", error.message + (error.code == .corrupt ? ". Restore a backup: care restore" : ""))
        } catch let failure as CommandFailure {
            report.add(.fail, "store", failure.message)
        } catch {
            report.add(.fail, "store", "\(error)")
        }
    }

    private func look(into store: SQLiteStore, _ report: inout DoctorReport) throws {
        try store.read { snapshot in
            if let clock = try snapshot.clock, clock > now {
                report.add(
                    .fail, "clock",
                    "the machine's is \(time.full(now)), behind the store's, \(time.full(clock)): nothing is decided until "
                        + "it has caught up. Set the machine's right")
            } else {
                report.add(
                    .fine, "clock", "\(time.full(now)) \(workspace.environment.timeZone.name), at or past the store's")
            }
            let counts = try snapshot.deliveryCounts()
            let names = Set(
                try snapshot.destinationQueues().filter { $0.state == .waiting || $0.state == .sending }.map(
                    \.destination))
            let oldest = try names.compactMap { try snapshot.oldestDecision(waitingFor: $0) }.min()
            let waiting = (counts[.waiting] ?? 0) + (counts[.sending] ?? 0)
            if let oldest, now.milliseconds(since: oldest) > Self.oldMilliseconds {
                report.add(
                    .warning, "outbox",
                    "\(counted(waiting, "delivery", "deliveries")) wait, the oldest since \(time.full(oldest)). "
                        + "See: care destinations list")
            } else {
                report.add(.fine, "outbox", waiting == 0 ? "nothing waits" : "\(grouped(waiting)) wait, none for long")
            }
            if let dead = counts[.dead], dead > 0 {
                report.add(
                    .warning, "dead letters",
                    "\(counted(dead, "delivery", "deliveries")) will not be tried again by itself. "
                        + "See: care deliveries list --state dead")
            }
            for (name, since, reason) in try snapshot.disabledDestinations() {
                let parked = try snapshot.destinationQueues().first { $0.destination == name && $0.state == .parked }
                report.add(
                    .fail, name,
                    "disabled since \(time.full(since)) (\(reason)); \(grouped(parked?.count ?? 0)) parked. Mend it, then: "
                        + "care destinations enable \(name)")
            }
            try unnamed(in: snapshot, &report)
            let unknown = try snapshot.zonesInUse().filter { workspace.zones.zone(named: $0) == nil }.sorted()
            if !unknown.isEmpty {
                report.add(
                    .warning, "zones in use",
                    "this machine does not know \(unknown.prefix(3).joined(separator: ", ")): the project's is used instead"
                )
            }
        }
    }

    /// What lies for destinations that `care.json` does not name: nothing delivers it.
    private func unnamed(in snapshot: any StoreSnapshot, _ report: inout DoctorReport) throws {
        let known = Set(workspace.environment.destinations.map(\.name))
        var waiting: [String: Int] = [:]
        var parked: [String: Int] = [:]
        for queue in try snapshot.destinationQueues() where !known.contains(queue.destination) && queue.count > 0 {
            switch queue.state {
            case .waiting, .sending: waiting[queue.destination, default: 0] += queue.count
            case .parked: parked[queue.destination, default: 0] += queue.count
            case .delivered, .dead, .cancelled: continue
            }
        }
        for name in Set(waiting.keys).union(parked.keys).sorted() {
            let parts = [
                waiting[name].map { counted($0, "delivery waits", "deliveries wait") },
                parked[name].map { counted($0, "delivery is parked", "deliveries are parked") },
            ]
            report.add(
                .warning, name,
                "care.json names no such destination; \(parts.compactMap(\.self).joined(separator: ", ")). "
                    + "Add it there, or: care deliveries cancel --destination \(name)")
        }
    }

    /// Who cannot be read. Named, unlike in the log: whoever asks here is to do something about them.
    private func customers(of store: SQLiteStore, _ report: inout DoctorReport) throws {
        let check: CustomerCheck
        do {
            check = try store.read { try CustomerCheck(in: $0, zones: workspace.zones) }
        } catch let error as EngineError {
            let failure = CommandFailure(engineError: error, zone: workspace.environment.timeZone, option: nil)
            return report.add(.fail, "customers", failure.message.replacing("; nothing was changed", with: ""))
        }
        guard check.count > 0 else { return }
        let named = check.named.map { "\($0.customer) (\($0.detail))" }.joined(separator: ", ")
        report.add(
            .fail, "customers",
            "\(counted(check.count, "customer")) cannot be read, and \(check.count == 1 ? "is" : "are") passed over: \(named)"
                + (check.count > check.named.count ? " …" : "")
                + ". Restore a backup, or care customers erase, readmit, and send again")
    }

    /// Deliveries that cannot be read: their ids may be what is damaged, so that they are only counted.
    private func deliveries(of store: SQLiteStore, _ report: inout DoctorReport) throws {
        let count = try store.read { try $0.unreadableDeliveries() }
        guard count > 0 else { return }
        report.add(
            .fail, "deliveries",
            "\(counted(count, "delivery", "deliveries")) cannot be read: dead when due, never sent, in no list, until pruned. "
                + "All others are sent as ever. Restore a backup, if they matter")
    }

    private func zones(_ report: inout DoctorReport) {
        let version = workspace.zones.version
        // The data's own name is a year and a letter; anything else stands for no data of the system's.
        let isOfSystem = workspace.zones.zone(named: "Europe/Paris") != nil
        report.add(
            isOfSystem ? .fine : .fail, "zones",
            isOfSystem
                ? "zone data \(version)" : "the system has no zone data. Install tzdata, or name its folder in TZDIR")
    }

    private func destinations(_ report: inout DoctorReport) {
        var fine: [String] = []
        for settings in workspace.environment.destinations {
            let destination: Destination
            do {
                destination = try workspace.destination(settings.name)
            } catch let failure as CommandFailure {
                report.add(
                    .fail, settings.name,
                    failure.message.replacing("; nothing was done", with: "") + ". " + (failure.help ?? ""))
                continue
            } catch {
                report.add(.fail, settings.name, "its templates have mistakes. See: care check")
                continue
            }
            if !isOffline, let host = destination.host, let trouble = lookUp(host) {
                report.add(.fail, settings.name, trouble)
                continue
            }
            fine.append(settings.name)
        }
        if !fine.isEmpty {
            report.add(
                .fine, "destinations",
                "\(fine.joined(separator: ", ")): secrets are there" + (isOffline ? "" : ", names resolve"))
        }
    }

    /// What is wrong with a host's name; nil: nothing.
    private func lookUp(_ host: String) -> String? {
        let answer = Monitor<[String]?>(nil)
        // Not joined: a hung resolver costs this thread, and the process is about to end.
        let worker = Worker {
            let addresses = Resolver.systemLookup(host)
            answer.update { $0 = addresses }
        }
        guard worker != nil else { return nil }
        guard let addresses = answer.wait(milliseconds: Self.lookupMilliseconds, until: { $0 }) else {
            return "the name \(host) was not answered for within 5 s: look at the system's resolver"
        }
        return addresses.isEmpty ? "the name \(host) does not resolve" : nil
    }

    private func system(_ report: inout DoctorReport) {
        let folder = Files.folder(of: workspace.storePath)
        var status = statvfs()
        if statvfs(folder, &status) == 0 {
            let free = Int64(status.f_bavail) * Int64(status.f_frsize)
            let size = Files.size(workspace.storePath) + Files.size(workspace.storePath + "-wal")
            let text = "\(megabytes(free)) free, the store takes \(megabytes(size))"
            if free < Self.leastBytes {
                report.add(.fail, "disk", text + ": writes will soon be refused. Make room")
            } else if free < size {
                report.add(.warning, "disk", text + ": a backup or a restore beside it does not fit. Make room")
            } else {
                report.add(.fine, "disk", text)
            }
        }
        let files = TransferLoop.descriptorLimit
        if files < Self.enoughFiles {
            report.add(
                .warning, "open files",
                "at most \(grouped(files)): a busy service wants \(grouped(Self.enoughFiles)). LimitNOFILE= in its unit, or "
                    + "ulimit -n")
        } else {
            report.add(.fine, "open files", "at most \(grouped(files))")
        }
    }

    private func certificate(_ report: inout DoctorReport) {
        guard workspace.environment.server.tls != nil else { return }
        do {
            guard let certificate = try workspace.serverTLS(orElse: "care serve would not start")?.certificate else {
                return
            }
            let days = certificate.days(from: now)
            let until = time.full(certificate.notAfter)
            if certificate.notAfter <= now {
                report.add(.fail, "certificate", "ended \(until): nobody can call. Renew it")
            } else if certificate.notBefore > now {
                report.add(
                    .fail, "certificate", "holds only from \(time.full(certificate.notBefore)) on: nobody can call")
            } else if days < ServerCertificate.fewDays {
                report.add(
                    .warning, "certificate",
                    "ends \(until), in \(counted(days, "day")). Renew it: a running service takes it up by itself")
            } else {
                report.add(.fine, "certificate", "until \(until), \(counted(days, "day")); its key fits")
            }
        } catch let failure as CommandFailure {
            report.add(.fail, "certificate", failure.message)
        } catch {
            report.add(.fail, "certificate", "\(error)")
        }
    }

    private func service(_ report: inout DoctorReport) {
        guard let heartbeat = HeartbeatFile(storePath: workspace.storePath).read() else {
            return report.add(.fine, "service", "care serve is not running")
        }
        let state = HealthState(heartbeat: heartbeat, now: now)
        let text = state.text(time)
        let words = text.split(separator: " ", maxSplits: 1).last.map { String($0).drop { $0 == " " } } ?? ""
        report.add(state.isHealthy ? .fine : .fail, "service", String(words))
    }
}
